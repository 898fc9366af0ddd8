"""How much is read of what somebody pasted, and the sentence that says what was left out.

What reading costs grows as the number of words does, and one visitor's text must not take the time
of all others: MOST_WORDS take about a third of a CPU second, of words that nothing else has used.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from digest.suggest.keyphrases import Passage
from subscribers.topics.words import read_words

MOST_WORDS = 2_500
# No text is looked at beyond this, whatever its script calls a word.
MOST_CHARS = 40_000


def cut_text(text: str, words: int = MOST_WORDS) -> str:
    """The beginning of a text: so many words at most, and 40,000 characters."""
    cut = text[:MOST_CHARS]
    if len(cut) < len(text):  # not within a word
        cut = cut.rpartition(" ")[0] or cut
    spans = read_words(cut).spans
    return cut if len(spans) <= words else cut[: spans[words - 1][1]]


def count_words(text: str) -> int:
    return len(read_words(text[:MOST_CHARS]).stems)


def limit_text(text: str) -> tuple[str, tuple[str, ...]]:
    """What is read of a text, and a note where that is not all of it."""
    cut = cut_text(text)
    if len(cut) == len(text):
        return text, ()
    return cut, (
        _("Only the first %(cut)s words of it were read.") % {"cut": f"{count_words(cut):,}"},
    )


def limit_titles(
    titles: Sequence[str], words: int = MOST_WORDS
) -> tuple[list[str], tuple[str, ...]]:
    """The titles that are read, the first ones, and a note where these are not all."""
    read, left = list[str](), words
    for title in titles:
        left -= count_words(title) or 1
        if left < 0 and read:
            break
        read.append(cut_text(title, words))
    if len(read) == len(titles):
        return read, ()
    return read, (
        _("Only the first %(count)s of %(all)s titles were read.")
        % {"count": f"{len(read):,}", "all": f"{len(titles):,}"},
    )


def limit_papers(
    passages: Sequence[Passage], words: int = MOST_WORDS
) -> tuple[list[Passage], tuple[str, ...]]:
    """The passages with their abstracts where all of them can be read; else their titles.

    With some abstracts and not others, the share of texts that hold a phrase would say nothing.
    Of a single one as much as can be read.
    """
    if len(passages) == 1:
        [only] = passages
        title = cut_text(only.title, words // 2)
        return [Passage(title, cut_text(only.text, words // 2))], ()
    left = words
    for passage in passages:
        left -= count_words(passage.title) + count_words(passage.text)
        if left < 0:
            break
    else:
        return list(passages), ()
    titles, notes = limit_titles([passage.title for passage in passages], words)
    return [Passage(title) for title in titles], notes


def take_papers(passages: Sequence[Passage], words: int) -> list[Passage]:
    """As many of the first papers, with their abstracts, as have so many words; at least one."""
    taken, left = list[Passage](), words
    for passage in passages:
        left -= count_words(passage.title) + count_words(passage.text)
        if left < 0 and taken:
            break
        taken.append(Passage(cut_text(passage.title, words), cut_text(passage.text, words)))
    return taken
