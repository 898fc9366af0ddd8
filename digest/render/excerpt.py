"""The lines of an abstract that a mail or a page shows: those that hold what was looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from digest.english import shorten
from digest.models import Paper
from digest.render.paper_lines import EXCERPT_CHARS, found_in
from subscribers.topics import normal_form
from subscribers.topics.highlight import Span, find_words

# Three lines of a wide page and five of a narrow one show as many at least, beside the "more".
SEEN_CHARS = 150
MOST_PIECES = 3  # that stand apart
# A full stop ends a sentence, except behind an initial and the usual abbreviations.
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bal\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bFig\.)"
    r"(?<!\b[A-Z]\.)\s+(?=[A-Z0-9“\"(\[])"
)


def gist(
    paper: Paper,
    words: Sequence[str],
    limit: int = EXCERPT_CHARS,
    *,
    terms: Sequence[Sequence[str]] = (),
) -> tuple[str, str]:
    """A paper's one-sentence summary, and an excerpt of its abstract; either may be empty.

    With a summary the abstract only says what it alone holds: the sentence with the found words.
    Of each of the terms one word is shown, unless the title or the summary shows it.
    """
    if not paper.summary:
        cut = excerpt(paper.abstract, _not_in(paper.title, words), limit)
        missing = _only_in(paper.abstract, terms, paper.title)
        return "", pieces(paper.abstract, missing, limit) if _unshown(missing, cut) else cut
    summary = excerpt(paper.summary, words, limit)
    if missing := _only_in(paper.abstract, terms, paper.title, summary):
        return summary, pieces(paper.abstract, missing, limit * 2 // 3)
    if not words or any(find_words(text, words) for text in (paper.title, summary)):
        return summary, ""
    holding = (s for s in SENTENCE_END.split(paper.abstract) if find_words(s, words))
    return summary, _cut_around(next(holding, ""), words, limit * 2 // 3)


def _not_in(title: str, words: Sequence[str]) -> list[str]:
    """The words that the title does not show already, in whatever number or ending."""
    shown = {normal_form(word) for word in words if find_words(title, [word])}
    return [word for word in words if normal_form(word) not in shown]


def terms_together(reasons: Iterable[Sequence[Any]]) -> list[list[str]]:
    """What was found of each term of the topics that want several (diffusion + video).

    From reasons as [topic id, query, found words]. Where a term was found by another name alone,
    as an acronym is, that may be any word that no other term accounts for.
    """
    terms = []
    for _, query, where in reasons:
        words = list(filter(None, found_in(str(where))))
        typed = [normal_form(part) for part in str(query).split(" + ")]
        others = [word for word in words if normal_form(word) not in typed]
        own = [[word for word in words if normal_form(word) == form] for form in typed]
        terms += [found or others for found in own] if len(typed) > 1 else []
    return [term for term in terms if term]


def _unshown(terms: Sequence[Sequence[str]], *texts: str) -> list[Sequence[str]]:
    return [term for term in terms if not any(find_words(text, term) for text in texts)]


def _only_in(abstract: str, terms: Sequence[Sequence[str]], *texts: str) -> list[Sequence[str]]:
    """Those that the texts do not show and the abstract can; no more than have room."""
    return [t for t in _unshown(terms, *texts) if find_words(abstract, t)][:MOST_PIECES]


def pieces(text: str, terms: Sequence[Sequence[str]], limit: int) -> str:
    """About `limit` characters of the text that show a word of each term, in places apart."""
    shown, rest, missing = list[str](), text, list(terms)
    size = limit // max(1, len(missing)) - len(" … ")
    while places := find_words(rest, [word for term in missing for word in term]):
        piece = passage(rest, [places[0][0]], size)[0].strip("… ")
        rest = rest[rest.index(piece) + len(piece) :]
        missing = _unshown(missing, piece)
        shown.append(piece)
    said = " … ".join(shown)
    is_late = bool(said) and not text.startswith(shown[0])
    return f"{'… ' if is_late else ''}{said}{'…' if said and rest.strip() else ''}"


def excerpt(text: str, words: Sequence[str], limit: int = EXCERPT_CHARS) -> str:
    """About `limit` characters of whole sentences: those with most of the found words.

    Where several places are as good, the first; the beginning, where it is no worse.
    """
    sentences = SENTENCE_END.split(text.strip())
    held = [{word for _, word in find_words(sentence, words)} for sentence in sentences]
    windows = [_window(sentences, first, limit) for first in range(len(sentences))]
    first = max(windows, key=lambda window: len(set().union(*(held[i] for i in window)))).start
    kept = " ".join(sentences[i] for i in windows[first])
    cut = _cut_around(kept, words, limit)
    return f"… {cut}" if first and not cut.startswith("…") else cut


def passage(text: str, places: Sequence[Span], limit: int) -> tuple[str, list[Span]]:
    """`limit` characters of the text, and the found words in them.

    From the beginning where one stands there, else from the sentence that holds the first, so
    that it is among the characters a page has room for.
    """
    seen = min(SEEN_CHARS, limit * 2 // 3)
    is_late = bool(places) and places[0][1] > seen and len(text) > seen
    start = _opening(text, places[0], seen) if is_late else 0
    shown = ("… " if start else "") + shorten(text[start:], limit)
    shift = start - (2 if start else 0)
    moved = [(first - shift, last - shift) for first, last in places if first >= start]
    return shown, [(first, last) for first, last in moved if last < len(shown)]


def _opening(text: str, place: Span, seen: int) -> int:
    """Where the sentence begins that holds a place, or near it; early enough to fill the lines."""
    first, last = place
    earliest = max(0, last - seen + 2)
    word = text.find(" ", earliest, first) + 1 or first
    sentence = max((end.end() for end in SENTENCE_END.finditer(text, 0, first + 1)), default=0)
    return sentence if earliest <= sentence <= len(text) - seen else word


def _window(sentences: Sequence[str], first: int, limit: int) -> range:
    """As many whole sentences from the first on as fit the limit; one at least."""
    end, size = first + 1, len(sentences[first])
    while end < len(sentences) and size + 1 + len(sentences[end]) <= limit:
        size += 1 + len(sentences[end])
        end += 1
    return range(first, end)


def _cut_around(text: str, words: Sequence[str], limit: int) -> str:
    """At most `limit` characters of the text, with the first found words among them."""
    places = find_words(text, words) if len(text) > limit else []
    if not places or places[0][0][1] < limit:
        return shorten(text, limit)
    start = text.rfind(" ", 0, max(0, places[0][0][0] - limit // 3)) + 1
    return f"… {shorten(text[start:], limit - 2)}"
