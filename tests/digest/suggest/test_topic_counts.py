"""Topics are counted a few at a time, and what was counted is remembered for ten minutes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from digest.match import match_papers
from digest.suggest.topic_counts import (
    _CACHE_PREFIX,
    ADDRESS_CHARS,
    COUNTED_AT_ONCE,
    TopicCount,
    TopicCounts,
    count_topics,
    describe_rate,
)
from tests.factories import NOW, make_paper
from tests.outdated_cache import write_outdated_entry


@pytest.mark.django_db
def test_what_was_counted_is_remembered_and_the_others_wait() -> None:
    make_paper(title="Robot grasping")
    match_papers(NOW)
    queries = ["robot", *(f"topic number{n}" for n in range(COUNTED_AT_ONCE))]
    first = count_topics(queries, NOW)
    assert [topic.is_waiting for topic in first.topics] == [False] * COUNTED_AT_ONCE + [True]
    make_paper(title="Robot navigation")
    match_papers(NOW)
    second = count_topics(queries, NOW)
    assert second.topics[0] == first.topics[0]
    assert not second.is_waiting


@pytest.mark.django_db
def test_an_entry_of_an_earlier_release_is_never_read_and_one_that_cannot_be_read_is_a_miss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digest, asked, read = sha256(b"robot").hexdigest(), list[str](), cache.get
    for prefix in ("tried:", _CACHE_PREFIX):
        write_outdated_entry(f"{prefix}{digest}")

    def record(key: str, *rest: Any) -> Any:
        asked.append(key)
        return read(key, *rest)

    monkeypatch.setattr(cache, "get", record)
    make_paper(title="Robot grasping")
    match_papers(NOW)
    assert [topic.a_day for topic in count_topics(["robot"], NOW).topics] == [1.0]
    assert f"{_CACHE_PREFIX}{digest}" in asked
    assert not [key for key in asked if key.startswith("tried:")]
    assert isinstance(cache.get(f"{_CACHE_PREFIX}{digest}"), TopicCount)


def test_an_address_holds_as_many_topics_as_fit() -> None:
    topics = [TopicCount(f"topic number {n} " + "x" * 150) for n in range(50)]
    address = TopicCounts(topics).address
    assert len(address) <= ADDRESS_CHARS
    assert address.count("t=topic") > 10
    assert TopicCounts(topics[:1]).address == urlencode({"t": topics[0].query})


@pytest.mark.parametrize(
    ("a_day", "said"),
    [(0.0, "0"), (0.04, "under 0.1"), (0.5, "0.5"), (3.04, "3"), (3.16, "3.2"), (17.6, "18")],
)
def test_a_rate_is_said_as_exactly_as_it_is_known(a_day: float, said: str) -> None:
    assert describe_rate(a_day) == said


def test_how_an_and_is_read_is_told_beside_its_count() -> None:
    assert "type rag + agents" in TopicCount("rag and agents").reading
    assert TopicCount("rag or agents", problem="refused").reading == ""


@pytest.mark.django_db
def test_kinds_by_which_papers_are_found_are_told_with_a_button_that_switches_them_off(
    client: Client,
) -> None:
    said = client.post("/preview/", {"topics": "ferns, image restoration"}).content.decode()
    assert "<strong>image restoration</strong> also finds titles that name <em>denoising" in said
    assert 'value="1:&quot;image restoration&quot;"' in said
    quoted = client.post("/preview/", {"topics": '"image restoration"'}).content.decode()
    assert "also finds titles" not in quoted
