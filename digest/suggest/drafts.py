"""Topics with their reasons, before they are counted; and the authors that papers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.suggest.keyphrases import Passage, find_keyphrases
from digest.suggest.phrase_usage import StoredPapers
from subscribers.topics.letters import fold

MOST = 20  # proposals
MOST_AUTHORS = 5
_FEWEST = 3  # papers that make an author somebody to follow
_LEAST_SHARE = 0.02  # of the papers, where there are very many


class NothingProposed(ValueError):
    """Nothing can be made of what was pasted; its text says why, and what to paste."""


@dataclass(frozen=True)
class Draft:
    """Topics with their reasons, best first, and sentences about what is not known."""

    read_as: str
    topics: list[tuple[str, str]]
    notes: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()  # topics of which perhaps one is meant: not to be ticked


def draft_phrases(
    passages: Sequence[Passage], stored: StoredPapers, most: int, whose: str
) -> list[tuple[str, str]]:
    """The keyphrases of some papers, with a reason such as "in 3 of 20 papers of cs.CL".

    `whose` ends the reason: "papers of cs.CL".
    """
    return [
        (one.phrase, one.explain(f"{len(passages)} {whose}"))
        for one in find_keyphrases(passages, stored, most)
    ]


def find_common_authors(papers: Sequence[Sequence[str]]) -> Iterator[tuple[str, int]]:
    """The names in at least 3 of these papers, and in how many, the most frequent first.

    Y. LeCun is Yann LeCun where nobody else of that family has the initial.
    """
    counts = Counter(name for names in papers for name in dict.fromkeys(names))
    people = _merge_spellings(counts)
    whole = Counter(dict.fromkeys(people.values(), 0))
    for names in papers:
        whole.update({people[name] for name in names if name in people})
    fewest = max(_FEWEST, _LEAST_SHARE * len(papers))
    for name, n in whole.most_common(MOST_AUTHORS):
        if n >= fewest:
            yield name, n


def _merge_spellings(names: Iterable[str]) -> dict[str, str]:
    """For each spelling of a name the fullest one; single words, such as a team's, are left out."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name in names:
        given, _, family = name.rpartition(" ")
        if given:
            alike.setdefault((fold(family), fold(given)[0]), []).append(name)
    people = {}
    for spellings in alike.values():
        full = sorted(spellings, key=lambda name: (-len(_read_first_name(name)), -len(name)))
        fullest = dict[str, str]()  # by first name
        for name in full:
            fullest.setdefault(_read_first_name(name), name)
        is_one = sum(len(first) > 1 for first in fullest) < 2
        for name in spellings:
            people[name] = full[0] if is_one else fullest[_read_first_name(name)]
    return people


def _read_first_name(name: str) -> str:
    """The first name, folded: "yann" for Yann LeCun, and of initials the first, "y"."""
    return fold(name).split()[0].split(".")[0]
