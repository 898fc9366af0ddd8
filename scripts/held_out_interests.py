"""How well pasted interests are understood: made-up people, half of whose papers are held back.

    .venv/bin/python scripts/held_out_interests.py author_keywords_dev.jsonl.gz --half 2

The file is that of held_out.py: papers with the keywords that their authors chose. Half of them,
drawn by --seed, are what people may paste; the others are stored as the papers of the last four
weeks. A made-up person works on two keywords of one half of all keywords (--half 1 to try a change
on, --half 2 to tell of it), and pastes up to --pasted papers that bear them: titles alone, and as
BibTeX with abstracts and keywords. It is told

    papers    which share of the person's stored papers the proposed topics find, and the ticked
    topics    which share of the two keywords is met: half of its stored papers are found
    wanted    which share of all that the proposals find bears one of the keywords
    empty     how many proposals find no stored paper at all

Everything is in a database in memory, and nothing is asked of anybody.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any, NamedTuple

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ["DATABASE_URL"] = "sqlite://:memory:"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 (after django.setup)

from digest.match import match_papers  # noqa: E402
from digest.match.paper_text import read_paper  # noqa: E402
from digest.match.process_cache import process_cache  # noqa: E402
from digest.models import Paper  # noqa: E402
from digest.suggest.drafts import NothingProposed  # noqa: E402
from digest.suggest.suggest import Proposal, propose_topics  # noqa: E402
from subscribers.topics import find_topic, parse_topic  # noqa: E402
from subscribers.topics.words import normal_form  # noqa: E402

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FEWEST = 3  # papers of a keyword in either half
DAYS = 27
FindStored = Callable[[str], frozenset[int]]
PASTED_OF_ONE = 5  # papers that bear one of the two keywords


class Person(NamedTuple):
    """Somebody who works on two keywords: what they paste, and what of the stored is theirs."""

    keywords: tuple[str, str]
    pasted: Sequence[dict[str, Any]]
    wanted: tuple[frozenset[int], frozenset[int]]  # by keyword the positions of stored papers


class Figures(NamedTuple):
    """What is told of one person's proposals; each 0 to 1, but for how many there are."""

    papers: float
    papers_ticked: float
    topics: float
    topics_ticked: float
    wanted: float
    proposals: int
    empty: int


def group_by_keyword(papers: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    """The positions of the papers that bear each keyword, given by its normal form."""
    found = defaultdict[str, list[int]](list)
    for position, paper in enumerate(papers):
        for keyword in {normal_form(word).strip() for word in paper["keywords"]} - {""}:
            found[keyword].append(position)
    return found


def make_people(
    pasted: Sequence[dict[str, Any]], stored: Sequence[dict[str, Any]], half: int, count: int
) -> Iterator[Person]:
    """So many people, their keywords drawn from one half of all; the same on every run."""
    own, others = group_by_keyword(pasted), group_by_keyword(stored)
    often = sorted(k for k in own if min(len(own[k]), len(others.get(k, ()))) >= FEWEST)
    Random(0).shuffle(often)
    keywords, dice = often[half - 1 :: 2], Random(half)
    for _ in range(count):
        one, two = dice.sample(keywords, 2)
        positions = [dice.sample(own[key], min(PASTED_OF_ONE, len(own[key]))) for key in (one, two)]
        chosen = dict.fromkeys(position for some in positions for position in some)
        yield Person(
            (one, two),
            [pasted[position] for position in chosen],
            (frozenset(others[one]), frozenset(others[two])),
        )


def store_papers(papers: Sequence[dict[str, Any]]) -> None:
    """Store these as the papers of the last four weeks."""
    for position, paper in enumerate(papers):
        at = NOW - timedelta(days=position % DAYS, hours=1)
        Paper.objects.create(
            identifier=f"url:https://example.org/{position}",
            title=paper["title"],
            folded_title=paper["title"].casefold(),
            abstract=paper["abstract"],
            url=f"https://example.org/{position}",
            published_at=at,
            first_seen_at=at,
            news_at=at,
        )
    match_papers(NOW)


def write_titles(papers: Sequence[dict[str, Any]]) -> str:
    return "\n".join(paper["title"] for paper in papers)


def write_bibtex(papers: Sequence[dict[str, Any]]) -> str:
    """As a reference manager exports them, with abstracts; without keywords, which are asked."""
    return "\n".join(
        f"@article{{p{n},\n title = {{{paper['title']}}},\n abstract = {{{_escape(paper)}}}\n}}"
        for n, paper in enumerate(papers)
    )


def _escape(paper: dict[str, Any]) -> str:
    return str(paper["abstract"]).replace("{", "").replace("}", "").replace("\\", " ")


def measure_person(person: Person, text: str, finds: FindStored) -> Figures:
    """What the proposals for this text find of what the person wants."""
    try:
        proposals = propose_topics(text, NOW).topics
    except NothingProposed:
        proposals = []
    found = [finds(proposal.query) for proposal in proposals]
    whole = frozenset[int]().union(*found)
    ticked = frozenset[int]().union(
        *(ids for one, ids in zip(proposals, found, strict=True) if one.is_ticked)
    )
    wanted = person.wanted[0] | person.wanted[1]
    return Figures(
        len(wanted & whole) / len(wanted),
        len(wanted & ticked) / len(wanted),
        mean(2 * len(own & whole) >= len(own) for own in person.wanted),
        mean(2 * len(own & ticked) >= len(own) for own in person.wanted),
        len(wanted & whole) / len(whole) if whole else 0.0,
        len(proposals),
        sum(not ids for ids in found),
    )


def make_finder() -> FindStored:
    """What finds the positions of the stored papers that a topic finds; each is read once."""
    learned, kept = process_cache.get_learned(NOW), dict[str, frozenset[int]]()
    readings = {
        int(paper.identifier.rpartition("/")[2]): read_paper(paper, learned)
        for paper in Paper.objects.all()
    }

    def find_stored(query: str) -> frozenset[int]:
        if query not in kept:
            topic = parse_topic(query)
            kept[query] = frozenset(pk for pk, one in readings.items() if find_topic(topic, one))
        return kept[query]

    return find_stored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--half", type=int, choices=(1, 2), default=1)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("titles", "BibTeX"), help="one of the two")
    parser.add_argument("--show", action="store_true", help="print what is proposed to each")
    options = parser.parse_args()
    with gzip.open(options.papers, "rt", encoding="utf-8") as lines:
        papers = [paper for paper in map(json.loads, lines) if paper.get("keywords")]
    Random(options.seed).shuffle(papers)
    pasted, stored = papers[::2], papers[1::2]
    call_command("migrate", verbosity=0)
    store_papers(stored)
    finds = make_finder()
    people = list(make_people(pasted, stored, options.half, options.people))
    print(f"{len(people)} people of half {options.half}, {len(stored)} stored papers")
    for name, write in (("titles", write_titles), ("BibTeX", write_bibtex)):
        if options.only not in (None, name):
            continue
        rows = [measure_person(one, write(one.pasted), finds) for one in people]
        print(name, _describe_means(rows))
        if options.show:
            for person in people:
                print(" ", person.keywords, [one.query for one in _propose(write, person)])


def _propose(
    write: Callable[[Sequence[dict[str, Any]]], str], person: Person
) -> Sequence[Proposal]:
    try:
        return propose_topics(write(person.pasted), NOW).topics
    except NothingProposed:
        return ()


def _describe_means(rows: Sequence[Figures]) -> str:
    means = Figures(*(mean(column) for column in zip(*rows, strict=True)))
    return ", ".join(f"{name} {value:.2f}" for name, value in means._asdict().items())


if __name__ == "__main__":
    main()
