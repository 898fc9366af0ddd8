"""What is searched of a paper for what a mail shows of it: its texts, in sentences and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache

from digest.render.contribution import find_contribution
from subscribers.topics.highlight import Place, find_places, list_first_words
from subscribers.topics.words import Words, read_words

# A full stop ends a sentence, except behind an initial and the usual abbreviations.
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bal\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bFig\.)"
    r"(?<!\b[A-Z]\.)\s+(?=[A-Z0-9“\"(\[])"
)

# Lines of excerpts, which different found words often share: about 5 KB each.
read_lines = lru_cache(1024)(read_words)


class Sentences:
    """A text cut into its sentences, which are read into words when they are first searched."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.said = SENTENCE_END.split(text.strip())
        self.joined = " ".join(self.said)
        self._windows: dict[int, list[range]] = {}

    @cached_property
    def whole(self) -> Words:
        """The text as one, whose phrases may reach from one sentence into the next."""
        return read_words(self.text)

    @cached_property
    def words(self) -> list[Words]:
        return [read_words(sentence) for sentence in self.said]

    @cached_property
    def _holders(self) -> dict[str, int]:
        """Of each word, as it is folded, the sentences that hold it: bit n is for sentence n."""
        holders = dict[str, int]()
        for n, sentence in enumerate(self.words):
            for word in sentence.folded:
                holders[word] = holders.get(word, 0) | 1 << n
        return holders

    def find_places(self, words: Sequence[str]) -> dict[int, list[Place]]:
        """By sentence, in their order, where found words stand in it; those without any left out.

        Only sentences that hold the first word of what is looked for are looked through.
        """
        holders, bits, found = self._holders, 0, dict[int, list[Place]]()
        for first in list_first_words(words):
            bits |= holders.get(first, 0)
        while bits:
            n = (bits & -bits).bit_length() - 1
            bits &= bits - 1
            if places := find_places(self.words[n], words):
                found[n] = places
        return found

    @cached_property
    def contribution(self) -> int | None:
        """Which sentence says what the paper contributes; None where none says so."""
        return find_contribution(self.said)

    def list_windows(self, limit: int) -> list[range]:
        """From each sentence on as many as fit the limit; one at least."""
        if limit not in self._windows:
            starts = range(len(self.said))
            self._windows[limit] = [_fit_window(self.said, first, limit) for first in starts]
        return self._windows[limit]


class PaperTexts:
    """What is searched of a paper, read once for whatever is looked for."""

    def __init__(self, title: str, summary: str, abstract: str) -> None:
        self.title = said = read_words(title)
        self.summary, self.abstract = Sentences(summary), Sentences(abstract)
        # Asked of the same few words for each set of them that found the paper.
        self.is_in_title = cache(lambda word: bool(find_places(said, [word])))


def _fit_window(sentences: Sequence[str], first: int, limit: int) -> range:
    """As many whole sentences from the first on as fit the limit; one at least."""
    end, size = first + 1, len(sentences[first])
    while end < len(sentences) and size + 1 + len(sentences[end]) <= limit:
        size += 1 + len(sentences[end])
        end += 1
    return range(first, end)
