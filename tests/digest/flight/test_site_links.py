"""Addresses of this site are asked without a network, as a visitor would."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from digest.flight.site_links import find_status, is_own, name_page, read_token
from digest.match import match_papers
from digest.match.process_cache import process_cache
from subscribers.limits import cpu_budget
from subscribers.limits.rate_limits import OWN_REQUEST
from subscribers.mail.mail_links import feedback_url
from tests.factories import NOW, make_match, make_paper, make_reader

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"


def test_pages_answer_and_are_named() -> None:
    assert (name_page(f"{SITE}/"), find_status(f"{SITE}/")) == ("digest:today", 200)
    assert (name_page(f"{SITE}/nowhere"), find_status(f"{SITE}/nowhere")) == ("", 404)
    assert read_token(f"{SITE}/mail/7.abc/") == "7.abc"
    assert read_token(f"{SITE}/nowhere") == ""


def test_what_reads_all_papers_is_left_out_and_nobody_is_shown_such_a_page(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    """A process that delivers has no catalogue, and reads none before an edition's first mail."""
    time_machine.move_to(NOW)
    said = "Sediment settles where rivers meet tidal basins; deltas grow by floods."
    paper, *_, other = [make_paper(title=f"Deltas {n}", abstract=said) for n in range(4)]
    for n in range(30):
        make_paper(title=f"Hats {n}", abstract="Felt is worn by whoever likes brims.")
    topic = make_match(paper, "deltas").topic
    match_papers(NOW)
    mute = f"{feedback_url(make_reader('deltas').pk)}mute/{paper.pk}/".removeprefix(SITE)
    pages = [f"/paper/{paper.identifier}/", f"/topics/{topic.slug}/", mute]
    process_cache.forget_all()
    assert [find_status(f"{SITE}{page}") for page in pages] == [200, 200, 200]
    assert not process_cache.catalogue.value.catalogue
    assert not process_cache.recent.value.positions
    assert other.title in client.get(pages[0]).content.decode()


def test_a_site_with_a_name_and_a_path_of_its_own_is_asked_under_them(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org/reading"
    settings.ALLOWED_HOSTS = ["papers.example.org"]
    assert find_status("https://papers.example.org/reading/subscribe/#form") == 200


def test_other_sites_are_not_ours() -> None:
    assert is_own(SITE)
    assert not is_own(f"{SITE}.example.org/")


def test_what_others_asked_from_this_machine_keeps_no_edition_on_the_ground(client: Client) -> None:
    cpu_budget.count_seconds("127.0.0.1", cpu_budget.SECONDS_PER_NETWORK, timezone.now())
    forged = {"HTTP_OFFPRINT_OWN_REQUEST": "1", "headers": {OWN_REQUEST: "1"}}
    assert client.get("/subscribe/").status_code == 200
    assert client.get("/topics/", REMOTE_ADDR="127.0.0.1", **forged).status_code == 429
    assert find_status(f"{SITE}/topics/") == 200


def test_the_site_does_not_count_what_it_asks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[float] = []
    monkeypatch.setattr(cpu_budget, "count_seconds", lambda _, seconds, __: counted.append(seconds))
    find_status(f"{SITE}/topics/")
    assert counted == []
