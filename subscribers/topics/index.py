"""All topics at once: which of a million may be in one paper, in one pass over its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms
from subscribers.topics.language import parse
from subscribers.topics.reading import Text
from subscribers.topics.terms import ParsedTopic, Term
from subscribers.topics.words import read_words

_NOBODY: tuple[int, ...] = ()


class TopicIndex:
    """Topics by the one term of each that says most; phrases are marked with their beginnings.

    "diffus" is kept beside "diffus polici", so that a pass over a paper knows at every word
    whether a longer phrase can still follow. What it returns are candidates: `find` decides.
    """

    def __init__(self) -> None:
        self._topics: dict[str, tuple[int, ...]] = {}
        self._queries: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._queries)

    def __contains__(self, topic_id: object) -> bool:
        return topic_id in self._queries

    def query(self, topic_id: int) -> str:
        return self._queries[topic_id]

    def add(self, topic_id: int, topic: ParsedTopic) -> None:
        if topic_id in self._queries:
            return
        self._queries[topic_id] = topic.query
        key = term_key(max(topic.wanted, key=_reach))
        end = key.find(" ")
        while end > 0:
            self._topics.setdefault(key[:end], _NOBODY)
            end = key.find(" ", end + 1)
        self._topics[key] = (*self._topics.get(key, _NOBODY), topic_id)

    def queries(self) -> list[tuple[int, str]]:
        """Every topic's id and query."""
        return list(self._queries.items())

    def discard(self, topic_id: int) -> None:
        """Take a topic out; the beginnings of its phrase stay, and lead nowhere."""
        topic = parse(self._queries.pop(topic_id))
        key = term_key(max(topic.wanted, key=_reach))
        self._topics[key] = tuple(pk for pk in self._topics[key] if pk != topic_id)

    def candidates(
        self, normal_form: str, text: Text, acronyms: Acronyms = NO_ACRONYMS
    ) -> set[int]:
        """Ids of all topics that may be in a paper, given its normal form and its fields.

        Of the text only authors, organization and categories are used.
        """
        found: set[int] = set()
        for part in normal_form.split("|"):
            self._add_phrases(part.split(), acronyms, found)
        for key in name_keys(text):
            found.update(self._topics.get(key, _NOBODY))
        return found

    def _add_phrases(self, stems: list[str], acronyms: Acronyms, found: set[int]) -> None:
        topics, count = self._topics, len(stems)
        steps = _other_steps(stems, acronyms) if acronyms else {}
        for first, stem in enumerate(stems):
            if stem not in topics and first not in steps:
                continue
            paths = [("", first)]
            while paths:
                path, at = paths.pop()
                if at == count:
                    continue
                for step, after in ((stems[at], at + 1), *steps.get(at, ())):
                    phrase = f"{path} {step}" if path else step
                    ids = topics.get(phrase)
                    if ids is not None:
                        found.update(ids)
                        paths.append((phrase, after))


def _other_steps(stems: Sequence[str], acronyms: Acronyms) -> dict[int, list[tuple[str, int]]]:
    """Where an acronym or its long form stands: the other one, and where the text goes on."""
    steps: dict[int, list[tuple[str, int]]] = {}
    for i, stem in enumerate(stems):
        for long_form in acronyms.by_stem.get(stem, ()):
            steps.setdefault(i, []).append((" ".join(long_form), i + 1))
        for long_form in acronyms.by_beginning.get(stem, ()):
            if tuple(stems[i : i + len(long_form)]) == long_form:
                short = acronyms.stems[acronyms.short_forms[long_form]]
                steps.setdefault(i, []).append((short, i + len(long_form)))
    return steps


def _reach(term: Term) -> tuple[bool, int, int]:
    """The term that the fewest papers will have: a name, else the longest phrase."""
    return term.field in ("author", "org"), term.field != "cat" and len(term.stems), len(term.key)


def term_key(term: Term) -> str:
    """What a paper must hold, so that the term can be in it."""
    if term.field in ("author", "org"):
        return f"{term.field}:{max((word.folded for word in term.words), key=len)}"
    return f"cat:{term.words[0].folded}" if term.field == "cat" else " ".join(term.stems)


def name_keys(text: Text) -> Iterable[str]:
    """The keys of a paper's names: author:lecun, org:nvidia, cat:cs and cat:cs.cl."""
    for author in text.authors:
        for name in read_words(author).folded:
            yield f"author:{name}"
    for name in read_words(text.organization).folded:
        yield f"org:{name}"
    for category in text.categories:
        parts = category.casefold().split(".")
        for end in range(1, len(parts) + 1):
            yield f"cat:{'.'.join(parts[:end])}"
