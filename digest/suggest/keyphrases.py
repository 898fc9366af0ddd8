"""The phrases that are characteristic of some texts against the papers we have.

Three questions decide, and none needs a list of words. Is it said more often than elsewhere? Is it
a whole expression, which ends where a small word or the title does: "real-world" hardly ever does,
"policy optimization" often? And is it what papers are about, and not only how they speak: of all
papers that say "latent space" every seventh has it in its title, "state of the art" none?
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log2

from digest.suggest.phrase_usage import IN_TITLES, USED_BY, Stored, Usage, usage_of
from subscribers.topics import Acronyms
from subscribers.topics.phrases import count_phrases
from subscribers.topics.words import capitals, normal_form, read_words

_LOOKED_UP = 80  # phrases counted among the stored papers: some 6 ms each with 20,000 of them
_FEWEST_PAPERS = 200  # so many seem to be stored where there are fewer
_FRAGMENT = 0.75  # of a phrase's papers that hold one longer expression: large language
_AT_LEAST = 5  # phrases, if need be with some that no stored paper holds
_MANY = 4  # more texts than that have their phrases in common
# Twice the log-likelihood ratio's leading part, 2 k ln(k / expected): below it is chance. Of one
# text there is one k, and it takes less.
_SURE, _SURE_OF_ONE = 8.0, 5.0
_NO_TERM = frozenset({"et", "al", "must", "cannot"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Passage:
    """One pasted paper, or one text that is none and has no title."""

    title: str
    text: str = ""

    @property
    def form(self) -> str:
        return f"{normal_form(self.title)}| {normal_form(self.text).lstrip()}"


@dataclass(frozen=True)
class Telling:
    """A phrase as one would type it, and how many of the texts hold it."""

    phrase: str
    count: int
    is_keyword: bool = False


def telling_phrases(
    passages: Sequence[Passage], stored: Stored, most: int, keywords: Mapping[str, int] = {}
) -> list[Telling]:
    """Return the most telling phrases, of several that mean nearly the same only one.

    c x log2(1 + its words) x ln((k / n) / ((m + 1) / (N + 1))) x min(1, t / 0.15), where k of the n
    texts and m of the N stored papers hold the phrase, c of the k not only within longer terms, and
    t of all have it in their title: how far its share differs (pointwise Kullback-Leibler
    divergence; Tomokiyo and Hurst, 2003), with the weight of a term and of the terms it is a part
    of (C-value; Frantzi, Ananiadou and Mima, 2000). Of one text the sentences are counted.
    `keywords`, with their counts, are phrases that somebody chose already. What fewer than 3 stored
    papers hold only fills up to 5.
    """
    told = _Told(passages, stored, keywords, 2 if len(passages) > _MANY else 1).best(most)
    if len(told) < _AT_LEAST and len(passages) > _MANY:
        return _Told(passages, stored, keywords, 1).best(most)
    return told


class _Told:
    """The phrases of some texts, and how papers use the likely ones."""

    def __init__(
        self,
        passages: Sequence[Passage],
        stored: Stored,
        keywords: Mapping[str, int],
        fewest: int,
    ) -> None:
        self._stored, self._texts = stored, len(passages)
        self._has_abstracts = any(passage.text for passage in passages)
        self._found = _found(passages, fewest)
        self._chosen = {normal_form(word).strip(): (n, word) for word, n in keywords.items()}
        counts = Counter({key: n for key, (n, _) in self._found.items()})
        # A keyword may stand in its entry's abstract too: the larger count.
        self._counts = counts | Counter({key: n for key, (n, _) in self._chosen.items()})
        forms = [passage.form for passage in passages]
        self._usages = {key: usage_of(key, forms, stored) for key in self._likely()}
        self._terms = self._of_the_field()

    def best(self, most: int) -> list[Telling]:
        scores = {key: self._score(key) for key in self._usages if self._is_term(key)}
        order = sorted(
            (key for key, score in scores.items() if score > 0),
            key=lambda key: (*self._is_unheard(key), -scores[key], key),
        )
        kept = _apart(order, self._stored.acronyms)[:most]
        return [
            self._said(key)
            for place, key in enumerate(kept)
            if key in self._terms or (place < _AT_LEAST and self._is_meant(key))
        ]

    def _likely(self) -> list[str]:
        """The phrases worth counting: of high weight, and none of their words unheard of.

        Of an acronym and its long form only the long one.
        """
        statistics, acronyms = self._stored.statistics, self._stored.acronyms

        def by_words(key: str) -> tuple[bool, bool, float, str]:
            share = statistics.share(key.split())
            is_unheard = share * statistics.papers < USED_BY
            weight = self._counts[key] * _length(key) * log(share)
            return key not in self._chosen, is_unheard, weight, key

        long = acronyms.short_forms.keys() & {tuple(key.split()) for key in self._counts}
        short = {acronyms.stems[acronyms.short_forms[stems]] for stems in long}
        return sorted(self._counts.keys() - short, key=by_words)[:_LOOKED_UP]

    def _of_the_field(self) -> dict[str, int]:
        """The phrases that some stored papers hold, and how many do."""
        return {key: u.stored for key, u in self._usages.items() if u.is_of_the_field}

    def _is_unheard(self, key: str) -> tuple[bool, bool]:
        return key not in self._terms, not self._usages[key].stored

    def _is_meant(self, key: str) -> bool:
        """Whether a phrase that no title names is more than a turn of speech."""
        return key in self._chosen or self._counts[key] > min(self._texts, 2)

    def _is_term(self, key: str) -> bool:
        usage = self._usages[key]
        if key in self._chosen:
            return " " in key or usage.is_subject  # but "applications"
        is_named = bool(usage.titled) or self._is_meant(key)
        return is_named and usage.is_subject and usage.is_whole and not self._is_fragment(key)

    def _is_fragment(self, key: str) -> bool:
        """Whether it hardly ever stands outside one longer expression: large language."""
        papers = self._usages[key].stored
        return any(self._terms[other] > _FRAGMENT * papers for other in self._longer(key))

    def _longer(self, key: str) -> Iterator[str]:
        return (other for other in self._terms if key != other and f" {key} " in f" {other} ")

    def _score(self, key: str) -> float:
        """The formula above; 0 for what may be chance."""
        usage, count = self._usages[key], self._counts[key]
        ratio = log(count / self._texts / self._usual(usage))
        sure = _SURE if self._texts > 1 else _SURE_OF_ONE
        if key not in self._chosen and 2 * count * ratio < sure:
            return 0.0
        within = [self._counts[other] for other in self._longer(key)]
        alone = count - sum(within) / (len(within) or 1)
        return alone * _length(key) * ratio * min(1.0, usage.in_titles / IN_TITLES)

    def _usual(self, usage: Usage) -> float:
        """The share of stored papers that hold it; titles alone are compared with titles alone."""
        papers = max(len(self._stored.recent), _FEWEST_PAPERS) + self._texts + 1
        return ((usage.stored if self._has_abstracts else usage.stored_titled) + 1) / papers

    def _said(self, key: str) -> Telling:
        """As one types it: what was chosen as it was, an acronym in the singular."""
        count, spelled = self._chosen.get(key) or self._found[key]
        return Telling(capitals(spelled) or spelled, count, key in self._chosen)


def _found(passages: Sequence[Passage], fewest: int) -> dict[str, tuple[int, str]]:
    """The phrases that so many of the texts hold, by their stems: how many, and their spelling."""
    texts = [[p.title, p.text] for p in passages]
    if len(texts) == 1:
        texts = [[part] for text in texts[0] for part in _SENTENCE.split(text)]
    read = ([read_words(part) for part in parts] for parts in texts)
    found = count_phrases(read, fewest)
    return {key: said for key, said in found.items() if not _NO_TERM & set(key.split())}


def _length(key: str) -> float:
    return log2(1 + len(key.split()))


def _apart(keys: Iterable[str], acronyms: Acronyms) -> list[str]:
    """Without those that mostly repeat one before them, acronyms spelled out."""
    kept: list[set[str]] = []
    chosen = []
    for key in keys:
        spelled_out = (acronyms.by_stem.get(stem, [(stem,)])[0] for stem in key.split())
        stems = {stem for form in spelled_out for stem in form}
        if all(2 * len(stems & other) < len(stems | other) for other in kept):
            kept.append(stems)
            chosen.append(key)
    return chosen
