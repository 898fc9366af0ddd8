"""Topics from arXiv addresses, by what arXiv lists there, else by the papers that are stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.english import in_a_row
from digest.models import Paper
from digest.suggest.addresses import ParsedAddresses, author_id_to_name
from digest.suggest.arxiv_lookup import ArxivList, ListedPaper, Lookup, LookupFailed, UnknownToArxiv
from digest.suggest.drafts import MOST, MOST_AUTHORS, Draft, draft_phrases
from digest.suggest.keyphrases import Passage
from digest.suggest.phrase_usage import StoredPapers
from digest.suggest.reading_limit import MOST_WORDS, limit_papers, take_papers
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import NO_ACRONYMS, ParsedTopic, Text, TopicError, find_topic, parse_topic

SECONDS = 0.3  # of CPU, for all that the addresses name
_FEWEST_WORDS = 500  # read of what an address names, however many there are
_SAMPLE = 100  # papers of a category
_ENOUGH = 20  # stored papers of a category, so that arXiv need not be asked
_MOST_PAPERS = 50
_MOST_NAMED, _NAME_CHARS = 3, 100  # of what names nothing
_OWNER = re.compile(r"(.{2,80}?)['’]s? articles on arXiv", re.IGNORECASE)


def draft_from_addresses(named: ParsedAddresses, stored: StoredPapers, lookup: Lookup) -> Draft:
    """Topics for all that the addresses name, with a note for each that nothing is known of.

    Addresses are looked at in turn until SECONDS are used; how many are left is a note too.
    """
    steps = _list_steps(named, stored, lookup)
    allowance, drafts = CpuAllowance(SECONDS), list[Draft]()
    for step in steps:
        if drafts and allowance.is_spent:
            break
        drafts.append(step())
    topics = [topic for draft in _interleave_topics(drafts) for topic in draft]
    notes = [note for draft in drafts for note in draft.notes]
    if left := len(steps) - len(drafts):
        notes.append(
            _("There was no time for the last %(left)s of them: paste these by themselves.")
            % {"left": f"{left:,}"}
        )
    notes += _describe_unknown(named.unknown)
    unsure = tuple(query for draft in drafts for query in draft.unsure)
    return Draft(_("arXiv addresses"), topics, tuple(notes), unsure)


def _list_steps(
    named: ParsedAddresses, stored: StoredPapers, lookup: Lookup
) -> list[Callable[[], Draft]]:
    """What to do for each author and listing, and for all papers together."""
    count = len(named.author_ids) + len(named.categories) + bool(named.papers)
    words = max(MOST_WORDS // max(count, 1), _FEWEST_WORDS)
    steps: list[Callable[[], Draft]] = [
        *(partial(_draft_from_author_id, name, stored, lookup, words) for name in named.author_ids),
        *(partial(_draft_from_name, name, stored) for name in named.authors),
        *(partial(_draft_from_category, name, stored, lookup, words) for name in named.categories),
    ]
    if named.papers:
        papers = named.papers[:_MOST_PAPERS]
        steps.append(partial(_draft_from_papers, papers, stored, lookup, words))
    return steps


def _describe_unknown(words: Sequence[str]) -> list[str]:
    """A sentence about what names nothing, in a few names; [] where there is none."""
    if not words:
        return []
    shown = words if len(words) <= _MOST_NAMED + 1 else words[:_MOST_NAMED]
    names = [f"“{word[:_NAME_CHARS]}{'…' * (len(word) > _NAME_CHARS)}”" for word in shown]
    if left := len(words) - len(shown):
        names.append(_("%(count)s more") % {"count": left})
    said = ngettext(
        "%(names)s names no author, listing or paper.",
        "%(names)s name no author, listing or paper.",
        len(words),
    )
    return [said % {"names": in_a_row(names)}]


def _interleave_topics(drafts: Sequence[Draft]) -> Iterator[list[tuple[str, str]]]:
    """Each address gets its share of the proposals: its own topic first, then its phrases."""
    share = max(MOST // (len(drafts) or 1), 2)
    yield from (draft.topics[:share] for draft in drafts)
    yield from (draft.topics[share:] for draft in drafts)


# Authors.


def _draft_from_author_id(
    author_id: str, stored: StoredPapers, lookup: Lookup, words: int
) -> Draft:
    """The author as their papers spell them, and what those are about."""
    try:
        listed = lookup.fetch_author(author_id)
    except UnknownToArxiv:
        why = _("arXiv has no author page %(author_id)s.") % {"author_id": author_id}
        return _draft_from_unknown_author(author_id, stored, why)
    except LookupFailed as reason:
        return _draft_from_unknown_author(author_id, stored, f"{reason}.")
    if not listed.papers:
        why = _("%(author_id)s has no paper on arXiv yet.") % {"author_id": author_id}
        return _draft_from_unknown_author(author_id, stored, why)
    name, count = _find_owner(listed, author_id_to_name(author_id))
    passages = [Passage(paper.title, paper.abstract) for paper in listed.papers]
    read, _unused = limit_papers(passages, words)
    phrases = draft_phrases(read, stored, MOST // 2, _("papers by %(name)s") % {"name": name})
    own = (f'author:"{name}"', _("author of %(count)s on arXiv") % {"count": _say_papers(count)})
    return Draft("", [own, *phrases])


def _find_owner(listed: ArxivList, initials: str) -> tuple[str, int]:
    """Whose papers these are, as most of them spell it, and how many they are."""
    owner = _OWNER.match(listed.title)
    known = owner.group(1) if owner else initials
    everybody = Counter(name for paper in listed.papers for name in dict.fromkeys(paper.authors))
    spelled = Counter(
        {name: n for name, n in everybody.items() if known and _may_be_same_name(known, name)}
    )
    if not spelled and owner:
        return known, len(listed.papers)
    [(name, _unused)] = (spelled or everybody).most_common(1) or [(known, 0)]
    return name, len(listed.papers)


def _may_be_same_name(known: str, name: str) -> bool:
    """Whether a name may be another spelling of one that is known."""
    with suppress(TopicError):
        return bool(find_topic(parse_topic(f'author:"{known}"'), Text("", "", (name,))))
    return False


def _draft_from_unknown_author(author_id: str, stored: StoredPapers, why: str) -> Draft:
    """By the letters of lecun_y_1 we can still go; an ORCID has none."""
    if name := author_id_to_name(author_id):
        draft = _draft_from_name(name, stored)
        return Draft("", draft.topics, (why, *draft.notes), draft.unsure)
    help_ = _(
        "%(why)s Nobody here knows whose number %(author_id)s is: paste an "
        'address like arxiv.org/a/lecun_y_1, or type the name as author:"Yann '
        'LeCun".'
    ) % {"why": why, "author_id": author_id}
    return Draft("", [], (help_,))


def _draft_from_name(name: str, stored: StoredPapers) -> Draft:
    """The names that stored papers carry for Y Lecun; else the name with its initial."""
    query = f'author:"{name}"'
    names: Counter[str] = Counter()
    with suppress(TopicError):
        topic = parse_topic(query)
        for authors in _sample_rows(stored, topic, "authors"):
            if match := find_topic(topic, Text("", "", tuple(map(str, authors)))):
                names.update(match.words)
    if names:
        topics = [
            (f'author:"{full}"', _("author of %(n)s in four weeks") % {"n": _say_papers(n)})
            for full, n in names.most_common(MOST_AUTHORS)
        ]
        if len(topics) == 1:
            return Draft("", topics)
        note = _("Several people who write of late could be %(name)s: tick the one you mean.") % {
            "name": name
        }
        return Draft("", topics, (note,), tuple(query for query, _unused in topics))
    note = _(
        "No paper of the last four weeks is by %(name)s. The topic waits for the next one."
    ) % {"name": name}
    return Draft("", [(query, _("the author you named"))], (note,))


def _say_papers(count: int) -> str:
    return ngettext("%(count)s paper", "%(count)s papers", count) % {"count": count}


# Listings and papers.


def _draft_from_category(name: str, stored: StoredPapers, lookup: Lookup, words: int) -> Draft:
    query = f"cat:{name}"
    rows = [Passage(*row) for row in _sample_rows(stored, parse_topic(query), "title", "abstract")]
    notes: tuple[str, ...] = ()
    if len(rows) < _ENOUGH:
        try:
            listed = lookup.fetch_listing(name).papers
            rows = [Passage(paper.title, paper.abstract) for paper in listed] or rows
        except LookupFailed as reason:
            notes = (
                _("%(reason)s, so %(name)s is judged by %(papers)s that we have.")
                % {"reason": reason, "name": name, "papers": _say_papers(len(rows))},
            )
    if not rows:
        return Draft(
            "",
            [(query, _("the listing"))],
            (_("No paper of %(name)s is stored yet.") % {"name": name}, *notes),
        )
    read = take_papers(rows[:_SAMPLE], words)
    phrases = draft_phrases(read, stored, MOST // 2, _("papers of %(name)s") % {"name": name})
    return Draft("", [(query, _("the listing")), *phrases], notes)


def _sample_rows(stored: StoredPapers, topic: ParsedTopic, *fields: str) -> Iterator[Any]:
    """These fields of up to 100 recent papers that may hold the topic."""
    positions = stored.recent.find_candidates(topic, NO_ACRONYMS)
    if len(positions) > _SAMPLE:
        positions = Random(0).sample(positions, _SAMPLE)
    papers = Paper.objects.filter(pk__in=[stored.recent.pks[i] for i in positions])
    return papers.order_by("pk").values_list(*fields, flat=len(fields) == 1).iterator()


def _draft_from_papers(
    numbers: Sequence[str], stored: StoredPapers, lookup: Lookup, words: int
) -> Draft:
    papers = Paper.objects.filter(identifier__in=[f"arxiv:{number}" for number in numbers])
    known = {paper.identifier.partition(":")[2]: paper for paper in papers}
    passages = [Passage(paper.title, paper.abstract) for paper in known.values()]
    missing = [number for number in numbers if number not in known]
    listed, notes = _look_up_papers(missing, lookup) if missing else ((), ())
    passages += [Passage(paper.title, paper.abstract) for paper in listed]
    if not passages:
        return Draft("", [], notes)
    passages, _unused = limit_papers(passages, words)
    if len(passages) == 1:
        phrases = draft_phrases(passages, stored, MOST // 2, "")
        return Draft(
            "", [(phrase, _("in the paper you named")) for phrase, _unused in phrases], notes
        )
    return Draft("", draft_phrases(passages, stored, MOST, _("papers you named")), notes)


def _look_up_papers(
    numbers: Sequence[str], lookup: Lookup
) -> tuple[tuple[ListedPaper, ...], tuple[str, ...]]:
    """The papers that arXiv knows under these numbers, and a note where there are fewer."""
    try:
        papers = lookup.fetch_papers(numbers).papers
    except LookupFailed as reason:
        named = ", ".join(numbers)
        return (), (
            _("%(named)s: not among the papers we have, and %(reason)s. Paste the abstract.")
            % {"named": named, "reason": reason},
        )
    if lacking := len(numbers) - len(papers):
        said = ngettext(
            "%(count)s paper of those you named is unknown to arXiv.",
            "%(count)s papers of those you named are unknown to arXiv.",
            lacking,
        )
        return papers, (said % {"count": lacking},)
    return papers, ()
