"""A web process reads its papers before anybody asks."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.match.nearest import find_papers_near_search
from digest.match.process_cache import process_cache
from digest.match.search import search_papers
from digest.match.warm_up import start_warm_up, warm_up
from digest.match.word_index import finds_frequent_words_fast
from digest.models import Paper
from subscribers.topics import parse_topic
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("that_wednesday")]


def test_after_warming_a_search_only_asks_whether_there_is_news() -> None:
    make_paper(title="Robots at sea")
    match_papers(NOW)
    start_warm_up(NOW).join()
    with CaptureQueriesContext(connection) as captured:
        assert not search_papers("diffusion", ("pk",), 0, 25).matches
    # Of papers, and of acronyms; and by the index of words, for each way to read what was typed.
    assert len(captured) == (4 if finds_frequent_words_fast() else 2)


def test_what_was_read_is_looked_through_for_garbage_no_more() -> None:
    make_paper(title="Robots at sea")
    match_papers(NOW)
    gc.unfreeze()
    start_warm_up(NOW).join()
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_a_server_starts_without_a_database_that_answers(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("out of reach")

    caplog.set_level("INFO", "digest.match.warm_up")
    with connection.execute_wrapper(refuse):
        warm_up(NOW)
    assert "out of reach" in caplog.text


def test_a_search_waits_for_no_thread_that_reads_the_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first visitor of a process would else wait for seconds to be told what is alike."""
    make_paper(title="Robots at sea")
    match_papers(NOW)
    [paper] = Paper.objects.all()
    said: list[Any] = []

    def search_meanwhile() -> Any:
        topic = parse_topic("robots")
        said.append(find_papers_near_search(topic, [paper], NOW))
        return None

    monkeypatch.setattr(process_cache, "get_catalogue", search_meanwhile)
    warm_up(NOW)
    assert said == [([], {})]
    assert not process_cache.is_loading
