"""Any page may read an answer, an unchanged one costs nothing, and too many are refused."""

from __future__ import annotations

import pytest
from django.test import Client

from digest.models import Paper
from tests.digest.web.api.asking import GOOD, asked, fits
from tests.factories import allow, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.mark.parametrize("address", [address for address, _ in GOOD])
def test_an_unchanged_answer_costs_nothing(client: Client, shelves: Paper, address: str) -> None:
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(address)
    assert (head.status_code, head["ETag"], head.content) == (200, first["ETag"], b"")


def test_every_web_page_may_read_and_nothing_else(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    preflight = strict.options("/api/v1/papers", headers={"Origin": "https://lab.example.org"})
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert preflight["Access-Control-Allow-Origin"] == "*"
    for method in (strict.post, strict.put, strict.delete, strict.patch):
        answer = method("/api/v1/papers")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
        fits(answer.json(), "Problem")


def test_who_asks_too_much_is_told_when_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_topic("world model")
    allow(monkeypatch, "ANSWERS", 1)
    asked(client, "/api/v1/days")
    answer = client.get("/feeds/latest.atom")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "Try again in" in answer.json()["detail"]
    fits(answer.json(), "Problem")
