"""The first visitor after a change gets a page that is there already."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.test import Client

from digest.match.process_cache import process_cache
from digest.web import warm_pages
from digest.web.page_store import page_store
from digest.web.warm_pages import list_warm_addresses
from tests.digest.web.browsing import queries
from tests.factories import make_match, make_paper
from tests.running import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.fixture
def handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def test_every_page_of_the_newest_day_costs_its_first_visitor_one_query(
    client: Client, handler: BaseHandler, settings: Any
) -> None:
    settings.SITE_URL = "https://testserver"
    paper = make_paper(identifier="arxiv:2604.1")
    make_match(paper, "diffusion policy")
    warm_pages.warm_pages(handler, Event())
    addresses = list(list_warm_addresses())
    assert addresses == [
        *("/", "/papers/2026-04-22/", "/papers/2026-W17/", "/papers/2026-04/"),
        *("/paper/arxiv:2604.1/", "/topics/", "/topics/diffusion-policy/"),
    ]
    assert [queries(client, address) for address in addresses] == [1] * len(addresses)


def test_an_empty_site_has_its_first_pages_too(client: Client, handler: BaseHandler) -> None:
    assert list(list_warm_addresses()) == ["/", "/topics/"]
    warm_pages.warm_pages(handler, Event())
    assert queries(client, "/") == 1


def test_a_process_that_ends_renders_no_more(handler: BaseHandler) -> None:
    stopping = Event()
    stopping.set()
    warm_pages.warm_pages(handler, stopping)
    assert page_store.get("/?", "") is None


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_its_own_sees_to_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_pages, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(warm_pages, "REST_SECONDS", 0.01)
    rounds = list[int]()
    monkeypatch.setattr(warm_pages, "warm_pages", lambda *_: rounds.append(1))
    stopping = warm_pages.start_keeping_warm()
    try:
        wait_for(lambda: bool(rounds), "the first round")
        before = len(rounds)
        make_paper()
        wait_for(lambda: len(rounds) > before, "the round after a change")
        assert not process_cache.catalogue.is_loading
    finally:
        stopping.set()
