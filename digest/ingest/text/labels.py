"""What publishers write around an abstract: labelled lines, citation lines and link words.

`read_labels` takes them off and hands back what they say, for where the feed has no field for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from digest.ingest.text.citations import is_citation

HEAD_CHARS = 400  # within which a line may begin with a citation
_ABSTRACT_WORDS = (
    r"(?:graphical\s+|structured\s+|short\s+|plain\s+)?abstract|summary|résumé|resumen|resumo"
    r"|riassunto|streszczenie|öz(?:et)?|samenvatting|sammanfattning|zusammenfassung"
    r"|аннотация|реферат|анотація|摘\s*要|内容提要|抄録|要旨|概要|요약|초록"
)
# Where a full stop stands behind the word it is capitalised, as at no sentence's beginning.
_STOPPED_ABSTRACT = re.compile(
    r"^(?:R[Éé]SUM[Éé]|Résumé|RESUMEN|Resumen|RESUMO|Resumo|Riassunto|RIASSUNTO|Streszczenie"
    r"|STRESZCZENIE|Samenvatting|Sammanfattning|Zusammenfassung|ZUSAMMENFASSUNG|Özet|ÖZET|Öz|ÖZ"
    r"|Аннотация|АННОТАЦИЯ|Реферат|РЕФЕРАТ|Анотація)\s*[.—–-]+\s*(?=\S)"
)
# The same words before a sentence, in languages in which none begins with such a word.
_GLUED_WORDS = re.compile(
    r"^(?:Résumé|Resumen|Resumo|Riassunto|Streszczenie|Samenvatting|Sammanfattning|Zusammenfassung"
    r"|Özet|Аннотация|Реферат)\s+(?=[A-ZÀ-ÞА-Я])"
)
# Kinds of labels, each as its words stand at the beginning of a line, before a colon.
_LABELS = {
    "authors": r"author(?:s|\(s\))?|by|creators?|autor(?:es|en)?|auteurs?|作\s*者|著者",
    "doi": r"doi(?:\s+link)?",
    "date": (
        r"publication\s+date|date\s+published|published(?:\s+(?:online|on))?|publ?\.\s+date"
        r"|online\s+date"
        r"|date|posted(?:\s+on)?|available\s+online|first\s+published|发表时间|发布日期|出版日期|日\s*期"
    ),
    "abstract": _ABSTRACT_WORDS,
    "other": (
        r"source|journal|publication(?:\s+title)?|volume(?:/issue)?|issue|pages?|issn|e-?issn"
        r"|publisher|copyright"
        r"|keywords?|key\s*words|categories|subjects?|tags|comments?|pmid|pmcid|url|link|pdf"
        r"|html|cite\s+as"
        r"|citation|document\s+type|article\s+type|type|license|section|handle|file|number"
        r"|series|language"
        r"|jel(?:\s+(?:codes?|classification))?|received|accepted|revised|editors?|isbn|来\s*源"
        r"|刊\s*名|期\s*刊|关\s*键\s*词|キーワード"
    ),
}
_ANY = "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items())
_LABEL = re.compile(
    rf"(?:^|(?<=[\s.;|,)\]】]))(?P<open>[【\[<〈])?(?:{_ANY})(?(open)[】\]>〉]\s*[:：]?|\s*[:：])\s*",
    re.IGNORECASE,
)
_STARTERS = (
    "We|The|This|These|In|A|An|Here|Our|It|To|For|With|As|By|On|Many|Most|Recent|Despite|While"
    "|Although|There"
    "|Background|Objectives?|Aims?|Purpose|Introduction|Motivation|Context|Importance|Methods?"
    "|Problem|Results?"
)
# "Abstract" without a colon: alone on its line, or glued to a sentence.
_BARE_ABSTRACT = re.compile(rf"^(?:{_ABSTRACT_WORDS})\s*[.:：—–-]*\s*$", re.IGNORECASE)
_GLUED_ABSTRACT = re.compile(
    rf"^(?:(?:Graphical )?(?:Abstract|ABSTRACT)|(?:Summary|SUMMARY))(?:\s*[.—–-]+\s*"
    rf"|\s+(?=(?:{_STARTERS})\b)|(?=(?:{_STARTERS})\s))"
)
_LINK_WORDS = re.compile(
    r"(?:(?:(?:view|read|download|open|get)?\s*(?:the\s+)?(?:full[\s-]?text|html|xml|pdf|epub"
    r"|article|paper|abstract"
    r"|supplementary(?:\s+(?:material|data))?|pubmed|more|online|link|source|code|bibtex|permalink)"
    r"(?:\s+(?:html|pdf|xml|article|online|here))?)[\s|,/·•\[\]()→»>.-]*)+|continue reading.*"
    r"|share (?:this|on).*"
    r"|(?:\[?(?:pdf|html|abs|(?:\d+ )?comments?|link)\]?\s*)+|submitted\s*by.{0,80}",
    re.IGNORECASE,
)
# A line that is an address alone, as search alerts have one below each text.
_ADDRESS = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?:/\S*)?", re.IGNORECASE)
# What stands where there is no abstract.
_NOTHING = re.compile(
    r"(?:there\s+is\s+)?no\s+(?:abstract|summary|description)\b.{0,50}"
    r"|(?:the\s+)?(?:abstract|summary|description|full\s+text)\s+(?:is\s+|was\s+)?(?:not\s+|un)?"
    r"(?:available|provided|given|supplied)\b.{0,50}|(?:please\s+)?click\s+here\b.{0,80}",
    re.IGNORECASE,
)
_LINKS = (_LINK_WORDS, _ADDRESS, _NOTHING)
_CLOSING = re.compile(
    r"\s*(?:this article is protected by copyright\.?(?:\s*all rights reserved\.?)?"
    r"|this is an open[- ]access article\b.{0,250}"
    r"|all rights reserved\.?|\[(?:show|view|see)\s+(?:full\s+)?(?:abstract|more|text)\]"
    r"|(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:19"
    r"|20)\d\d[^.]{0,120}\.?(?:\s*all rights reserved\.?)?|the post .{1,300} (?:first appeared"
    r"|appeared first) on .{1,100}"
    r"|(?:(?:©|\(c\))\s*(?:19|20)\d\d[^.]{0,80}\.\s+[^.]{0,80}\s)?"
    r"published by (?:[A-Z][\w&.]*,? ?){1,6}"
    r"|(?:key\s?words|index terms|palabras clave|palavras-chave|mots[- ]cl[ée]s"
    r"|parole chiave|schl(?:ü|ue)sselw(?:ö|oe)rter|ключевые слова|słowa kluczowe"
    r"|anahtar kelimeler)\s*[:：.—–-][^.!?。]{3,300}[.。]?"
    r"|[【\[]?(?:关\s*键\s*词|キーワード)[】\]]?\s*[:：]?[^.!?。]{2,200}[.。]?|(?:https?://)?(?:dx\.)?doi\.org/10\.\S+|doi:\s*10\.\S+)\s*$",
    re.IGNORECASE,
)
_CHINESE_MARK = re.compile(r"^<正>\s*[~～]*\s*")  # "the text begins", as CNKI marks it
# "by Ada Lunt, Bo van der Karr": names and no sentence.
_BYLINE = re.compile(
    r"by\s+(?:[A-ZÀ-Þ][\w.'’-]*|v[ao]n|de[rnls]?|d[aiou]s?|al|el|and|et|[,;&])(?:[\s,;]+"
    r"(?:[A-ZÀ-Þ][\w.'’-]*|v[ao]n|de[rnls]?|d[aiou]s?|al|el|and|et|&))*[,;]?",
)
_NOTICE = re.compile(
    r"^(?:©|\(c\)\s*\d|copyright\b|all rights reserved|to cite this article"
    r"|the content of this rss)",
    re.IGNORECASE,
)
# "SignificanceRobots are slow. AbstractWe show": headings that lost the space behind them.
_LOST_SPACE = re.compile(r"\b(Abstract|Significance|Summary)(?=[A-Z][a-z]*\s)")


@dataclass
class Said:
    """What the labels of a text say, and the lines that are left."""

    lines: list[str] = field(default_factory=list)
    authors: str = ""
    doi: str = ""
    date: str = ""
    is_labelled: bool = False  # a label says that what is left is the abstract

    def keep_first(self, kind: str, value: str) -> None:
        if kind in ("authors", "doi", "date") and not getattr(self, kind):
            setattr(self, kind, value.strip(" .;|"))


# "ABSTRACT We show … RESUMO Mostramos …" on one line: the same text in another language.
_LANGUAGES = re.compile(
    r"(?:(?<=[.!?])\s+|^)(ABSTRACT|RESUMO|RESUMEN|R[ÉE]SUM[ÉE]|ZUSAMMENFASSUNG|RIASSUNTO)\b"
    r"[.:\s—–-]*(?=[A-ZÀ-Þ])"
)


def choose_language(line: str) -> str:
    """The English text of a line that says the same in several languages, each behind its label.

    >>> choose_language("RESUMO Nós mostramos. ABSTRACT We show it.")
    'We show it.'
    """
    head, *parts = _LANGUAGES.split(line)
    texts = dict(zip(parts[0::2], parts[1::2], strict=True))
    others = texts.keys() - {"ABSTRACT"}
    if others and "ABSTRACT" in texts:
        return texts["ABSTRACT"]
    return head if others and len(head.split()) > _SENTENCE_WORDS else line


def read_labels(lines: list[str]) -> Said:
    """Take labelled lines and link words off; what follows the label of an abstract is kept."""
    said = Said()
    for line in lines:
        if _BARE_ABSTRACT.match(line):
            said.is_labelled, said.lines = True, []  # what stood before it is no abstract
        elif not any(words.fullmatch(line) for words in _LINKS) and not _NOTICE.match(line):
            _read_line(line, said)
    return said


def _read_line(line: str, said: Said) -> None:
    line = _CHINESE_MARK.sub("", _read_glued_headings(choose_language(line), said))
    if _BYLINE.fullmatch(line):
        said.keep_first("authors", line[3:])
        return
    first = _LABEL.match(line)
    if glued := _match_glued_abstract(line):
        said.is_labelled, said.lines = True, []
        said.lines.append(line[glued.end() :])
        return
    if not first and not _begins_list(line):
        said.lines.append(line)
        return
    at, kind, words = 0, "", ""
    for found in _find_labels(line):
        _keep_part(line[at : found.start()], kind, words, said)
        at, kind, words = found.end(), found.lastgroup or "", found[0]
        if kind == "abstract":
            said.is_labelled, said.lines = True, []
            said.lines.append(line[at:])
            return
    _keep_part(line[at:], kind, words, said)


def _begins_list(line: str) -> bool:
    """Whether labels follow one another from the first words of a line on."""
    places = [(found.start(), found.lastgroup) for found in _find_labels(line[:HEAD_CHARS])]
    return bool(places) and places[0][0] < 120 and (len(places) > 1 or places[0][1] == "abstract")


def _find_labels(line: str) -> list[re.Match[str]]:
    """The labels of a line; within it they begin with a capital, as no word of a sentence does."""
    labels = _LABEL.finditer(line)
    return [one for one in labels if not one.start() or not one[0].lstrip("【[<〈")[:1].islower()]


def _read_glued_headings(line: str, said: Said) -> str:
    head, *parts = _LOST_SPACE.split(line)
    if not parts:
        return line
    for heading, part in zip(parts[0::2], parts[1::2], strict=True):
        if heading != "Significance":
            said.is_labelled, said.lines = True, []
            return part
        head += part
    return head


def _match_glued_abstract(line: str) -> re.Match[str] | None:
    """The word for an abstract right before its first sentence."""
    rules = (_GLUED_ABSTRACT, _STOPPED_ABSTRACT, _GLUED_WORDS)
    return next(filter(None, (rule.match(line) for rule in rules)), None)


# What ends the value of a label that has a short one, when a sentence follows on the same line.
_SHORT_VALUED = re.compile(
    r"\W*(?:doi|(?:article |document )?type|section|language|journal|volume|issue|pages?|issn)\b",
    re.IGNORECASE,
)
_VALUE_END = re.compile(r"(?:^\s*10\.\S+|[;.])\s+(?=[A-ZÀ-Þ])")
_SENTENCE_WORDS = 8


def _keep_part(part: str, kind: str, label: str, said: Said) -> None:
    if kind and _SHORT_VALUED.match(label) and (end := _VALUE_END.search(part)):
        rest = part[end.end() :].strip()
        if len(rest.split()) >= _SENTENCE_WORDS and rest[-1] in ".!?" and not is_citation(rest):
            said.lines.append(rest)
            part = part[: end.end()]
    if kind:
        said.keep_first(kind, part)
    elif part.strip():
        said.lines.append(part.strip())


def drop_closing(text: str) -> str:
    """The text without the notices that publishers put at its end."""
    for _ in range(3):
        text, count = _CLOSING.subn("", text)
        if not count:
            break
    return text
