"""How the topics of a list are read, for whoever typed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from subscribers.topics.language import parse_once
from subscribers.topics.misreadings import explain_reading
from subscribers.topics.terms import TopicError


def list_readings(queries: Iterable[str]) -> list[str]:
    """A sentence for each topic that may be meant otherwise than it is read: LLM and RAG.

    What is no topic is left out: its own sentence says so elsewhere.
    """
    return list(dict.fromkeys(_explain_each(queries)))


def _explain_each(queries: Iterable[str]) -> Iterator[str]:
    for query in queries:
        try:
            said = explain_reading(parse_once(query))
        except TopicError:
            continue
        if said:
            yield f"{said}."
