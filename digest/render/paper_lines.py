"""What a mail and a page say of a paper, in words: byline, evidence, found words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from textwrap import fill
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from digest.english import in_a_row, shorten
from digest.models import Paper, TopicReason
from digest.models.papers import split_found_words
from digest.render.paper_facts import PaperFacts
from digest.render.text_width import break_lines
from subscribers.topics import TopicError, parse_once
from subscribers.topics.highlight import Span, find_words, read_form
from subscribers.topics.kinds import is_listed_kind
from subscribers.topics.words import read_words

SHOWN_AUTHORS = 3
EXCERPT_CHARS = 330
SHOWN_REASONS = 4
REASON_CHARS = 80
LINE_CHARS = 90  # of HTML before it is marked
_BREAK = "\ue002"  # stands for a line end within a word
_LONG_WORD = re.compile(rf"\S{{{LINE_CHARS}}}(?=\S)")
LONGEST_URL = 500  # a longer one would make lines that mail servers refuse
_QUOTED = re.compile(r'"([^"]*)"')


def write_byline(paper: Paper | PaperFacts, words: Sequence[str] = ()) -> str:
    """Three authors, those that were looked for, how many more there are, and the organization."""
    shown, others = split_authors(paper, words)
    said = ", ".join(shown)
    if others:
        said = gettext("%(names)s and %(others)s more") % {"names": said, "others": len(others)}
    return " · ".join(filter(None, [said, paper.organization]))


def split_authors(
    paper: Paper | PaperFacts, words: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The first three and some that were looked for; and the others: none, or two at least.

    A single one is shown with the rest: a name takes no more room than "and 1 more".
    """
    names = [str(name) for name in paper.authors]
    rest = names[SHOWN_AUTHORS:]
    found = [name for name in rest if name in words][:SHOWN_AUTHORS]
    others = [name for name in rest if name not in found]
    return (names, []) if len(others) == 1 else ([*names[:SHOWN_AUTHORS], *found], others)


def describe_categories(paper: Paper | PaperFacts, words: Sequence[str] = ()) -> str:
    """The primary category, and any other that was looked for."""
    found = [name for name in paper.categories[1:] if name in words]
    return ", ".join(str(name) for name in [*paper.categories[:1], *found[:SHOWN_REASONS]])


def make_pdf_url(paper: Paper | PaperFacts) -> str:
    """The page of the PDF at its host; only arXiv's is known."""
    scheme, _, number = paper.identifier.partition(":")
    return f"https://arxiv.org/pdf/{number}" if scheme == "arxiv" else ""


def clean_web_url(address: str) -> str:
    """The address fit for a link; empty for anything but http(s), and for one absurdly long.

    So is one with a user's name before its host: https://arxiv.org@elsewhere.example/ leads nobody
    where it seems to.
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    link = iri_to_uri(address.strip())
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc
    return link if is_web and len(link) <= LONGEST_URL else ""


def list_found_words(wheres: Iterable[str]) -> list[str]:
    """The words to mark in a paper, each once and the longest first, from its Match.where."""
    words = {word for where in wheres for word in split_found_words(where)}
    return sorted(words - {""}, key=lambda word: (-len(word), word))


def list_reason_words(reasons: Iterable[TopicReason]) -> list[str]:
    """The same from the reasons why a digest holds the paper."""
    return list_found_words(reason.where for reason in reasons)


def describe_reasons(reasons: Sequence[TopicReason]) -> str:
    """The topics that found a paper, each with the found words where nobody would guess them.

    LLM (“large language models”): an acronym was found spelled out. A plural says nothing new.
    Image restoration (names “dehazing”, a kind of it): it was found by one that is listed.
    """
    said = [_describe_reason(reason.query, reason.where) for reason in reasons[:SHOWN_REASONS]]
    if (more := len(reasons) - SHOWN_REASONS) > 0:
        said.append(gettext("%(more)s more") % {"more": more})
    return in_a_row(said)


@lru_cache(16_384)  # thousands of subscribers get one paper for the same topic
def _describe_reason(query: str, where: str) -> str:
    known = read_form(query)
    words = split_found_words(where)
    news = [word for word in words if read_form(word) not in known]
    # What was also found as it was typed needs no second name.
    is_shown = len(words) - len(news) <= query.count("+")
    name = shorten(typeset_query(query), REASON_CHARS)
    if not (is_shown and any(news)):
        return name
    said = shorten(", ".join(news), REASON_CHARS)
    if _is_kind(query, words):
        return gettext("%(topic)s (names “%(kind)s”, a kind of it)") % {"topic": name, "kind": said}
    return f"{name} (“{said}”)"


def _is_kind(query: str, words: Sequence[str]) -> bool:
    """Whether the topic found a paper by a kind of it: nothing else is said beside one then."""
    try:
        return len(words) == 1 and is_listed_kind(parse_once(query), words[0])
    except TopicError:  # an older release understood it
        return False


def describe_nearness(reasons: Sequence[TopicReason]) -> str:
    """The topic that a paper is near, and the words that show it: RAG: retrieval, passages."""
    return in_a_row(
        [
            f"{shorten(typeset_query(one.query), REASON_CHARS)}: "
            + shorten(", ".join(split_found_words(one.where)), REASON_CHARS)
            for one in reasons
        ]
    )


def typeset_query(query: str) -> str:
    """The topic with its quotes as a printer sets them, which may be typed so too."""
    return _QUOTED.sub(r"“\1”", query)


@lru_cache(64)
def label_topics(reasons: int) -> str:
    if not reasons:
        return gettext("From outside your topics")
    return ngettext("In your topic", "In your topics", reasons)


def mark_lines(text: str, words: Sequence[str] = ()) -> SafeString:
    """As `mark`, on lines short enough for mail servers however much marking will add to them.

    Lines end at spaces; a word too long for a line is cut where nobody sees it, within a tag.
    """
    if not words:
        return _set_lines(text)
    lines = read_words(break_html_lines(text))
    return mark_line_places(lines.text, [span for span, _ in find_words(lines, words)])


@lru_cache(8192)  # thousands of subscribers get one paper for the same reason
def _set_lines(text: str) -> SafeString:
    return mark_line_places(break_html_lines(text))


def break_html_lines(text: str) -> str:
    """The text on such lines; where a long word is cut stands a sign that marking takes out."""
    words = text.split(" ")
    is_plain = words == text.split()  # single spaces between words, and no other blanks
    if is_plain and len(text) <= LINE_CHARS:
        return text
    if is_plain and max(map(len, words)) <= LINE_CHARS:
        return "\n".join(break_lines(text, LINE_CHARS))
    breakable = _LONG_WORD.sub(rf"\g<0>{_BREAK}", text)
    return fill(breakable, LINE_CHARS, break_long_words=False, break_on_hyphens=False)


def mark_line_places(lines: str, places: Iterable[Span] = ()) -> SafeString:
    """The same of a text that was put on lines before, where it is known where they stand."""
    marked = mark_places(lines, places)
    # Marking has escaped the rest.
    return mark_safe(marked.replace(_BREAK, "<wbr\n>")) if _BREAK in marked else marked


def mark_words(text: str, words: Sequence[str]) -> SafeString:
    """The text as safe HTML with the found words in <mark>."""
    return mark_places(text, [span for span, _ in find_words(text, words)] if words else [])


def mark_places(text: str, places: Iterable[Span]) -> SafeString:
    """The same where it is known where they stand, from left to right."""
    pieces, last = [], 0
    for start, end in places:
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*pieces, escape(text[last:])]))  # every piece is escaped
