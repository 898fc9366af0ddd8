"""One paper of a digest set the plain way: each text searched, wrapped and marked by itself.

What the project's cards must equal to the byte. Nothing here is kept, cut into layers or shared
with digest/render but the words themselves, such as a byline.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe

from digest import english
from digest.compose.features import KINDS_OF_PAPER, list_phrases
from digest.models import DigestItem, Paper, Section
from digest.render import excerpt, paper_lines, text_width
from digest.render.card import LABELS, PERHAPS_SEEN, Size
from digest.render.paper_card import MARK, MUTE_CHARS, SHORT_TITLE_CHARS
from digest.render.paper_references import LINE_WIDTH, MARGIN
from digest.render.paper_texts import SENTENCE_END
from digest.score import explain
from subscribers.topics.capitals import list_capitals
from subscribers.topics.words import normal_form, read_words

LIMIT, LINE_CHARS, TEXT_WIDTH = 330, 90, 72
Span = tuple[int, int]


# -- looking for words -----------------------------------------------------------------------------


def find_words(text: str, words: Sequence[str]) -> list[tuple[Span, str]]:
    """At each word of the text every phrase is compared, and the longest taken."""
    phrases = {word: phrase for word in words if (phrase := read_phrase(word))}
    read, spans, i = read_words(text), list[tuple[Span, str]](), 0
    while i < len(read.folded):
        here = [word for word, phrase in phrases.items() if is_phrase_at(phrase, text, i)]
        if not here:
            i += 1
            continue
        longest = max(here, key=lambda word: len(phrases[word]))
        end = i + len(phrases[longest])
        spans.append(((read.spans[i][0], read.spans[end - 1][1]), longest))
        i = end
    return spans


def read_phrase(phrase: str) -> list[tuple[str, str]]:
    read = read_words(phrase)
    return [(word, list_capitals(read.spell(i, i))) for i, word in enumerate(read.folded)]


def is_phrase_at(phrase: list[tuple[str, str]], text: str, i: int) -> bool:
    read = read_words(text)
    if [word for word, _ in phrase] != read.folded[i : i + len(phrase)]:
        return False
    return all(
        not letters or list_capitals(read.spell(i + k, i + k)) == letters
        for k, (_, letters) in enumerate(phrase)
    )


def find_with_room(text: str, words: Sequence[str], room: int) -> list[tuple[Span, str]]:
    spans = [
        (excerpt._take_whole_word(text, *span), word) for span, word in find_words(text, words)
    ]
    return [((first, last), word) for (first, last), word in spans if last - first < room]


# -- the excerpt -----------------------------------------------------------------------------------


def summarize(paper: Paper, words: Sequence[str], terms: list[list[str]]) -> tuple[str, str]:
    title, text = paper.title, paper.abstract
    shown = {normal_form(word) for word in words if find_words(title, [word])}
    if not paper.summary:
        cut = cut_excerpt(text, [w for w in words if normal_form(w) not in shown])
        missing = list_missing(text, terms, title)
        if any(not find_words(cut, term) for term in missing):
            return "", excerpt.join_passages(text, missing, LIMIT) or cut
        return "", cut
    summary = cut_excerpt(paper.summary, words)
    missing = list_missing(text, terms, title, summary)
    if apart := excerpt.join_passages(text, missing, LIMIT * 2 // 3):
        return summary, apart
    if not words or any(find_words(said, words) for said in (title, summary)):
        return summary, ""
    sentences = [s for s in SENTENCE_END.split(text.strip()) if find_words(s, words)]
    return summary, cut_around(sentences[0] if sentences else "", words, LIMIT * 2 // 3)


def list_missing(text: str, terms: list[list[str]], *shown: str) -> list[list[str]]:
    unshown = [term for term in terms if not any(find_words(said, term) for said in shown)]
    return [term for term in unshown if find_words(text, term)][: excerpt.MOST_PIECES]


def cut_excerpt(text: str, words: Sequence[str]) -> str:
    sentences = SENTENCE_END.split(text.strip())
    best, most = "", -1
    for first in range(len(sentences)):
        kept = [sentences[first]]
        for sentence in sentences[first + 1 :]:
            if len(" ".join([*kept, sentence])) > LIMIT:
                break
            kept.append(sentence)
        held = {word for s in kept for _, word in find_with_room(s, words, LIMIT - 2)}
        if len(held) > most:
            cut = cut_around(" ".join(kept), words, LIMIT)
            best = f"… {cut}" if first and not cut.startswith("…") else cut
            most = len(held)
    return best


def cut_around(text: str, words: Sequence[str], limit: int) -> str:
    """At most `limit` characters of the text, with the first found words among them."""
    places = find_with_room(text, words, limit - 2) if len(text) > limit else []
    start, (first, last) = 0, places[0][0] if places else (0, 0)
    if last >= limit:
        start = text.rfind(" ", 0, max(0, first - limit // 3)) + 1
        if last - start > limit - 3:
            start = first
    limit -= 2 if start else 0
    end = start + excerpt._cut_length(text[start:], limit, last - start)
    return f"{'… ' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


# -- lines -----------------------------------------------------------------------------------------


def mark_lines(text: str, words: Sequence[str] = ()) -> str:
    breakable = paper_lines._LONG_WORD.sub(rf"\g<0>{paper_lines._BREAK}", text)
    lines = fill(breakable, LINE_CHARS, break_long_words=False, break_on_hyphens=False)
    spans = [span for span, _ in find_words(lines, words)]
    marked = paper_lines.mark_places(lines, spans).replace(paper_lines._BREAK, "<wbr\n>")
    return mark_safe(marked.replace("<mark>", MARK))


def wrap(text: str) -> str:
    lines, line = list[str](), ""
    for word in text.split():
        if line and text_width.measure_width(f"{line} {word}") <= TEXT_WIDTH - len(MARGIN):
            line = f"{line} {word}"
            continue
        lines.append(line)
        while text_width.measure_width(word) > TEXT_WIDTH - len(MARGIN):
            head = text_width.cut_to_width(word, TEXT_WIDTH - len(MARGIN)) or word[:1]
            lines.append(head)
            word = word[len(head) :]
        line = word
    return "\n".join(f"{MARGIN}{line}" for line in [*lines, line] if line)


# -- the entries -----------------------------------------------------------------------------------


def make_html_entry(
    paper: Paper, item: DigestItem, size: Size = Size.FULL, place: str = "1"
) -> dict[str, Any]:
    """What the HTML template shows of a paper; what a size leaves out is empty."""
    words = paper_lines.list_reason_words(item.reasons)
    entry = make_context(paper, item) | {"place": place, "mute": offer_mute(paper, words)}
    title = paper.title if size else text_width.shorten_to_width(paper.title, SHORT_TITLE_CHARS)
    terms = excerpt.list_terms_together(item.reasons)
    summary, cut = summarize(paper, words, terms) if size is Size.FULL else ("", "")
    marked = {"title": title, "byline": entry["byline"], "summary": summary, "excerpt": cut}
    entry |= {name: mark_lines(text, words) for name, text in marked.items()}
    entry |= {name: mark_lines(entry[name]) for name in ("reasons", "meta", "evidence")}
    return entry if size else entry | dict.fromkeys(("byline", "abstract_url", "topics_label"), "")


def make_text_entry(
    paper: Paper, item: DigestItem, numbers: Sequence[str], numeral: str
) -> dict[str, Any]:
    """The same for the text template: every paragraph wrapped beside the numeral."""
    words = paper_lines.list_reason_words(item.reasons)
    shared = make_context(paper, item)
    summary, cut = summarize(paper, words, excerpt.list_terms_together(item.reasons))
    colon = " " if item.section is Section.NEAR else ": "
    said = colon.join(filter(None, [shared["topics_label"], shared["reasons"]]))
    paragraphs = {
        "byline": shared["byline"],
        "summary": f"In short: {summary}" if summary else "",
        "excerpt": f"From the abstract: {cut}" if summary and cut else cut,
        "meta": " · ".join(filter(None, [shared["meta"], shared["evidence"]])),
        "reasons": " · ".join(filter(None, [shared["label"], said])),
    }
    labels = zip(list_links(paper, ""), numbers, strict=False)
    return {name: wrap(text) for name, text in paragraphs.items()} | {
        "numeral": numeral,
        "title": wrap(paper.title).removeprefix(MARGIN),
        "links": " · ".join(f"{label} [{number}]" for label, number in labels),
    }


def list_footnotes(paper: Paper, feedback_url: str, numbers: Sequence[str]) -> list[dict[str, str]]:
    urls = list_links(paper, feedback_url).values()
    return [{"number": n, "url": url} for url, n in zip(urls, numbers, strict=False)]


def make_contents_line(paper: Paper, place: int) -> dict[str, str]:
    title = text_width.shorten_to_width(paper.title, LINE_WIDTH)
    wrapped = wrap(title).removeprefix(MARGIN)
    return {"place": f"{place}", "numeral": f"{place:>2}", "title": title, "wrapped": wrapped}


def make_context(paper: Paper, item: DigestItem) -> dict[str, Any]:
    words = paper_lines.list_reason_words(item.reasons)
    category = paper_lines.describe_categories(paper, words)
    day = english.day_in_words(paper.published_at, paper.first_seen_at)
    seen_now = explain.describe_evidence(paper.popularity) if item.evidence is None else ""
    return make_addresses(paper) | {
        "byline": paper_lines.write_byline(paper, words),
        "evidence": seen_now if item.evidence is None else item.evidence,
        "meta": " · ".join(filter(None, [category, day])),
        "label": str(LABELS.get(item.section, PERHAPS_SEEN if item.perhaps_seen else "")),
        **explain_choice(item),
    }


def explain_choice(item: DigestItem) -> dict[str, str]:
    if item.section is Section.NEAR:
        near = paper_lines.describe_nearness(item.reasons)
        return {"topics_label": "Like the finds of", "reasons": near}
    return {
        "topics_label": paper_lines.label_topics(len(item.reasons)),
        "reasons": paper_lines.describe_reasons(item.reasons),
    }


def make_addresses(paper: Paper) -> dict[str, str]:
    page_url = settings.SITE_URL + reverse("digest:paper", args=[paper.identifier])
    abstract_url = paper_lines.clean_web_url(paper.url)
    return {
        "pk": str(paper.pk),
        "title_url": abstract_url or page_url,
        "abstract_url": abstract_url,
        "pdf_url": paper_lines.clean_web_url(paper_lines.make_pdf_url(paper)),
        "code_url": paper_lines.clean_web_url(paper.code_url),
        "stars": english.stars_in_words(paper.code_stars),
        "page_url": page_url,
    }


def list_links(paper: Paper, feedback_url: str) -> dict[str, str]:
    to, stars = make_addresses(paper), english.stars_in_words(paper.code_stars)
    links = {
        "Abstract" if to["abstract_url"] else "Read it": to["title_url"],
        "PDF": to["pdf_url"],
        f"Code, {stars}" if stars else "Code": to["code_url"],
        "More or less": f"{feedback_url}more/{to['pk']}/",
    }
    return {label: url for label, url in links.items() if url}


def offer_mute(paper: Paper, found: Sequence[str]) -> str:
    """The first that nobody asked for of: kinds of paper, phrases of the title, the category."""
    title, followed = normal_form(paper.title), {normal_form(text) for text in found}
    kinds = [kind for kind in KINDS_OF_PAPER if normal_form(kind) in title]
    named = [k for n, k in enumerate(kinds) if not any(k in longer for longer in kinds[:n])]
    offers = [kind for kind in named if normal_form(kind) not in followed]
    offers += list_phrases(paper, found)
    offers += [str(name) for name in paper.categories[:1] if name not in found]
    return english.shorten(next(iter(offers), ""), MUTE_CHARS)
