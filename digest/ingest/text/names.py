"""Names of people and groups out of the fields of feeds, each as it is said: given name first.

    "Lunt, Ada; Karr, Bo"   "Lunt, A., Karr, B."   "Lunt A, Karr B, et al."   "Ada Lunt and OpenAI"

Two parsers of names were tried: nameparser makes one person of a group, and neither parts a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.ingest.text.clean import AUTHORS, NAME_CHARS, clean_html, clean_tex

FIELD_CHARS = 20_000
_MAIL = re.compile(r"\s*\(?\s*mailto:.*$|\s*[(<][^()<>]*@[^()<>]*[)>]|\b[\w.+-]+@[\w-]+\.[\w.]+")
# ada@lab.example.org (Ada Lunt), bo@lab.example.org (Bo Karr)
_MAIL_WITH_NAME = re.compile(r"\b[\w.+-]+@[\w.-]+\s*\(([^()@]+)\)")
_ADDRESS = re.compile(r"\s*[(\[]?\b(?:https?://|orcid\.org/)[^\s()\[\]]+[)\]]?", re.IGNORECASE)
_IN_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_LABEL = re.compile(
    r"^\s*(?:by|authors?(?:\(s\))?|creators?|作者)\s*[:：]\s*|^by\s+(?=[A-ZÀ-Þ])", re.IGNORECASE
)
_LIST_MARKS = re.compile(
    r"\s*(?:;|；|؛|\||、|，|،|\n|•|·(?=\s)|(?<=[가-힣])[·ㆍ](?=[가-힣]))\s*"
    r"|\s+(?:and|und|et(?! al)|y|og|och|ve|и|та|&)\s+(?=[^\W\d_])"
    r"|\s+(?=on\s+behalf\s+of\s)"
)
_ET_AL = re.compile(
    r"[\s,;…]*(?:\bet\.?\s*al\b\.?|\band\s+others\b"
    r"|(?:\band\s+|\+\s*|\b)\d+\s+(?:others\b|more\b(?:\s+authors?)?|(?:co-?)?authors\b)"
    r"|\bu\.\s?a\.$|,?\s*等$|…|\.\.\.)\s*",
    re.IGNORECASE,
)
# What stands for a name where there is none.
_NOBODY = re.compile(
    r"(?:unknown(?:\s+authors?)?|anonymous(?:\s+authors?)?|anon\.?|n\.?\s?/?a\.?|none|null|undefined|nan"
    r"|no\s+authors?(?:\s+(?:listed|given))?|author(?:s|\(s\))?|not\s+available|admin(?:istrator)?"
    r"|(?:the\s+)?editors?|editorial(?:\s+(?:board|office|staff|team))?|webmaster|staff|various|various\s+authors|tba|tbd|-+|\?+|\.+|et\.?\s*al\.?|佚名|匿名)",
    re.IGNORECASE,
)
_NAMESAKE = re.compile(r"\s+0\d{3}$")  # dblp's number for people of one name
# They point to affiliations and notes.
_MARKS = re.compile(
    r"\s*(?:[*†‡§¶#∗✉]|[⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁻]+|\^\([^()]*\)|\^\w|(?<=[^\W\d_])\d(?:,\d)*\b)"
)
_INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-ÞА-Я]\.?[\s-]?(?:[a-z]\.)?){1,5}")
_BARE_INITIALS = re.compile(
    r"[A-ZÀ-ÖØ-Þ](?:-?[A-ZÀ-ÖØ-Þ]){0,2}|[A-ZÀ-ÖØ-ÞЁА-ЯІЇЄ](?:\.-?[A-ZÀ-ÖØ-ÞЁА-ЯІЇЄ]){0,2}"
)
_STOPPED = re.compile(r"[A-ZÀ-ÖØ-ÞЁА-ЯІЇЄ]\.(?:-?[A-ZÀ-ÖØ-ÞЁА-ЯІЇЄ]\.)*")
_ON_BEHALF = re.compile(r"^(?:on\s+behalf\s+of\s+(?:the\s+)?|for\s+the\s+)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?", re.IGNORECASE)
_TITLE = re.compile(r"^(?:(?:Prof|Dr|Mrs?|Ms)\b\.?\s+)+(?=[^\W\d_])")
_DEGREE = re.compile(r"(?:Ph\.?\s?D|M\.?\s?D|M\.?Sc|B\.?Sc|FRS|RN|MPH|Dr|Prof)\.?", re.IGNORECASE)
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_GROUP = re.compile(
    r"\b(?:consorti(?:um|a)|collaborations?|group|team|initiative|network|committee|society|project"
    r"|institut\w*|universit\w*|laborator\w*|labs?|program(?:me)?|association|investigators|alliance"
    r"|foundation|council|agency|organi[sz]ation|inc|ltd|for|of)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        "al",
        "bin",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "le",
        "ten",
        "ter",
        "van",
        "von",
        "zu",
    ]
)
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]|^[A-Z\d]{3,}$|\d")


def list_names(fields: Iterable[str]) -> tuple[str, ...]:
    """The names in one or more fields, each once; nobody for what stands where no name is known."""
    texts = [_clean_field(field) for field in fields]
    parts = [[part for part in _LIST_MARKS.split(text) if part] for text in texts]
    pieces = [_split_commas(part) for several in parts for part in several]
    is_one_each = len(pieces) > 1 and all(len(one) == 2 for one in pieces)
    names = [name for one in pieces for name in _read_pieces(one, is_one_each=is_one_each)]
    names = [_TITLE.sub("", _ON_BEHALF.sub("", _NAMESAKE.sub("", name))) for name in names]
    cleaned = [clean_tex(name, NAME_CHARS).strip(" ,;.") + _keep_stop(name) for name in names]
    shown = _put_given_first(_put_initials_first([name for name in cleaned if _is_name(name)]))
    return tuple(dict.fromkeys(shown))[:AUTHORS]


def _clean_field(field: str) -> str:
    text = clean_html(field.replace("\n", " ").strip(), FIELD_CHARS)
    text = _MAIL_WITH_NAME.sub(r"\1", text)
    text = _MARKS.sub("", _MAIL.sub("", _ADDRESS.sub("", text))).strip()
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1]  # jane@lab.example.org (Jane Doe)
    for _ in range(3):  # affiliations nest: (Institute (Paris))
        text = _IN_PARENTHESES.sub("", text)
    return _ET_AL.sub(" ; ", _LABEL.sub("", text)).strip(" ;,")


def _keep_stop(name: str) -> str:
    """The stop of an initial or of "Jr." belongs to the name."""
    return "." if re.search(r"(?:\b[^\W\d_]|[JS]r)\.\s*$", name) else ""


def _is_name(name: str) -> bool:
    return any(map(str.isalpha, name)) and not _NOBODY.fullmatch(name) and "://" not in name


def _split_commas(text: str) -> list[str]:
    """What stands between the commas; "Jr." stays with the name before it, degrees go."""
    joined: list[str] = []
    for piece in filter(None, map(str.strip, text.split(","))):
        if joined and _SUFFIX.fullmatch(piece):
            joined[-1] = f"{joined[-1]}, {piece}"
        elif not (joined and _DEGREE.fullmatch(piece)):
            joined.append(piece)
    return joined


def _read_pieces(pieces: list[str], *, is_one_each: bool) -> list[str]:
    """The names that commas part, or turn around."""
    if len(pieces) > 1 and (pairs := _pair_pieces(pieces, is_one_each=is_one_each)):
        return [_join_name(given, family) for family, given in pairs]
    return pieces


def _join_name(given: str, family: str) -> str:
    """ "Jane, Jr." and "Doe" as Jane Doe, Jr."""
    head, comma, suffix = given.rpartition(", ")
    return f"{head} {family}, {suffix}" if comma else f"{given} {family}"


def _pair_pieces(pieces: list[str], *, is_one_each: bool) -> list[tuple[str, str]]:
    """Family and given names, where the pieces are these in turn; nothing where each is a name."""
    families, given = pieces[0::2], pieces[1::2]
    if len(families) != len(given) or any(map(_GROUP.search, pieces)):
        return []
    pairs = list(zip(families, given, strict=True))
    if all(map(_INITIALS.fullmatch, given)):
        return pairs
    if len(pairs) == 1:
        return pairs if is_one_each or _is_turned(*pairs[0]) else []
    # "Lunt, Ada, Karr, Bo": no piece has two words, or each family name begins with a particle.
    is_turned = all(_is_turned(*pair) for pair in pairs)
    return (
        pairs if is_turned and all(" " not in one or _has_particle(one) for one in families) else []
    )


def _is_turned(family: str, given: str) -> bool:
    """Whether "Lunt, Ada" is one person: no two whole names, and no name of a company."""
    if _EAST_ASIAN.search(given):
        return False
    if _INNER_CAPITAL.search(given) or _INNER_CAPITAL.search(family.replace("Mc", "")):
        return False
    if " " not in family or _has_particle(family):
        return _count_words(given) <= 3
    return " " not in given and _count_words(family) == 2


def _has_particle(name: str) -> bool:
    return name.split(" ")[0].casefold() in _PARTICLES


def _count_words(text: str) -> int:
    return len(text.split())


def _put_initials_first(names: list[str]) -> list[str]:
    """Turn "Lunt A" around, in a list whose names are all written so."""
    stopped = [name.endswith(".") for name in names]
    is_lone = len(names) > 1 and names[-1].count(".") == 1  # no A.B.
    if is_lone and stopped[-1] and not any("." in name for name in names[:-1]):
        names = [*names[:-1], names[-1].rstrip(".")]  # "Lunt A, Karr B."
    turned = [_turn_initials(name) for name in names]
    if names and sum(one != other for one, other in zip(names, turned, strict=True)) * 3 >= 2 * len(
        names
    ):
        return turned
    return names


# "LUNT Ada": the family name before the given one, as its capitals say.
_FAMILY_IN_CAPITALS = re.compile(
    r"((?:(?:d[aei]|van|von)\s+)?[A-ZÀ-ÖØ-Þ'’-]{2,})\s+([A-ZÀ-ÖØ-Þ][a-zß-ÿ][\w'’-]*(?:\s\w+\.?)?)"
)


def _put_given_first(names: list[str]) -> list[str]:
    """Turn "LUNT Ada, KARR Bo" around: every name of the list must be written so."""
    turned = [_FAMILY_IN_CAPITALS.fullmatch(name) for name in names]
    if len(names) < 2 or not all(turned) or any(map(_GROUP.search, names)):
        return names
    return [f"{name[2]} {name[1]}" for name in turned if name]


def _turn_initials(name: str) -> str:
    """ "Lunt AB" and "Lunt A." as A. B. Lunt would be: the initials come first."""
    words = name.split()
    count = 1
    while count < len(words) - 1 and _STOPPED.fullmatch(words[-count - 1]) and name.endswith("."):
        count += 1  # Lunt A. B.
    family, initials = words[:-count], words[-count:]
    last = initials[-1].rstrip(".")
    is_short = len(last) == 1 or "-" in last or (len(last) > 1 and last[-1] not in "AEIOU")
    if not family or not _BARE_INITIALS.fullmatch(last) or not is_short or _SUFFIX.fullmatch(last):
        return name
    if _GROUP.search(name) or family[-1].isupper() or _STOPPED.fullmatch(family[-1]):
        return name
    return " ".join((*initials, *family))
