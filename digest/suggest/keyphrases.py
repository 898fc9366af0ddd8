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

from django.utils.translation import gettext as _

from digest.suggest.papers_like import find_papers_like
from digest.suggest.phrase_usage import IN_TITLES, USED_BY, PhraseUsage, StoredPapers, measure_usage
from digest.suggest.usual_topics import rank_usual_topics
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import Acronyms
from subscribers.topics.capitals import list_capitals
from subscribers.topics.phrases import count_phrases
from subscribers.topics.words import normal_form, read_words

LOOK_UP_SECONDS = 0.2  # of CPU
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
class Keyphrase:
    """A phrase as one would type it, and how many of the texts (or sentences) hold it."""

    phrase: str
    count: int
    is_keyword: bool = False
    beside: int = 0  # the stored papers like these texts that `count` is of; 0: it is of the texts

    def explain(self, texts: str) -> str:
        """Why it is proposed; `texts` are those that were read, such as "20 titles"."""
        if self.beside:
            return _("in %(count)s of the %(beside)s papers here most like these") % {
                "count": self.count,
                "beside": self.beside,
            }
        if not self.is_keyword:
            return _("in %(count)s of %(texts)s") % {"count": self.count, "texts": texts}
        return (
            _("a keyword")
            if self.count == 1
            else _("a keyword of %(count)s entries") % {"count": self.count}
        )


def find_keyphrases(
    passages: Sequence[Passage], stored: StoredPapers, most: int, keywords: Mapping[str, int] = {}
) -> list[Keyphrase]:
    """Return the most telling phrases, of several that mean nearly the same only one.

    c x log2(1 + its words) x ln((k / n) / ((m + 1) / (N + 1))) x min(1, t / 0.15), where k of the n
    texts and m of the N stored papers hold the phrase, c of the k not only within longer terms, and
    t of all have it in their title: how far its share differs (pointwise Kullback-Leibler
    divergence; Tomokiyo and Hurst, 2003), with the weight of a term and of the terms it is a part
    of (C-value; Frantzi, Ananiadou and Mima, 2000). Of one text the sentences are counted.
    `keywords`, with their counts, are phrases that somebody chose already. What fewer than 3 stored
    papers hold only fills up to 5.
    """
    phrases, usages = _count_text_phrases(passages), dict[str, PhraseUsage]()
    best: list[Keyphrase] = []
    if len(passages) > _MANY:
        common = {key: count for key, count in phrases.items() if count[0] > 1}
        shared = _ScoredPhrases(passages, stored, keywords, common, usages).select_best(most)
        if len(shared) >= _AT_LEAST:
            best = shared
    if not best:
        best = _ScoredPhrases(passages, stored, keywords, phrases, usages).select_best(most)
    return _fill_up(best, most, passages, phrases, stored, usages)


def _fill_up(
    best: list[Keyphrase],
    most: int,
    passages: Sequence[Passage],
    phrases: Mapping[str, tuple[int, str]],
    stored: StoredPapers,
    usages: dict[str, PhraseUsage],
) -> list[Keyphrase]:
    """The best, and behind them what the texts are about that many papers are about."""
    if len(passages) <= 1:
        return best
    forms = [passage.form for passage in passages]
    counts = {key: n for key, (n, _unused) in phrases.items()}
    usual = list(rank_usual_topics(counts, forms, stored, usages))
    like = [Passage(*paper) for paper in find_papers_like(forms, stored)]
    beside, said = dict[str, tuple[int, str]](), list[str]()
    if like:
        beside = _count_text_phrases(like)
        counts = {key: n for key, (n, _unused) in beside.items() if n > 1}
        said = list(rank_usual_topics(counts, [], stored, usages, texts=len(like)))
    own = {normal_form(one.phrase).strip(): one for one in best}
    # What hardly any paper here is called by comes last: it may be a piece of an expression.
    known = [key for key in own if key not in usages or usages[key].is_topic]
    chosen = set(_drop_repetitions([*own, *usual, *said], stored.acronyms))
    order = [key for key in dict.fromkeys([*known, *usual, *said, *own]) if key in chosen][:most]
    return [
        own.get(key)
        or (
            _spell_keyphrase(*phrases[key])
            if key in phrases
            else _spell_keyphrase(*beside[key], beside=len(like))
        )
        for key in order
    ]


class _ScoredPhrases:
    """Phrases of some texts, by their stems, and how papers use them."""

    def __init__(
        self,
        passages: Sequence[Passage],
        stored: StoredPapers,
        keywords: Mapping[str, int],
        phrases: Mapping[str, tuple[int, str]],
        known_usages: dict[str, PhraseUsage],
    ) -> None:
        """`phrases` are those of the texts; what is looked up is added to `known_usages`."""
        self._stored, self._texts = stored, len(passages)
        self._has_abstracts = any(passage.text for passage in passages)
        self._phrases = phrases
        self._chosen = {normal_form(word).strip(): (n, word) for word, n in keywords.items()}
        counts = Counter({key: n for key, (n, _unused) in self._phrases.items()})
        # A keyword may stand in its entry's abstract too: the larger count.
        self._counts = counts | Counter({key: n for key, (n, _unused) in self._chosen.items()})
        self._usages = self._look_up([passage.form for passage in passages], known_usages)
        self._terms = self._select_terms()

    def select_best(self, most: int) -> list[Keyphrase]:
        """Return the phrases of the highest scores, without repetitions, at most so many."""
        scores = {key: self._score_phrase(key) for key in self._usages if self._is_term(key)}
        order = sorted(
            (key for key, score in scores.items() if score > 0),
            key=lambda key: (*self._rank_by_use(key), -scores[key], key),
        )
        best = _drop_repetitions(order, self._stored.acronyms)[:most]
        return [
            self._make_keyphrase(key)
            for rank, key in enumerate(best)
            if key in self._terms or (rank < _AT_LEAST and self._is_meant(key))
        ]

    def _look_up(
        self, forms: Sequence[str], known_usages: dict[str, PhraseUsage]
    ) -> dict[str, PhraseUsage]:
        """How papers use the likely phrases, the likeliest first, until LOOK_UP_SECONDS are used.

        On any usual machine that is all of them: only with very many papers some are left out.
        """
        allowance = CpuAllowance(LOOK_UP_SECONDS, self._stored.allowance)
        usages = dict[str, PhraseUsage]()
        for key in self._select_likely():
            if key not in known_usages:
                if allowance.is_spent:
                    break
                known_usages[key] = measure_usage(key, forms, self._stored)
            usages[key] = known_usages[key]
        return usages

    def _select_likely(self) -> list[str]:
        """The phrases worth counting: of high weight, and none of their words unheard of.

        Of an acronym and its long form only the long one.
        """
        statistics, acronyms = self._stored.statistics, self._stored.acronyms

        def rank_by_words(key: str) -> tuple[bool, bool, float, str]:
            share = statistics.measure_share(key.split())
            is_unheard = share * statistics.papers < USED_BY
            weight = self._counts[key] * _weigh_length(key) * log(share)
            return key not in self._chosen, is_unheard, weight, key

        long = acronyms.short_forms.keys() & {tuple(key.split()) for key in self._counts}
        short = {acronyms.stems[acronyms.short_forms[stems]] for stems in long}
        return sorted(self._counts.keys() - short, key=rank_by_words)[:_LOOKED_UP]

    def _select_terms(self) -> dict[str, int]:
        """The phrases that some stored papers hold, and how many do."""
        return {key: u.stored for key, u in self._usages.items() if u.is_of_the_field}

    def _rank_by_use(self, key: str) -> tuple[bool, bool]:
        """Terms of the field first, then what at least one stored paper holds."""
        return key not in self._terms, not self._usages[key].stored

    def _is_meant(self, key: str) -> bool:
        """Whether a phrase that no title names is more than a manner of speaking."""
        return key in self._chosen or self._counts[key] > min(self._texts, 2)

    def _is_term(self, key: str) -> bool:
        """Whether papers are about it, and it is a whole expression; of keywords less is asked."""
        usage = self._usages[key]
        if key in self._chosen:
            return " " in key or usage.is_subject  # but "applications"
        is_named = bool(usage.titled) or self._is_meant(key)
        is_whole = usage.is_whole and self._stored.is_bound(key, usage)
        return is_named and usage.is_subject and is_whole and not self._is_fragment(key)

    def _is_fragment(self, key: str) -> bool:
        """Whether it hardly ever stands outside one longer expression: large language."""
        papers = self._usages[key].stored
        return any(
            self._terms[other] > _FRAGMENT * papers for other in self._find_longer_terms(key)
        )

    def _find_longer_terms(self, key: str) -> Iterator[str]:
        """The terms of the field that this phrase is a part of."""
        return (other for other in self._terms if key != other and f" {key} " in f" {other} ")

    def _score_phrase(self, key: str) -> float:
        """The formula above; 0 for what may be chance."""
        usage, count = self._usages[key], self._counts[key]
        ratio = log(count / self._texts / self._estimate_share(usage))
        sure = _SURE if self._texts > 1 else _SURE_OF_ONE
        if key not in self._chosen and 2 * count * ratio < sure:
            return 0.0
        within = [self._counts[other] for other in self._find_longer_terms(key)]
        alone = count - sum(within) / (len(within) or 1)
        return alone * _weigh_length(key) * ratio * min(1.0, usage.in_titles / IN_TITLES)

    def _estimate_share(self, usage: PhraseUsage) -> float:
        """The share of stored papers that hold it; titles alone are compared with titles alone."""
        papers = max(len(self._stored.recent), _FEWEST_PAPERS) + self._texts + 1
        return ((usage.stored if self._has_abstracts else usage.stored_titled) + 1) / papers

    def _make_keyphrase(self, key: str) -> Keyphrase:
        """As one types it: what was chosen as it was, an acronym in the singular."""
        pair = self._chosen.get(key) or self._phrases[key]
        return _spell_keyphrase(*pair, is_keyword=key in self._chosen)


def _spell_keyphrase(
    count: int, spelled: str, *, is_keyword: bool = False, beside: int = 0
) -> Keyphrase:
    return Keyphrase(list_capitals(spelled) or spelled, count, is_keyword, beside)


def _count_text_phrases(passages: Sequence[Passage]) -> dict[str, tuple[int, str]]:
    """The phrases of the texts, by their stems: how many texts hold each, and its spelling."""
    texts = [[p.title, p.text] for p in passages]
    if len(texts) == 1:
        texts = [[part] for text in texts[0] for part in _SENTENCE.split(text)]
    read = ([read_words(part) for part in parts] for parts in texts)
    phrases = count_phrases(read)
    return {key: count for key, count in phrases.items() if not _NO_TERM & set(key.split())}


def _weigh_length(key: str) -> float:
    """More for more words: 1 for one, 2 for three."""
    return log2(1 + len(key.split()))


def _drop_repetitions(keys: Iterable[str], acronyms: Acronyms) -> list[str]:
    """The phrases without those that mostly repeat one before them, acronyms spelled out."""
    chosen, stems_of_chosen = list[str](), list[set[str]]()
    for key in keys:
        spelled_out = (acronyms.by_stem.get(stem, [(stem,)])[0] for stem in key.split())
        stems = {stem for form in spelled_out for stem in form}
        if all(2 * len(stems & other) < len(stems | other) for other in stems_of_chosen):
            stems_of_chosen.append(stems)
            chosen.append(key)
    return chosen
