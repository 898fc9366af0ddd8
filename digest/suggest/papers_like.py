"""The stored papers most like those that were pasted: what they are about says what is meant.

A title has a handful of words, and whoever pastes ten of them works on more than these say. So the
words of each that tell it from others find the stored papers nearest to it, as a search would, and
what many of these are about is proposed as well, behind what the pasted texts say themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from digest.models import Paper
from digest.suggest.phrase_usage import StoredPapers
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import measure_words
from subscribers.topics.terms import STOP_WORDS

LOOK_UP_SECONDS = 0.2  # of CPU
_MOST_STEMS = 60  # looked up among the stored papers, of all texts together
_MOST_COMMON = 0.05  # of the papers hold a word that tells them apart
_OF_EACH = 6  # papers like each text
_MOST = 80  # in all
_SHARED_STEMS = 2  # with a text, at least


def find_papers_like(forms: Sequence[str], stored: StoredPapers) -> list[tuple[str, str]]:
    """Title and abstract of the stored papers nearest to these texts, given as normal forms."""
    weights = [_weigh_stems(form, stored) for form in forms]
    holding = _look_up(weights, stored)
    chosen = dict[int, None]()
    for text in weights:
        for position in _rank_papers(text, holding)[:_OF_EACH]:
            chosen[position] = None
    ids = [stored.recent.pks[position] for position in chosen][:_MOST]
    papers = Paper.objects.filter(pk__in=ids).order_by("pk")
    return list(papers.values_list("title", "abstract"))


def _weigh_stems(form: str, stored: StoredPapers) -> Mapping[str, float]:
    """What a text says by the words that tell it from others, the rare ones before the common."""
    statistics = stored.statistics
    most = max(3, statistics.papers * _MOST_COMMON)
    return {
        stem: said * statistics.measure_rarity(stem)
        for stem, said in measure_words(form).items()
        if stem not in STOP_WORDS
        and stem.isalpha()
        and 3 <= statistics.papers_with.get(stem, 0) <= most
    }


def _look_up(weights: Sequence[Mapping[str, float]], stored: StoredPapers) -> dict[str, set[int]]:
    """By stem the positions of the stored papers that hold it: of those that weigh most in all."""
    total = defaultdict[str, float](float)
    for text in weights:
        for stem, weight in text.items():
            total[stem] += weight
    allowance = CpuAllowance(LOOK_UP_SECONDS, stored.allowance)
    holding = dict[str, set[int]]()
    positions = stored.recent.positions
    for stem in sorted(total, key=lambda stem: (-total[stem], stem))[:_MOST_STEMS]:
        if allowance.is_spent:
            break
        holding[stem] = set(stored.recent.filter_by_phrases([f" {stem} "], positions))
    return holding


def _rank_papers(text: Mapping[str, float], holding: Mapping[str, set[int]]) -> list[int]:
    """The positions of the papers that share most with one text, the nearest first."""
    shared, nearness = Counter[int](), defaultdict[int, float](float)
    for stem, weight in text.items():
        for position in holding.get(stem, ()):
            shared[position] += 1
            nearness[position] += weight
    near = [position for position in nearness if shared[position] >= _SHARED_STEMS]
    return sorted(near, key=lambda position: (-nearness[position], position))
