"""From what was pasted to topics with their volumes, each with the reason it is proposed."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.match.process_cache import process_cache
from digest.match.volume import Volume, measure_volume
from digest.match.word_senses import WordSense, find_word_senses
from digest.suggest.addresses import are_addresses, filter_addresses, read_addresses
from digest.suggest.arxiv_lookup import Lookup
from digest.suggest.bibtex_import import is_bibtex, read_bibtex
from digest.suggest.drafts import MOST, Draft, NothingProposed
from digest.suggest.from_addresses import draft_from_addresses
from digest.suggest.from_bibtex import draft_from_entries
from digest.suggest.keyphrases import Passage, find_keyphrases
from digest.suggest.phrase_usage import StoredPapers
from digest.suggest.reading_limit import MOST_CHARS as MOST_CHARS_READ
from digest.suggest.reading_limit import limit_text, limit_titles
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import TopicError, parse_topic

MOST_CHARS = 1_500_000  # more than 500 entries with their abstracts
NO_TIME = gettext_lazy("There was no time to look through all of it: paste a part of it by itself.")
# From the beginning of a word alone: else a word of 99 letters is read 99 times.
_NO_WORD = re.compile(r"\0|(?<![^\W_])[^\W_]{100,}")
TICKED = 8  # beside authors
SAMPLE = 8  # papers read of each topic, where more may hold it
# Of CPU: to read the entries; to do that and find phrases; and then for the papers of all of them.
# What is read beyond its time, and setting the page, take some 0.2 more.
BIBTEX_SECONDS, DRAFT_SECONDS, COUNT_SECONDS = 0.15, 0.5, 0.25
MANY_A_DAY = 15.0  # above it a topic is proposed, but not ticked
# Lines that are a list of titles, and no text that was wrapped: most begin as titles do.
_FEWEST_LINES, _LONGEST_LINE, _BEGUN_SHARE = 3, 300, 0.8
_LONGEST_TITLE = 200
_BEGUN = re.compile(r"[\W\d_]*[A-Z]")
_MARK = re.compile(r"^[\W\d_]+(?=\w)")  # the bullet or number of a line


@dataclass(frozen=True)
class Proposal:
    """A topic, why it is proposed, and what it would bring."""

    query: str
    reason: str
    volume: Volume
    is_ticked: bool
    senses: tuple[WordSense, ...] = ()  # of an ambiguous word, of which one may be meant


@dataclass(frozen=True)
class Proposals:
    """What was understood, in a sentence, the topics, and sentences about what is not known."""

    read_as: str
    topics: list[Proposal]
    notes: list[str]


def propose_topics(text: str, now: datetime, lookup: Lookup | None = None) -> Proposals:
    """Return up to 20 topics for what was pasted; those worth it are ticked.

    Raises NothingProposed with a sentence where there is nothing to go by.
    """
    if len(text) > MOST_CHARS:
        raise NothingProposed(
            _("That is %(count)s characters, and %(most_chars)s is the most: paste a part of it.")
            % {"count": f"{len(text):,}", "most_chars": f"{MOST_CHARS:,}"}
        )
    learned = process_cache.get_learned(now)
    recent = process_cache.get_recent_papers(now)
    allowance = CpuAllowance(DRAFT_SECONDS)
    stored = StoredPapers(recent, learned.statistics, learned.acronyms, allowance)
    draft = _draft_topics(_NO_WORD.sub(" ", text).strip(), stored, lookup or Lookup())
    is_hurried = allowance.is_spent
    topics, is_whole = _count_draft(draft, now)
    if not topics and (is_hurried or not is_whole):
        raise NothingProposed(NO_TIME)
    if not topics:
        if draft.topics or not draft.notes:
            raise NothingProposed(" ".join([_say_nothing_found(draft), *draft.notes]))
        raise NothingProposed(" ".join(draft.notes))
    notes = list(draft.notes)
    if is_hurried:
        notes.append(_("There was no time to look for all that it says: a part of it brings more."))
    if not is_whole:
        notes.append(_("There was no time to count the papers of more topics."))
    return Proposals(draft.read_as, topics, notes)


def _say_nothing_found(draft: Draft) -> str:
    """Not the sentence that asks for what was just given."""
    return _(
        "This was read as %(read_as)s, and none of its phrases is in a paper of "
        "the last four weeks. Type topics of your own at the sign-up: fewer "
        "words find more."
    ) % {"read_as": draft.read_as}


def _draft_topics(text: str, stored: StoredPapers, lookup: Lookup) -> Draft:
    if not text:
        raise NothingProposed(_("Paste something first: an abstract, a BibTeX file or an address."))
    if is_bibtex(text):
        return _draft_from_bibtex(text, stored)
    head = text[:MOST_CHARS_READ]
    if are_addresses(head):
        return draft_from_addresses(read_addresses(head), stored, lookup)
    draft = _draft_from_text(text, stored)
    if not draft.topics and (addresses := filter_addresses(head)):
        return draft_from_addresses(read_addresses(addresses), stored, lookup)
    return draft


def _draft_from_bibtex(text: str, stored: StoredPapers) -> Draft:
    """What the entries say that can be read in BIBTEX_SECONDS; a note where others are left."""
    allowance = CpuAllowance(BIBTEX_SECONDS)
    entries = read_bibtex(text, allowance)
    is_cut = allowance.is_spent
    draft = draft_from_entries(entries, stored)
    if is_cut:
        note = _("Only the first %(count)s entries were read: paste the others by themselves.") % {
            "count": f"{len(entries):,}"
        }
        draft = replace(draft, notes=(note, *draft.notes))
    return draft


def _draft_from_text(text: str, stored: StoredPapers) -> Draft:
    """What a list of titles, or any other text, often says."""
    if titles := _split_titles(text):
        read, notes = limit_titles(titles)
        phrases = find_keyphrases([Passage(title) for title in read], stored, MOST)
        topics = [(one.phrase, one.explain(_count_titles(len(read)))) for one in phrases]
        return Draft(_count_titles(len(titles)), topics, notes)
    text, notes = limit_text(text)
    first, _unused, rest = text.partition("\n")
    is_titled = len(first) <= _LONGEST_TITLE and len(rest) > 2 * len(first)
    passage = Passage(first, rest) if is_titled and not first.endswith(".") else Passage("", text)
    topics = [
        (one.phrase, _("said %(count)s in it") % {"count": _say_how_often(one.count)})
        for one in find_keyphrases([passage], stored, MOST)
    ]
    return Draft(_("a text"), topics, notes)


def _count_titles(count: int) -> str:
    return ngettext("%(count)s title", "%(count)s titles", count) % {"count": count}


def _split_titles(text: str) -> list[str]:
    """The lines of a text that is a list of titles; [] for any other."""
    lines = [_MARK.sub("", line.strip()) for line in text.splitlines() if line.strip()]
    begun = sum(bool(_BEGUN.match(line)) for line in lines)
    is_list = len(lines) >= _FEWEST_LINES and max(map(len, lines)) <= _LONGEST_LINE
    return lines if is_list and begun >= _BEGUN_SHARE * len(lines) else []


def _say_how_often(count: int) -> str:
    said = {1: _("once"), 2: _("twice")}
    return said.get(count) or _("%(count)s times") % {"count": count}


def _count_draft(draft: Draft, now: datetime) -> tuple[list[Proposal], bool]:
    """The first twenty that can be topics, each once, with what they bring; whether that is all.

    They are counted until COUNT_SECONDS are used.
    """
    proposals: dict[str, Proposal] = {}
    ticked, allowance = 0, CpuAllowance(COUNT_SECONDS)
    has_papers = len(process_cache.get_recent_papers(now)) > 0
    for query, reason in draft.topics:
        if len(proposals) == MOST:
            break
        if allowance.is_spent:
            return list(proposals.values()), False
        with suppress(TopicError):
            topic = parse_topic(query)
            if topic.normal_form not in proposals:
                volume = measure_volume(topic, now, SAMPLE)
                is_author = topic.wanted[0].field == "author"
                if has_papers and not volume.total and not topic.wanted[0].field:
                    continue  # of an author nothing may come for months, but a phrase is no topic
                is_sure = query not in draft.unsure and _is_worth_it(volume, is_author=is_author)
                is_ticked = is_sure and (is_author or ticked < TICKED)
                ticked += is_ticked
                senses = tuple(find_word_senses(topic, now)) if volume.total else ()
                proposals[topic.normal_form] = Proposal(
                    topic.query, reason, volume, is_ticked and not senses, senses
                )
    return list(proposals.values()), True


def _is_worth_it(volume: Volume, *, is_author: bool) -> bool:
    """Whether something comes, and not a flood; of one author nothing may come for months."""
    return volume.a_day <= MANY_A_DAY and (volume.a_day > 0 or is_author)
