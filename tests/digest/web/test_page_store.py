"""Packed pages are kept within bounds, and shown only for the state they were made for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from digest.web import page_store as module
from digest.web.packed_page import PackedPage
from digest.web.page_store import PageStore

pytestmark = pytest.mark.cached
PAGE = PackedPage.pack([b"a page"], (("Content-Type", "text/html"),), "2026-04-22")


@pytest.fixture
def _no_redis(settings: Any) -> None:
    settings.REDIS_URL = ""


@pytest.mark.usefixtures("_no_redis")
def test_a_page_is_shown_for_its_own_state_and_address_alone() -> None:
    store = PageStore()
    store.put("/", "1", PAGE)
    assert store.get("/", "1") is PAGE
    assert store.get("/", "2") is None
    assert store.get("/topics/", "1") is None
    store.forget_all()
    assert store.get("/", "1") is None


@pytest.mark.usefixtures("_no_redis")
def test_the_page_that_was_asked_for_longest_ago_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2 * PAGE.size)
    store = PageStore()
    for address in ("/a", "/b"):
        store.put(address, "1", PAGE)
    assert store.get("/a", "1")
    for _ in range(3):  # the same page again takes no more room
        store.put("/c", "1", PAGE)
    assert [bool(store.get(address, "1")) for address in ("/a", "/b", "/c")] == [True, False, True]


@pytest.fixture
def _redis(settings: Any) -> None:
    settings.REDIS_URL = settings.REDIS_URL or "redis://the-cache-of-this-process-stands-for-it"


@pytest.mark.usefixtures("_redis")
def test_other_processes_have_it_from_redis() -> None:
    PageStore().put("/", "1", PAGE)
    assert PageStore().get("/", "1") == PAGE
    assert PageStore().get("/", "2") is None


@pytest.mark.usefixtures("_redis")
def test_redis_keeps_no_more_pages_than_it_has_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARED_PLACES", 1)
    PageStore().put("/a", "1", PAGE)
    PageStore().put("/b", "1", PAGE)
    assert PageStore().get("/b", "1") == PAGE
    assert PageStore().get("/a", "1") is None  # another page has its place


@pytest.mark.usefixtures("_redis")
@pytest.mark.parametrize("there", [["something else"], ("/",)])
def test_what_is_no_page_of_ours_is_none(there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARED_PLACES", 1)
    cache.set("page:0", there)
    assert PageStore().get("/", "1") is None
