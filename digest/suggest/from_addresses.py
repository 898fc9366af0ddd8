"""Topics from arXiv addresses: what arXiv says of them, and where it says nothing what we have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any

from digest.english import in_a_row
from digest.models import Paper
from digest.suggest.addresses import Named, initial_and_family
from digest.suggest.arxiv_lookup import Answer, Lookup, NoAnswer, UnknownThere, Written
from digest.suggest.drafts import MOST, MOST_AUTHORS, Draft, phrases_of
from digest.suggest.keyphrases import Passage
from digest.suggest.phrase_usage import Stored
from subscribers.topics import NO_ACRONYMS, ParsedTopic, Text, TopicError, find, parse

_SAMPLE = 100  # papers of a category
_ENOUGH = 20  # stored papers of a category, so that arXiv need not be asked
_MOST_PAPERS = 50
_NAMED, _NAMED_CHARS = 3, 100  # of what names nothing
_OWNER = re.compile(r"(.{2,80}?)['’]s? articles on arXiv", re.IGNORECASE)


def of_named(named: Named, stored: Stored, lookup: Lookup) -> Draft:
    """Topics for all that the addresses name, with a note for each that nothing is known of."""
    drafts = [
        *(_of_author_id(name, stored, lookup) for name in named.author_ids),
        *(_of_name(name, stored) for name in named.authors),
        *(_of_category(name, stored, lookup) for name in named.categories),
        *([_of_papers(named.papers[:_MOST_PAPERS], stored, lookup)] if named.papers else []),
    ]
    topics = [topic for draft in _in_turn(drafts) for topic in draft]
    notes = [note for draft in drafts for note in draft.notes]
    notes += _unknown(named.unknown)
    unsure = tuple(query for draft in drafts for query in draft.unsure)
    return Draft("arXiv addresses", topics, tuple(notes), unsure)


def _unknown(words: Sequence[str]) -> list[str]:
    """A sentence about what names nothing, in a few names; [] where there is none."""
    shown = words if len(words) <= _NAMED + 1 else words[:_NAMED]
    said = [f"“{word[:_NAMED_CHARS]}{'…' * (len(word) > _NAMED_CHARS)}”" for word in shown]
    said += [f"{len(words) - len(shown)} more"] if len(words) > len(shown) else []
    name = "names" if len(words) == 1 else "name"
    return [f"{in_a_row(said)} {name} no author, listing or paper."] if words else []


def _in_turn(drafts: Sequence[Draft]) -> Iterator[list[tuple[str, str]]]:
    """Each address gets its share of the places: its own topic first, then its phrases."""
    share = max(MOST // (len(drafts) or 1), 2)
    yield from (draft.topics[:share] for draft in drafts)
    yield from (draft.topics[share:] for draft in drafts)


# Authors.


def _of_author_id(author_id: str, stored: Stored, lookup: Lookup) -> Draft:
    """The author as their papers spell them, and what those are about."""
    try:
        answer = lookup.author(author_id)
    except UnknownThere:
        return _of_unknown_author(author_id, stored, f"arXiv has no author page {author_id}.")
    except NoAnswer as reason:
        return _of_unknown_author(author_id, stored, f"{reason}.")
    if not answer.papers:
        return _of_unknown_author(author_id, stored, f"{author_id} has no paper on arXiv yet.")
    name, count = _owner_of(answer, initial_and_family(author_id))
    passages = [Passage(paper.title, paper.abstract) for paper in answer.papers]
    phrases = phrases_of(passages, stored, MOST // 2, f"papers by {name}")
    own = (f'author:"{name}"', f"author of {_many(count)} on arXiv")
    return Draft("", [own, *phrases])


def _owner_of(answer: Answer, initials: str) -> tuple[str, int]:
    """Whose papers these are, as most of them spell it, and how many they are."""
    said = _OWNER.match(answer.title)
    known = said.group(1) if said else initials
    everybody = Counter(name for paper in answer.papers for name in dict.fromkeys(paper.authors))
    spelled = Counter({name: n for name, n in everybody.items() if known and _is(known, name)})
    if not spelled and said:
        return known, len(answer.papers)
    [(name, _)] = (spelled or everybody).most_common(1) or [(known, 0)]
    return name, len(answer.papers)


def _is(known: str, name: str) -> bool:
    """Whether a name may be another spelling of one that is known."""
    with suppress(TopicError):
        return bool(find(parse(f'author:"{known}"'), Text("", "", (name,))))
    return False


def _of_unknown_author(author_id: str, stored: Stored, why: str) -> Draft:
    """By the letters of lecun_y_1 we can still go; an ORCID has none."""
    if name := initial_and_family(author_id):
        draft = _of_name(name, stored)
        return Draft("", draft.topics, (why, *draft.notes), draft.unsure)
    help_ = (
        f"{why} Nobody here knows whose number {author_id} is: paste an address like "
        'arxiv.org/a/lecun_y_1, or type the name as author:"Yann LeCun".'
    )
    return Draft("", [], (help_,))


def _of_name(name: str, stored: Stored) -> Draft:
    """The names that stored papers carry for Y Lecun; else the name with its initial."""
    query = f'author:"{name}"'
    names: Counter[str] = Counter()
    with suppress(TopicError):
        topic = parse(query)
        for authors in _rows(stored, topic, "authors"):
            if found := find(topic, Text("", "", tuple(map(str, authors)))):
                names.update(found.words)
    if names:
        topics = [
            (f'author:"{full}"', f"author of {_many(n)} in four weeks")
            for full, n in names.most_common(MOST_AUTHORS)
        ]
        if len(topics) == 1:
            return Draft("", topics)
        told = (f"Several people who write of late could be {name}: tick the one you mean.",)
        return Draft("", topics, told, tuple(query for query, _ in topics))
    note = f"No paper of the last four weeks is by {name}. The topic waits for the next one."
    return Draft("", [(query, "the author you named")], (note,))


def _many(count: int) -> str:
    return f"{count} paper{'s' if count != 1 else ''}"


# Listings and papers.


def _of_category(name: str, stored: Stored, lookup: Lookup) -> Draft:
    query = f"cat:{name}"
    rows = [Passage(*row) for row in _rows(stored, parse(query), "title", "abstract")]
    notes: tuple[str, ...] = ()
    if len(rows) < _ENOUGH:
        try:
            listed = lookup.listing(name).papers
            rows = [Passage(paper.title, paper.abstract) for paper in listed] or rows
        except NoAnswer as reason:
            notes = (f"{reason}, so {name} is judged by {_many(len(rows))} that we have.",)
    if not rows:
        return Draft("", [(query, "the listing")], (f"No paper of {name} is stored yet.", *notes))
    phrases = phrases_of(rows[:_SAMPLE], stored, MOST // 2, f"papers of {name}")
    return Draft("", [(query, "the listing"), *phrases], notes)


def _rows(stored: Stored, topic: ParsedTopic, *fields: str) -> Iterator[Any]:
    """These fields of up to 100 recent papers that may hold the topic."""
    places = stored.recent.find_candidates(topic, NO_ACRONYMS)
    some = places if len(places) <= _SAMPLE else Random(0).sample(places, _SAMPLE)
    papers = Paper.objects.filter(pk__in=[stored.recent.pks[place] for place in some])
    return papers.order_by("pk").values_list(*fields, flat=len(fields) == 1).iterator()


def _of_papers(numbers: Sequence[str], stored: Stored, lookup: Lookup) -> Draft:
    papers = Paper.objects.filter(identifier__in=[f"arxiv:{number}" for number in numbers])
    known = {paper.identifier.partition(":")[2]: paper for paper in papers}
    passages = [Passage(paper.title, paper.abstract) for paper in known.values()]
    missing = [number for number in numbers if number not in known]
    asked, notes = _asked(missing, lookup) if missing else ((), ())
    passages += [Passage(paper.title, paper.abstract) for paper in asked]
    if not passages:
        return Draft("", [], notes)
    if len(passages) == 1:
        found = phrases_of(passages, stored, MOST // 2, "")
        return Draft("", [(phrase, "in the paper you named") for phrase, _ in found], notes)
    return Draft("", phrases_of(passages, stored, MOST, "papers you named"), notes)


def _asked(numbers: Sequence[str], lookup: Lookup) -> tuple[tuple[Written, ...], tuple[str, ...]]:
    """The papers that arXiv knows under these numbers, and a note where there are fewer."""
    try:
        papers = lookup.papers(numbers).papers
    except NoAnswer as reason:
        named = ", ".join(numbers)
        return (), (f"{named}: not among the papers we have, and {reason}. Paste the abstract.",)
    if lacking := len(numbers) - len(papers):
        are = "is" if lacking == 1 else "are"
        return papers, (f"{_many(lacking)} of those you named {are} unknown to arXiv.",)
    return papers, ()
