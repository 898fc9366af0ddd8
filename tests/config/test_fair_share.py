"""What one network asks for keeps no other visitor, and no reader, from what they came for."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from config import fair_share
from config.fair_share import FairShareMiddleware
from config.lanes import COSTLY, PAGES, Lane
from digest.web import warm_pages
from subscribers import tokens
from subscribers.limits import cpu_budget
from tests.factories import make_paper, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.cached]
NETWORK = "192.0.2.9"


@pytest.fixture
def spent() -> None:
    """This network has used all the CPU time that it may."""
    cpu_budget.count_seconds("127.0.0.1", cpu_budget.SECONDS_PER_NETWORK, timezone.now())


@pytest.mark.usefixtures("spent")
def test_a_network_that_used_its_share_of_computing_is_told_so_and_when_it_goes_on(
    client: Client,
) -> None:
    for path in ("/search?q=robots", "/preview/?t=robots", "/?unknown=1", "/interests/"):
        answer = client.get(path)
        assert answer.status_code == 429, path
        assert b"more computing than one network may use" in answer.content
        assert 0 < int(answer["Retry-After"]) <= cpu_budget.WINDOW_SECONDS
    said = client.get("/api/v1/search?q=robots").json()
    assert said["status"] == 429
    assert client.get("/search?q=robots", REMOTE_ADDR=NETWORK).status_code == 200


@pytest.mark.usefixtures("spent")
def test_signing_up_links_staff_and_machines_go_on_all_the_same(client: Client) -> None:
    subscriber = make_subscriber()
    for path in (
        "/subscribe/",
        f"/unsubscribe/{tokens.sign(tokens.UNSUBSCRIBE, subscriber.pk)}/",
        f"/preferences/{tokens.sign(tokens.PREFERENCES, subscriber.pk)}/",
        "/admin/login/",
        "/healthz",
        "/readyz?of=pages",
    ):
        assert client.get(path).status_code == 200, path


def test_a_page_that_is_kept_is_shown_to_a_network_that_used_its_share(client: Client) -> None:
    make_paper()
    assert client.get("/").status_code == 200
    cpu_budget.count_seconds("127.0.0.1", cpu_budget.SECONDS_PER_NETWORK, timezone.now())
    assert client.get("/").status_code == 200


def test_the_computing_of_an_answer_is_counted_for_its_network(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([10.0, 10.0 + cpu_budget.SECONDS_PER_NETWORK])
    monkeypatch.setattr(fair_share.time, "thread_time", lambda: next(seconds))
    ask = FairShareMiddleware(lambda _: HttpResponse())
    assert ask(rf.get("/search", REMOTE_ADDR=NETWORK)).status_code == 200
    assert ask(rf.get("/search", REMOTE_ADDR=NETWORK)).status_code == 429


@pytest.mark.parametrize(
    ("path", "lane", "kind"),
    [
        ("/?unknown=1", PAGES, "text/html; charset=utf-8"),
        ("/search?q=robots", COSTLY, "text/html; charset=utf-8"),
        ("/api/v1/papers", PAGES, "application/problem+json"),
        ("/feeds/latest.atom", PAGES, "application/problem+json"),
    ],
)
def test_whoever_finds_a_lane_full_is_asked_to_come_again_and_nothing_else_is_kept_out(
    client: Client, path: str, lane: Lane, kind: str
) -> None:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as others:
        patch.setattr("config.lanes.PATIENCE_SECONDS", 0.01)
        for _ in range(lane.at_once):
            others.enter_context(lane.enter())
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (503, kind)
        assert b"Try again in a few seconds" in answer.content
        assert int(answer["Retry-After"]) > 0
        assert client.get("/subscribe/").status_code == 200
        assert client.get("/healthz").status_code == 200
    assert client.get(path).status_code == 200


def test_a_preview_that_is_refused_while_somebody_types_is_a_line_and_not_a_page(
    rf: RequestFactory,
) -> None:
    request: HttpRequest = rf.post("/preview/", headers={"HX-Request": "true"})
    assert b"<html" not in fair_share.refuse(request, fair_share.BUSY, 503, 2).content


def test_what_the_site_asks_itself_beforehand_says_nothing_of_its_proxies(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm page is asked for in this process: `doctor` would miss a proxy that is there."""
    settings.PROXY_HOPS, noted = 1, list[str]()
    monkeypatch.setattr(fair_share, "note_proxies", lambda request, _: noted.append(request.path))
    answer = FairShareMiddleware(lambda _: HttpResponse())
    answer(warm_pages._make_request("/"))
    answer(RequestFactory().get("/topics/"))
    assert noted == ["/topics/"]
