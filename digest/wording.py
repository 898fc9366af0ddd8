"""What a mail and a page say of a paper, in words: byline, evidence, excerpt, found words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from digest.models import Paper

SHOWN_AUTHORS = 3
EXCERPT_CHARS = 330
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"(\[])")
FOUND_SEPARATOR = " · "  # between the found words in Match.where


def byline(paper: Paper) -> str:
    """Three authors, how many more there are, and the organization."""
    names = ", ".join(paper.authors[:SHOWN_AUTHORS])
    more = len(paper.authors) - SHOWN_AUTHORS
    if more > 0:
        names += f" and {more} more"
    return " · ".join(filter(None, [names, paper.organization]))


def evidence(parts: Mapping[str, Any]) -> str:
    """Why a paper is trending, from Paper.trend_parts: "+41 votes since yesterday, 63 in all".

    Empty where no source counted anything.
    """
    votes, grown = parts.get("votes", 0), parts.get("votes_since_yesterday", 0)
    said = []
    if grown:
        said += [f"+{grown} {_plural(grown, 'vote')} since yesterday", f"{votes} in all"]
    elif votes:
        said.append(f"{votes} {_plural(votes, 'vote')}")
    if comments := parts.get("comments", 0):
        said.append(f"{comments} {_plural(comments, 'comment')}")
    if (sources := parts.get("sources", 1)) > 1 and parts.get("trend", 0) > 0:
        said.append(f"in {sources} sources")
    if said and (days := parts.get("days", 1)) > 1:
        said.append(f"{ordinal(days)} day")
    return ", ".join(said)


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th …"""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}th" if 10 <= number % 100 <= 20 else f"{number}{ending}"


def day_in_words(moment: datetime) -> str:
    """A date without a leading zero: 3 April 2026."""
    return f"{moment.day} {moment:%B %Y}"


def stars_in_words(stars: int | None) -> str:
    """12.3k ★ for 12,345; empty where there are none."""
    if not stars:
        return ""
    return f"{stars / 1000:.1f}k ★".replace(".0k", "k") if stars >= 1000 else f"{stars} ★"


def pdf_url(paper: Paper) -> str:
    """The page of the PDF at its host; only arXiv's is known."""
    scheme, _, number = paper.identifier.partition(":")
    return f"https://arxiv.org/pdf/{number}" if scheme == "arxiv" else ""


def found_words(reasons: Iterable[Sequence[Any]]) -> list[str]:
    """The words to mark, longest first, from reasons as [topic id, query, found words]."""
    words = {word for reason in reasons for word in str(reason[2]).split(FOUND_SEPARATOR)}
    return sorted(words - {""}, key=lambda word: (-len(word), word))


def reasons_in_words(reasons: Iterable[Sequence[Any]]) -> str:
    """The topics that found a paper, each with the found words where they are spelled otherwise."""
    said = []
    for _, query, where in reasons:
        same = str(where).casefold() == str(query).casefold()
        said.append(str(query) if same or not where else f"{query} (“{where}”)")
    return ", ".join(said)


def excerpt(text: str, words: Sequence[str], limit: int = EXCERPT_CHARS) -> str:
    """About `limit` characters of whole sentences, from the first that holds a found word."""
    sentences = SENTENCE_END.split(text.strip())
    pattern = _pattern(words)
    first = next((i for i, s in enumerate(sentences) if pattern and pattern.search(s)), 0)
    if sum(map(len, sentences[: first + 1])) <= limit:
        first = 0  # the beginning fits with it
    kept = sentences[first]
    for sentence in sentences[first + 1 :]:
        if len(kept) + len(sentence) >= limit:
            break
        kept += f" {sentence}"
    return ("… " if first else "") + shorten(kept, limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…"


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def mark(text: str, words: Sequence[str]) -> SafeString:
    """The text as safe HTML with the found words in <mark>."""
    pattern = _pattern(words)
    if pattern is None:
        return escape(text)
    pieces, last = [], 0
    for found in pattern.finditer(text):
        pieces += [escape(text[last : found.start()]), "<mark>", escape(found[0]), "</mark>"]
        last = found.end()
    return mark_safe("".join([*pieces, escape(text[last:])]))  # every piece is escaped
