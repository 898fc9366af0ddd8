"""What a topic's papers of the last weeks teach about it: its floor, and the words beside it.

*The floor.* A paper that is on a topic is told from one that mentions it by how strong the match
is; where the line runs differs from topic to topic. Of the strengths s of its n finds among the N
papers of the last weeks

    floor = (mean(s) + 1.5 + ln(1 + 100 n / N) / (4 ln 2)) / 2

so that a topic mostly named in passing, or in a great many papers, asks for more. No floor is below
LEAST_FLOOR, as strong as one mention in passing; it is that where fewer than FEWEST_FINDS tell how
they spread, and where more do it never shuts out the strongest quarter.

*The words.* Of its strongest finds those stems that weigh most, each by how rare it is and how
often these say it (Rocchio's feedback, as in likeness.py, cut to WORDS stems: as good as 500 of
them, docs/topics.md). How near another paper is to the topic is the sum of these weights, each
times how much the paper says the word; the topic's own words standing apart count too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import fsum, log2, sqrt

from subscribers.topics.strength import MOST, Statistics, compare_lengths, saturate
from subscribers.topics.terms import STOP_WORDS, ParsedTopic

EXAMPLES = 20  # finds that words are learned from
WORDS = 12
FEWEST_FINDS = 8  # before a floor is known
# Of 90 papers judged by hand 2 of the 19 below it were right, and 56 of the 71 others
# (docs/judged.md): what an abstract says once, in passing, is no stronger.
LEAST_FLOOR = 2.6
_MOST_COMMON = 1 / 6  # of all papers hold a word that tells them apart
# Beside a topic's own words, which sum up to 1: what its finds have in common tells more of a
# paper than the words of its name standing apart.
_LIKENESS_WEIGHT = 3.0


@dataclass(frozen=True)
class TopicSense:
    """What is known of one topic: nothing, as long as no papers taught it."""

    floor: float = 0.0  # a weaker find mentions the topic in passing
    weights: Mapping[str, float] | None = None  # by stem; None where no paper can be near it

    def write_weights(self) -> str:
        """The weights as they are stored: lge:0.412 atrial:0.305."""
        return " ".join(f"{stem}:{weight:.3f}" for stem, weight in (self.weights or {}).items())


def read_weights(stored: str) -> dict[str, float]:
    """The weights by stem from what `write_weights` wrote."""
    pairs = (word.rpartition(":") for word in stored.split())
    return {stem: float(weight) for stem, _, weight in pairs}


def measure_words(form: str) -> dict[str, float]:
    """How much a paper says each of its stems, 0 to 2.2, from its normal form."""
    title, _, abstract = form.partition(" | ")
    in_title, in_abstract = Counter(title.split()), Counter(abstract.split())
    size = compare_lengths(in_title.total(), in_abstract.total())
    words = {stem: saturate(times, in_abstract[stem], size) for stem, times in in_title.items()}
    # Most words of an abstract stand in it once or twice.
    said = {times: saturate(0, times, size) for times in set(in_abstract.values())}
    for stem, times in in_abstract.items():
        if stem not in in_title:
            words[stem] = said[times]
    return words


def measure_some_words(form: str, stems: frozenset[str]) -> dict[str, float]:
    """The same of these stems alone: a tenth of the work where a paper says few of them."""
    title, _, abstract = form.partition(" | ")
    in_title, in_abstract = title.split(), abstract.split()
    titled, said = dict[str, int](), dict[str, int]()
    for counts, words in ((titled, in_title), (said, in_abstract)):
        for stem in filter(stems.__contains__, words):
            counts[stem] = counts.get(stem, 0) + 1
    if not titled and not said:
        return {}
    size = compare_lengths(len(in_title), len(in_abstract))
    titled_and_said = titled | said
    return {s: saturate(titled.get(s, 0), said.get(s, 0), size) for s in titled_and_said}


def compute_floor(topic: ParsedTopic, strengths: Sequence[float], papers: int) -> float:
    """Below which strength a find mentions the topic in passing; 0 where that is not known.

    `strengths` are those of all finds among the last weeks' `papers`. Names and categories are
    either there or not, so they have no floor.
    """
    finds = len(strengths)
    if not finds or all(term.field for term in topic.wanted):
        return 0.0
    if finds < FEWEST_FINDS:
        return LEAST_FLOOR
    in_a_hundred = 100 * finds / max(papers, finds)
    # In whatever order the rows are read, the same to the last digit.
    floor = (fsum(strengths) / finds + 1.5 + 0.25 * log2(1 + in_a_hundred)) / 2
    strong_quarter = sorted(strengths)[(3 * finds) // 4]
    return min(max(floor, LEAST_FLOOR), strong_quarter)


def allows_near(topic: ParsedTopic) -> bool:
    """Whether a paper can be near the topic.

    One in quotes, with a field, or that leaves something out says exactly what it wants.
    """
    return not topic.unwanted and all(term.is_loose for term in topic.wanted)


def learn_weights(
    topic: ParsedTopic,
    examples: Iterable[tuple[float, Mapping[str, float]]],
    statistics: Statistics,
) -> dict[str, float] | None:
    """The weights of the words that make a paper near the topic, the heaviest first.

    `examples` are its strongest finds: a strength, and what `measure_words` says of the paper. None
    for a topic that no paper can be near.
    """
    if not allows_near(topic):
        return None
    weights = weigh_words_beside(list(examples), statistics)
    for term in topic.wanted:
        rarities = {stem: statistics.measure_rarity(stem) for stem in term.distinct_stems}
        whole = sum(rarities.values()) * MOST * len(topic.wanted)
        for stem, rarity in rarities.items():
            weights[stem] = weights.get(stem, 0.0) + rarity / whole
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0])))


def _says_something(stem: str, statistics: Statistics) -> bool:
    """Whether a word may tell what a paper is about: no number, and not in every sixth paper."""
    if stem in STOP_WORDS or not any(map(str.isalpha, stem)):
        return False
    return statistics.papers_with.get(stem, 0) <= max(statistics.papers, 12) * _MOST_COMMON


def weigh_words_beside(
    examples: Sequence[tuple[float, Mapping[str, float]]], statistics: Statistics
) -> dict[str, float]:
    """The heaviest stems of the mean example, weighed so that a usual find sums up to 0 to 3."""
    total = sum(strength for strength, _ in examples) or 1.0
    # What a single one of several says is its own, and not the topic's.
    papers_with = Counter(chain.from_iterable(words for _, words in examples))
    fewest = 2 if len(examples) > 2 else 1
    mean, usual_length = dict[str, float](), 0.0
    rarities = {stem: statistics.measure_rarity(stem) for stem in papers_with}
    for strength, words in examples:
        weighed = {stem: rarities[stem] * said for stem, said in words.items()}
        length = sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
        usual_length += length / len(examples)
        share = strength / total
        for stem, weight in weighed.items():
            mean[stem] = mean.get(stem, 0.0) + share * weight / length
    shared = (stem for stem in mean if papers_with[stem] >= fewest)
    in_order = sorted(shared, key=lambda stem: (-mean[stem], stem))
    heaviest = list(islice((s for s in in_order if _says_something(s, statistics)), WORDS))
    scale = sqrt(sum(mean[stem] ** 2 for stem in heaviest)) * usual_length or 1.0
    return {
        stem: _LIKENESS_WEIGHT * mean[stem] * statistics.measure_rarity(stem) / scale
        for stem in heaviest
    }
