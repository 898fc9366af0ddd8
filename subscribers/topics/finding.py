"""Match a topic with one paper: how strongly it is in it, and which words show it.

A paper is read once (`read`) and may then be asked for any number of topics (`find`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from subscribers.topics.author_names import is_author, make_author_key
from subscribers.topics.capitals import list_capitals
from subscribers.topics.letters import fold
from subscribers.topics.occurrences import Span, find_occurrences
from subscribers.topics.reading import Reading, Text, read_text
from subscribers.topics.stems import make_singular
from subscribers.topics.strength import (
    AFTER_A_WORD,
    AS_TYPED_WEIGHT,
    BEFORE_A_WORD,
    MOST,
    OTHER_ENDING,
    TITLE_SHARE_WEIGHT,
    TOGETHER_WEIGHT,
    TOGETHER_WITHIN,
    saturate,
)
from subscribers.topics.terms import STOP_STEMS, STOP_WORDS, ParsedTopic, Term
from subscribers.topics.words import Words

SPELLINGS_PER_TERM = 3


class TopicMatch(NamedTuple):
    """How strongly a topic is in a paper (> 0), and the words that show it, as the paper has them.

    Near: its words are there, but not as the phrase that was typed. A digest takes none of these.
    """

    strength: float
    words: tuple[str, ...]
    is_near: bool = False
    is_in_title: bool = False


_ABSENT = TopicMatch(0.0, (), is_near=True)


def find_topic(topic: ParsedTopic, text: Text | Reading) -> TopicMatch | None:
    """Return how strongly the topic is in the paper, and by which words; None if it is not in it.

    In it means what a subscriber would accept: every phrase stands there as typed or in another
    number, ending or spelling, or as the acronym or long form that papers taught.
    """
    reading = read_text(text) if isinstance(text, Text) else text
    if topic.unwanted and any(_find_term_once(term, reading) for term in topic.unwanted):
        return None
    parts = []
    for term in topic.wanted:
        part = _find_term_once(term, reading)
        if part is None:
            return None
        parts.append(part)
    return _join_parts(topic, parts, reading)


def is_topic_in(topic: ParsedTopic, reading: Reading) -> bool:
    """Return whether `find` finds it: cheaper, for whoever asks many papers and shows few."""
    has_all = all(_is_term_in(term, reading) for term in topic.wanted)
    return has_all and not any(_is_term_in(term, reading) for term in topic.unwanted)


def _is_term_in(term: Term, reading: Reading) -> bool:
    if term.field in ("cat", "author", "org"):
        return _find_term(term, reading) is not None
    if _find_spans(term, reading.title, reading):
        return True
    return not term.field and bool(_find_spans(term, reading.abstract, reading))


def _find_spans(term: Term, words: Words, reading: Reading) -> list[Span]:
    """Where the phrase stands, but for acronyms that the paper spells out as something else.

    Whoever follows RAG, or retrieval-augmented generation, means no region adjacency graph (RAG);
    in quotes the letters are wanted whatever they stand for.
    """
    spans = find_occurrences(term, words, reading.acronyms)
    if not spans or term.is_exact:
        return spans
    spelled = [{list_capitals(words.spell(i, i)) for i in range(*span)} for span in spans]
    # Most hold no acronym that papers taught; what the paper spells out need not be read then.
    if not reading.acronyms.long_forms.keys() & set().union(*spelled):
        return spans
    pairs = zip(spans, spelled, strict=True)
    return [span for span, letters in pairs if reading.foreign_acronyms.isdisjoint(letters)]


def find_near(topic: ParsedTopic, text: Text | Reading) -> TopicMatch | None:
    """The same, and also a weaker match (`is_near`) where a phrase's words stand apart.

    Within one topic every near match is weaker than every other.
    """
    return _find_topic(topic, text, None)


def find_alike(topic: ParsedTopic, text: Text | Reading) -> TopicMatch | None:
    """The same, and also a near match, as weak as 0, in a paper that holds none of the words.

    None only where the topic shuts the paper out: by what it excludes, a field or quotes.
    """
    return _find_topic(topic, text, _ABSENT)


def _find_topic(
    topic: ParsedTopic, text: Text | Reading, absent: TopicMatch | None
) -> TopicMatch | None:
    """The mean of the matches of its terms; `absent` stands for a loose one that is not there."""
    reading = read_text(text) if isinstance(text, Text) else text
    if any(_is_term_in(term, reading) for term in topic.unwanted):
        return None
    parts = []
    for term in topic.wanted:
        part = _find_term_once(term, reading) or _find_scattered_words(term, reading)
        if part is None and term.is_loose:
            part = absent
        if part is None:
            return None
        parts.append(part)
    return _join_parts(topic, parts, reading)


def _join_parts(topic: ParsedTopic, parts: Sequence[TopicMatch], reading: Reading) -> TopicMatch:
    """The topic's match from those of its terms, one for each."""
    stems = [stem for term in topic.wanted for stem in term.stems]
    rareness = reading.statistics.measure_rareness(stems)
    if len(parts) == 1:
        [part] = parts
        strength = min(part.strength, 1.0) if part.is_near else part.strength
        return TopicMatch(strength * rareness, part.words, part.is_near, part.is_in_title)
    is_near = any(part.is_near for part in parts)
    strength = sum(min(p.strength, 1.0) if is_near else p.strength for p in parts) / len(parts)
    words = tuple(dict.fromkeys(word for part in parts for word in part.words))
    return TopicMatch(strength * rareness, words, is_near, any(part.is_in_title for part in parts))


def _find_term_once(term: Term, reading: Reading) -> TopicMatch | None:
    """What `_find_term` finds; a term that several topics have is looked for once in a paper."""
    if term.identity not in reading.found:
        reading.found[term.identity] = _find_term(term, reading)
    found: TopicMatch | None = reading.found[term.identity]
    return found


def _find_term(term: Term, reading: Reading) -> TopicMatch | None:
    if term.field == "cat":
        return _match_names(_filter_categories(term.words[0].folded, reading.text.categories))
    if term.field == "author":
        return _match_names(_list_authors(term, reading))
    if term.field == "org":
        return _match_names([n.text for n in reading.organization if _is_organization(term, n)])
    return _find_phrase(term, reading)


def _match_names(names: list[str]) -> TopicMatch | None:
    spellings = tuple(dict.fromkeys(names[:SPELLINGS_PER_TERM]))
    return TopicMatch(1.0 + MOST, spellings) if names else None


def _find_phrase(term: Term, reading: Reading) -> TopicMatch | None:
    in_title = _find_spans(term, reading.title, reading)
    in_abstract = _find_spans(term, reading.abstract, reading) if not term.field else []
    if not in_title and not in_abstract:
        return None
    spelled = [reading.title.spell(a, b - 1) for a, b in in_title]
    spelled += [reading.abstract.spell(a, b - 1) for a, b in in_abstract]
    once: dict[str, str] = {}
    for words in dict.fromkeys(spelled):
        once.setdefault(fold(words), words)
    phrase = saturate(
        sum(_weigh_mention(term, reading.title, *span) for span in in_title),
        sum(_weigh_mention(term, reading.abstract, *span) for span in in_abstract),
        reading.lengths,
    )
    strength = 1.0 + phrase + _measure_words(term, reading) + _measure_closeness(term, reading)
    if fold(term.plain) in once:
        strength += AS_TYPED_WEIGHT
    if any(not _has_other_ending(term, reading.title, *span) for span in in_title):
        strength += TITLE_SHARE_WEIGHT * len(term.words) / reading.title_size
    spellings = tuple(once.values())[:SPELLINGS_PER_TERM]
    return TopicMatch(strength, spellings, is_in_title=bool(in_title))


def _has_other_ending(term: Term, words: Words, first: int, end: int) -> bool:
    """Whether a single word stands there in an ending that papers use alike: robust."""
    if not term.is_single or end - first != 1 or words.stems[first] != term.stems[0]:
        return False
    return make_singular(words.fold(first)) != term.words[0].singular


def _weigh_mention(term: Term, words: Words, first: int, end: int) -> float:
    """How much one mention counts: less as a part of a longer name, "variational autoencoder".

    Least in another ending, which says what something is like more often than what is written of.
    """
    weight = OTHER_ENDING if _has_other_ending(term, words, first, end) else 1.0
    if first and _continues_name(words, first - 1, first):
        weight *= AFTER_A_WORD
    if end < len(words.stems) and _continues_name(words, end, end - 1):
        weight *= BEFORE_A_WORD
    return weight


def _continues_name(words: Words, neighbour: int, own: int) -> bool:
    """Whether a word beside a mention makes it a part of a longer name."""
    # Most neighbours are no small words, which their stems tell; where each stands in the text is
    # what costs.
    if words.stems[neighbour] in STOP_STEMS and words.fold(neighbour) in STOP_WORDS:
        return False
    return words.is_together(min(neighbour, own), max(neighbour, own))


def _find_scattered_words(term: Term, reading: Reading) -> TopicMatch | None:
    """The words of a phrase, or one word with another ending; below 1."""
    if not term.is_loose:
        return None
    strength = _measure_words(term, reading)
    if not strength:
        return None
    first = {stem: i for i, stem in reversed(list(enumerate(reading.title.stems)))}
    spelled = [reading.title.spell(first[s], first[s]) for s in term.stems if s in first]
    return TopicMatch(strength / MOST, tuple(dict.fromkeys(spelled)), is_near=True)


def _measure_words(term: Term, reading: Reading) -> float:
    """Each word of the phrase wherever it stands, the rare ones before the common: 0 to 2.2."""
    total = strength = 0.0
    variants = reading.acronyms.variants
    substitutes = {} if term.is_exact else variants.list_substitutes(term.stems)
    for stem in term.distinct_stems:
        rarity = reading.statistics.measure_rarity(stem)
        total += rarity
        mentions = reading.measure_mentions(stem)
        for others in substitutes.get(stem, ()):
            mentions = max(mentions, min(map(reading.measure_mentions, others)))
        strength += rarity * mentions
    return strength / total


def _measure_closeness(term: Term, reading: Reading) -> float:
    """How often the abstract brings all words of the phrase close together: 0 to 0.66."""
    stems = term.distinct_stems
    if len(stems) == 1 or term.field:
        return 0.0
    places = {stem: reading.abstract.find_stem(stem) for stem in stems}
    if not all(places.values()):
        return 0.0
    times, last = 0, dict[str, int]()
    for position, stem in sorted((at, one) for one in stems for at in places[one]):
        last[stem] = position
        if len(last) == len(stems) and position - min(last.values()) < TOGETHER_WITHIN:
            times, last = times + 1, {}
    return TOGETHER_WEIGHT * saturate(0.0, times, reading.lengths) if times else 0.0


def _filter_categories(name: str, categories: tuple[str, ...]) -> list[str]:
    return [c for c in categories if c.casefold() == name or c.casefold().startswith(f"{name}.")]


def _list_authors(term: Term, reading: Reading) -> list[str]:
    """The paper's authors who may be meant: none, mostly, as nobody has the family name."""
    if make_author_key(term) not in reading.author_keys:
        return []
    return [name for name in reading.text.authors if is_author(term, name)]


def _is_organization(term: Term, name: Words) -> bool:
    typed, size = [word.folded for word in term.words], len(term.words)
    return any(name.folded[i : i + size] == typed for i in range(len(name.folded) - size + 1))
