"""The topic language: what people type, as terms that can be looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.topics.acronyms import NO_ACRONYMS
from subscribers.topics.author_names import fold_author_term
from subscribers.topics.misreadings import (
    refuse_category_name,
    refuse_choice,
    refuse_common_terms,
    refuse_operator,
    refuse_requests,
)
from subscribers.topics.occurrences import find_occurrences
from subscribers.topics.ornaments import strip_ornaments
from subscribers.topics.plain_topics import read_plain_phrase, read_plain_topic
from subscribers.topics.stems import make_singular
from subscribers.topics.terms import (
    ParsedTopic,
    Term,
    TopicError,
    TopicWord,
    is_shortened,
)
from subscribers.topics.typed_capitals import (
    choose_capitals_rule,
    list_telling_capitals,
)
from subscribers.topics.typed_items import TypedItem, cut_items, join_bare
from subscribers.topics.typed_signs import drop_acronym, read_signs
from subscribers.topics.words import Words, read_words

MAX_CHARS = 200
FIELDS = ("author", "org", "cat", "title")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂″", '"'))
_PLAIN_WORDS = re.compile("[a-z]+(?: [a-z]+)*")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)?")


_NO_FIELD = gettext_lazy(
    "There is no field “%(field)s:”. The fields are author:, org:, cat: and title:; leave the "
    "colon out if you mean the word, or put all of it into quotes."
)
_EXAMPLES = {
    "author:": gettext_lazy('such as author:"Yann LeCun"'),
    "org:": gettext_lazy("such as org:nvidia"),
    "cat:": gettext_lazy("such as cat:cs.CL"),
    "title:": gettext_lazy("such as title:survey"),
}


def parse_topic(query: str) -> ParsedTopic:
    """Return the topic that was typed, in the language that `subscribers.topics` describes.

    Raises TopicError, with a sentence on what to type instead, for what cannot be a topic.
    """
    if len(query) <= MAX_CHARS and _PLAIN_WORDS.fullmatch(query):
        return _parse_plain_words(query)
    cleaned = _clean_query(query)
    refuse_requests(cleaned)
    wanted, unwanted = _read_terms(read_signs(cleaned))
    if not wanted:
        raise TopicError(
            _(
                "“%(cleaned)s” only says what to leave out: begin with what to find, "
                "such as “transformer %(cleaned)s”."
            )
            % {"cleaned": cleaned}
        )
    left_out = {term.key for term in unwanted}
    if both := next((term.typed for term in wanted if term.key in left_out), ""):
        raise TopicError(
            _("This topic asks for “%(both)s” and leaves it out: keep one of the two.")
            % {"both": both}
        )
    return ParsedTopic(cleaned, wanted, unwanted)


def _parse_plain_words(query: str) -> ParsedTopic:
    refuse_requests(query)
    refuse_choice(query)
    term = read_plain_phrase(query)
    refuse_common_terms(query, term)
    return ParsedTopic(query, (term,))


# For topics that are parsed again and again: what a text means never changes.
parse_once = lru_cache(20_000)(parse_topic)


@lru_cache(20_000)
def parse_stored(query: str) -> ParsedTopic:
    """The same for the query of a topic that is stored, and so was accepted before.

    One without capitals or signs, as most are, is not asked again whether it can be a topic, which
    is most of what parsing costs. Raises TopicError for another that an older release accepted.
    """
    return read_plain_topic(query) or parse_topic(query)


def _clean_query(query: str) -> str:
    """The query without what cannot be seen; raises TopicError where that is not all right."""
    if query.isascii() and query.isprintable():
        return _check_length(" ".join(query.split()))
    plain = strip_ornaments(query).translate(_QUOTES)
    shown = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    # Last: what was hidden may have stood between a letter and its accent.
    cleaned = unicodedata.normalize("NFC", " ".join(shown.split()))
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn") for c in cleaned):
        raise TopicError(
            _(
                "The topic holds a control character that cannot be seen: type it anew instead of "
                "pasting it."
            )
        )
    return _check_length(cleaned)


def _check_length(cleaned: str) -> str:
    """The query; raises TopicError for one that is empty or too long."""
    if not cleaned:
        raise TopicError(_("The topic is empty: type a few words, such as diffusion policy."))
    if len(cleaned) > MAX_CHARS:
        raise TopicError(
            _(
                "The topic is %(count)s characters long, and %(max_chars)s is the most: "
                "leave words out, or make two topics of it."
            )
            % {"count": len(cleaned), "max_chars": MAX_CHARS}
        )
    return cleaned


def _read_terms(text: str) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms to find and those to leave out, each once, in the order they were typed."""
    wanted: dict[str, Term] = {}
    unwanted: dict[str, Term] = {}
    groups = cut_items(text)
    if len(groups) > 1 and not all(groups):
        raise TopicError(_("A plus sign needs something on both sides: type agents + tool use."))
    for word in (item.bare for group in groups for item in group if item.is_plain):
        refuse_operator(word)
        refuse_category_name(word)
    for item in (item for group in groups for item in join_bare(group)):
        term = _read_term(item)
        (unwanted if item.minus else wanted).setdefault(term.key, term)
    return tuple(wanted.values()), tuple(unwanted.values())


@lru_cache(10_000)  # one stands in many topics
def _read_term(item: TypedItem) -> Term:
    field = item.field.casefold()
    if item.unclosed:
        raise TopicError(
            _('The quote %(unclosed)s is not closed: type " at its end.')
            % {"unclosed": item.unclosed}
        )
    if field and field not in FIELDS:
        raise TopicError(_NO_FIELD % {"field": field})
    value = item.bare or item.quoted.strip()
    if not value:
        raise TopicError(_("There is nothing between the quotes: type the exact words there."))
    if field == "cat":
        return _read_category(value)
    is_name = field in ("author", "org")
    is_exact = bool(item.quoted) and not is_name
    if item.bare and not is_name:
        refuse_choice(value)
        value = drop_acronym(value)
    capitals_of = choose_capitals_rule(is_exact=is_exact, is_name=is_name)
    term = Term(_read_topic_words(value, capitals_of), field, is_exact)
    if field == "author":
        term = fold_author_term(term, value)
    refuse_common_terms(value, term)
    if not is_name and not find_occurrences(term, read_words(value), NO_ACRONYMS):
        raise TopicError(
            _(
                "“%(value)s” can be found in no text as it is typed: type the words "
                "alone, or put them into quotes."
            )
            % {"value": value}
        )
    return term


def _read_category(value: str) -> Term:
    name = value.casefold().removesuffix("*").removesuffix(".")
    if not _CATEGORY.fullmatch(name):
        raise TopicError(
            _("“%(value)s” is not a category: type one such as cat:cs.CL, or cat:cs for all of cs.")
            % {"value": value}
        )
    return Term((TopicWord(name, name, name, ""),), "cat")


def _read_topic_words(value: str, capitals_of: Callable[[str], str]) -> tuple[TopicWord, ...]:
    if value.casefold() in _EXAMPLES:
        raise TopicError(
            _("Nothing stands after %(value)s Type what to look for, %(example)s.")
            % {"value": value, "example": _EXAMPLES[value.casefold()]}
        )
    if re.search(r"(?:^|\s)[-−–—]+(?:\s|$)", value):
        raise TopicError(
            _(
                "A minus sign stands alone: type -word without a blank to leave a word out, "
                "or take the sign away."
            )
        )
    read = read_words(value)
    if not read.stems:
        raise TopicError(
            _("“%(value)s” holds no word: type a few words, such as diffusion policy.")
            % {"value": value}
        )
    spelled = [read.spell(i, i) for i in range(len(read.stems))]
    places = range(1, len(spelled))
    gaps = ["", *(read.gap_before(i) for i in places)]
    stops = ["", *(_list_telling_stops(read, i) for i in places)]
    capitals = list_telling_capitals(spelled, capitals_of)
    rows = zip(read.stems, read.folded, capitals, gaps, stops, strict=True)
    return tuple(
        TopicWord(stem, make_singular(folded), folded, letters, gap, between)
        for stem, folded, letters, gap, between in rows
    )


def _list_telling_stops(read: Words, i: int) -> str:
    """The stops before word i, without one that may stand there whether it is typed or not."""
    stops = read.list_stops_before(i)
    return stops.replace(".", "") if is_shortened(read.folded[i - 1]) else stops
