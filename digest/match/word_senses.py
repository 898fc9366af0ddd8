"""The senses of a single word, as the last weeks' papers show them by what stands beside it.

"bias" is inductive in some papers, a camera's in others, and an unfairness in still others. Of the
papers that hold the word, those that hold one phrase beside it are a group; two groups are two
senses where they share hardly a paper and their other words have little in common. Groups are
small, so what is told apart may be two parts of one field as well: whoever typed the word narrows
it, or leaves it. Of an acronym the long forms that papers spell out are the senses. Nothing is
guessed: a word that papers use in one way, or that too few hold, has none to choose from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import sqrt

from digest.match.volume import SampledTopic, narrow_topic, rank_phrases_beside, sample_topic
from subscribers.topics import ParsedTopic, Reading, Statistics, TopicError, parse_topic
from subscribers.topics.acronyms import Acronyms, are_one_sense
from subscribers.topics.sense import measure_words
from subscribers.topics.spelled_out import SpelledOut, Stems
from subscribers.topics.terms import STOP_WORDS

MOST_SENSES = 3
SAMPLE = 60  # papers read of those that hold the word
_FEWEST_PAPERS = 3  # of the sample that show a sense
_LEAST_SHARE = 0.05  # of the sample
_LEAST_TITLED = 0.25  # of its papers that have a phrase in the title which is no name of the word
_MOST_SHARED = 0.2  # of the smaller of two groups' papers: more, and it is one sense
_MOST_ALIKE = 0.35  # cosine of what two groups say besides the word
_LOOKED_AT = 40  # phrases beside it, the most telling first
_SAID_WORDS = 2  # that tell a sense, besides its phrase


@dataclass(frozen=True)
class WordSense:
    """A narrower topic that stands for one sense, what tells it, and its papers a day."""

    query: str
    words: tuple[str, ...]
    a_day: float


@dataclass
class _Group:
    """Readings, by their places in the sample, that hold one phrase; and what they say."""

    key: str
    spelled: str
    places: frozenset[int]
    words: Mapping[str, float]


def is_single_word(topic: ParsedTopic) -> bool:
    """Whether it is one word, or acronym, that nothing narrows."""
    [first, *more] = topic.wanted
    return first.is_loose and len(first.words) == 1 and not more and not topic.unwanted


def find_word_senses(topic: ParsedTopic, now: datetime) -> list[WordSense]:
    """Two or three senses of a single word, the one with most papers first; [] for one alone."""
    if not is_single_word(topic):
        return []
    if short := topic.wanted[0].words[0].capitals:
        # In quotes: the letters, whatever a paper says they stand for.
        return _find_long_forms(short, sample_topic(parse_topic(f'"{short}"'), now, SAMPLE))
    sampled = sample_topic(topic, now, SAMPLE)
    groups = _part_groups(_list_groups(topic, sampled))
    senses = [_make_sense(topic, group, groups, sampled) for group in groups]
    chosen = [sense for sense in senses if sense.query and sense.a_day]
    return sorted(chosen, key=lambda one: -one.a_day) if len(chosen) > 1 else []


def _list_groups(topic: ParsedTopic, sampled: SampledTopic) -> Iterator[_Group]:
    """The groups of the most telling phrases beside the word."""
    statistics = sampled.learned.statistics
    forms = [reading.normal_form for reading in sampled.readings]
    own = frozenset(topic.stems)
    vectors = [_weigh_words(form, own, statistics) for form in forms]
    fewest = max(_FEWEST_PAPERS, _LEAST_SHARE * len(forms))
    phrases = list(islice(rank_phrases_beside(topic, sampled), _LOOKED_AT))
    # Longer names of the word before what stands apart from it: they tell a sense by themselves.
    for key, spelled in sorted(phrases, key=lambda phrase: own.isdisjoint(phrase[0].split())):
        places = frozenset(i for i, form in enumerate(forms) if f" {key} " in form)
        if len(places) >= fewest and (
            not own.isdisjoint(key.split()) or _is_in_titles(key, [forms[i] for i in places])
        ):
            yield _Group(key, spelled, places, _sum_vectors(vectors[i] for i in places))


def _is_in_titles(key: str, forms: Sequence[str]) -> bool:
    """Whether papers are about it: "state of the art" is in many, and in no title."""
    titled = sum(f" {key} " in f"{form.partition(' | ')[0]} " for form in forms)
    return titled >= _LEAST_TITLED * len(forms)


def _part_groups(groups: Iterable[_Group]) -> list[_Group]:
    """The first groups that are senses of their own."""
    chosen: list[_Group] = []
    for group in groups:
        if all(_are_apart(group, other) for other in chosen):
            chosen.append(group)
            if len(chosen) == MOST_SENSES:
                break
    return chosen


def _are_apart(one: _Group, other: _Group) -> bool:
    shared = len(one.places & other.places)
    is_shared = shared > _MOST_SHARED * min(len(one.places), len(other.places))
    return not is_shared and _measure_cosine(one.words, other.words) <= _MOST_ALIKE


def _weigh_words(form: str, own: Collection[str], statistics: Statistics) -> dict[str, float]:
    """What a paper says besides the topic, the rare words before the common; of length 1."""
    said = measure_words(form).items()
    weights = {s: x * statistics.measure_rarity(s) for s, x in said if s not in own}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {stem: weight / length for stem, weight in weights.items()}


def _sum_vectors(vectors: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    total: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        for stem, weight in vector.items():
            total[stem] += weight
    return total


def _measure_cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(weight * other.get(stem, 0.0) for stem, weight in one.items())
    lengths = sum(x * x for x in one.values()) * sum(x * x for x in other.values())
    return dot / (sqrt(lengths) or 1.0)


def _make_sense(
    topic: ParsedTopic, group: _Group, groups: Sequence[_Group], sampled: SampledTopic
) -> WordSense:
    """The topic narrowed to the group's phrase; its words are those the other groups say less."""
    others = _sum_vectors(other.words for other in groups if other is not group)
    own = {*topic.stems, *group.key.split()}
    readings = [sampled.readings[i] for i in sorted(group.places)]
    papers_with = Counter(stem for one in readings for stem in set(one.normal_form.split()))
    fewest = max(2, len(readings) / 3)  # what one paper says is its own
    telling = sorted(
        (s for s in group.words if s not in own and _tells(s) and papers_with[s] >= fewest),
        key=lambda stem: others.get(stem, 0.0) - group.words[stem],
    )[:_SAID_WORDS]
    words = tuple(_spell_stem(stem, readings) for stem in telling)
    query = narrow_topic(topic, group.key, group.spelled)
    return WordSense(query, words, sampled.measure_volume(group.key).a_day)


def _tells(stem: str) -> bool:
    return stem.isalpha() and stem not in STOP_WORDS


def _spell_stem(stem: str, readings: Sequence[Reading]) -> str:
    """The stem as most of these papers spell it."""
    spelled = Counter(
        words.folded[place]
        for reading in readings
        for words in (reading.title, reading.abstract)
        for place in words.positions.get(stem, ())
    )
    return spelled.most_common(1)[0][0] if spelled else stem


# Acronyms.


def _find_long_forms(short: str, sampled: SampledTopic) -> list[WordSense]:
    """What papers spell the acronym out as, where that is more than one thing."""
    forms = _list_known_forms(short, sampled.learned.acronyms)
    shown = [one for one, _ in _group_long_forms(short, sampled.readings)]
    forms += [one for one in shown if not any(are_one_sense(one.stems, f.stems) for f in forms)]
    senses = []
    for one in forms:
        try:
            query = parse_topic(one.spelled).query
        except TopicError:  # as in "C/C (…)"
            continue
        if a_day := sampled.measure_volume(" ".join(one.stems)).a_day:
            senses.append(WordSense(query, (), a_day))
    return senses[:MOST_SENSES] if len(senses) > 1 else []


def _list_known_forms(short: str, acronyms: Acronyms) -> list[SpelledOut]:
    """The senses that are stored, since enough of the papers that acronyms are learned from agree.

    The commonest first.
    """
    stems = acronyms.list_senses(short)
    return [SpelledOut(short, form, acronyms.evidence[short, form].spelled) for form in stems]


def _group_long_forms(short: str, readings: Sequence[Reading]) -> list[tuple[SpelledOut, set[int]]]:
    """Each sense by its commonest spelling, with the places of the papers; most papers first."""
    papers: dict[Stems, set[int]] = defaultdict(set)
    spelled: dict[Stems, SpelledOut] = {}
    for place, reading in enumerate(readings):
        for one in reading.spelled_out:
            if one.short == short:
                papers[one.stems].add(place)
                spelled.setdefault(one.stems, one)
    senses: list[tuple[SpelledOut, set[int]]] = []
    for stems in sorted(papers, key=lambda stems: (-len(papers[stems]), stems)):
        same = next((s for s in senses if are_one_sense(s[0].stems, stems)), None)
        if same:
            same[1].update(papers[stems])
        else:
            senses.append((spelled[stems], papers[stems]))
    return [sense for sense in senses if len(sense[1]) > 1]
