"""Topics with their reasons, before they are counted; and the authors that papers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.suggest.keyphrases import Passage, telling_phrases
from digest.suggest.phrase_usage import Stored
from subscribers.topics.words import fold

MOST = 20  # proposals
MOST_AUTHORS = 5
_FEWEST = 3  # papers that make an author somebody to follow
_LEAST_SHARE = 0.02  # of the papers, where there are very many


class NothingProposed(ValueError):
    """Nothing can be made of what was pasted; its text says why, and what to paste."""


@dataclass(frozen=True)
class Draft:
    """Topics with their reasons, and sentences about what is not known."""

    read_as: str
    topics: list[tuple[str, str]]
    notes: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()  # topics of which perhaps one is meant: not to be ticked


def phrases_of(
    passages: Sequence[Passage], stored: Stored, most: int, whose: str
) -> list[tuple[str, str]]:
    """The telling phrases of some papers, with a reason such as "in 3 of 20 papers of cs.CL"."""
    return [
        (found.phrase, f"in {found.count} of {len(passages)} {whose}")
        for found in telling_phrases(passages, stored, most)
    ]


def common_authors(papers: Sequence[Sequence[str]]) -> Iterator[tuple[str, int]]:
    """The names in at least 3 of these papers, and in how many, the most frequent first.

    Y. LeCun is Yann LeCun where nobody else of that family has the initial.
    """
    counts = Counter(name for names in papers for name in dict.fromkeys(names))
    people = _people(counts)
    whole = Counter(dict.fromkeys(people.values(), 0))
    for names in papers:
        whole.update({people[name] for name in names if name in people})
    fewest = max(_FEWEST, _LEAST_SHARE * len(papers))
    for name, n in whole.most_common(MOST_AUTHORS):
        if n >= fewest:
            yield name, n


def _people(names: Iterable[str]) -> dict[str, str]:
    """For each spelling of a name the fullest one; single words, such as a team's, are left out."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name in names:
        given, _, family = name.rpartition(" ")
        if given:
            alike.setdefault((fold(family), fold(given)[0]), []).append(name)
    people = {}
    for spellings in alike.values():
        full = sorted(spellings, key=lambda name: (-len(_first_name(name)), -len(name)))
        firsts = {_first_name(name) for name in spellings if len(_first_name(name)) > 1}
        for name in spellings:
            same = [one for one in full if _first_name(one) == _first_name(name)]
            people[name] = full[0] if len(firsts) < 2 else same[0]
    return people


def _first_name(name: str) -> str:
    """yann; of initials the first: y."""
    return fold(name).split()[0].split(".")[0]
