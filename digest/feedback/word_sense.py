"""The sense in which a paper has a topic that is a single word: the word beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.compose.features import TERM_CHARS, Trait
from digest.match.word_senses import is_single_word
from digest.models import Paper
from subscribers.topics import TopicError, parse_topic
from subscribers.topics.phrases import is_filler, lower_sentence_capitals
from subscribers.topics.words import Words, read_words


def list_sense_traits(paper: Paper, topics: Iterable[Trait]) -> list[Trait]:
    """For each of these topics that is a single word the phrase that the paper has it in.

    None where nothing stands beside it.
    """
    traits = []
    for topic in topics:
        stem = _read_single_stem(topic.said)
        phrases = (
            phrase
            for text in (paper.title, paper.abstract)
            for phrase in (_list_phrases(read_words(text), stem) if stem else ())
        )
        if found := next(phrases, None):
            term = f"{topic.term} {found[0]}"[:TERM_CHARS]
            traits.append(Trait("sense", term, found[1]))
    return traits


def _read_single_stem(query: str) -> str:
    """The stem of a topic that is one word; "" of any other."""
    try:
        topic = parse_topic(query)
    except TopicError:  # from an older release of the language
        return ""
    return topic.wanted[0].words[0].stem if is_single_word(topic) else ""


def _list_phrases(words: Words, stem: str) -> Iterator[tuple[str, str]]:
    """The word with the one before it, else with the one behind: stems and spelling."""
    for at in words.positions.get(stem, ()):
        for first in (at - 1, at):
            beside = first if first < at else at + 1
            is_there = first >= 0 and first + 1 < len(words.stems)
            if is_there and words.is_together(first, first + 1) and not is_filler(words, beside):
                spelled = lower_sentence_capitals(words.spell(first, first + 1))
                yield " ".join(words.stems[first : first + 2]), " ".join(spelled.split())
