"""What texts are about that many papers are about: it fills up what is characteristic of them.

A phrase that one of ten pasted titles holds, and every fiftieth of the stored papers, proves
nothing about these texts; but it is what somebody works on, and topics are what papers are found
by. So the phrases of the texts are topics too, where the stored papers use them as such: as a whole
expression, in titles, and more often here than elsewhere. Those that more of the texts hold come
first, then those that more papers are about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log

from digest.suggest.phrase_usage import IN_TITLES, PhraseUsage, StoredPapers, measure_usage
from subscribers.limits.cpu_allowance import CpuAllowance

LOOK_UP_SECONDS = 0.2  # of CPU
_LOOKED_UP = 80
_MORE_OFTEN = 1.3  # times as often as elsewhere


def rank_usual_topics(
    counts: Mapping[str, int],
    forms: Sequence[str],
    stored: StoredPapers,
    known: dict[str, PhraseUsage],
    texts: int = 0,
) -> Iterator[str]:
    """The phrases, by their stems, that are topics of the stored papers, the best first.

    `counts` has how many of the texts hold each; `forms` are the texts' normal forms, none where
    they are stored themselves, and `texts` is then their number. What is looked up is added to
    `known`.
    """
    allowance = CpuAllowance(LOOK_UP_SECONDS, stored.allowance)
    scores = dict[str, float]()
    for key in _select_likely(counts, stored):
        if key not in known:
            if allowance.is_spent:
                break
            known[key] = measure_usage(key, forms, stored)
        of_all = texts or len(forms)
        usage = known[key]
        is_topic = usage.is_topic and stored.is_bound(key, usage)
        if is_topic and _is_more_often_here(counts[key], of_all, usage, stored):
            scores[key] = _score(counts[key], usage)
    yield from sorted(scores, key=lambda key: (-scores[key], key))


def _select_likely(counts: Mapping[str, int], stored: StoredPapers) -> list[str]:
    """Those of most texts, then of words that most papers hold."""
    statistics = stored.statistics

    def rank(key: str) -> tuple[float, str]:
        return -counts[key] * statistics.measure_share(key.split()), key

    return sorted(counts, key=rank)[:_LOOKED_UP]


def _is_more_often_here(count: int, texts: int, usage: PhraseUsage, stored: StoredPapers) -> bool:
    share = usage.stored / max(len(stored.recent), 1)
    return count / max(texts, 1) >= _MORE_OFTEN * share


def _score(count: int, usage: PhraseUsage) -> float:
    return count * log(1 + usage.stored_titled) * min(1.0, usage.in_titles / IN_TITLES)
