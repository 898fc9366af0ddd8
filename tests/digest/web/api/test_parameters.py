"""What cannot be answered gets a sentence."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.digest.web.api.asking import fits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/api/v1/papers?limit=0", 400, "from 1 to 100"),
        ("/api/v1/papers?limit=²", 400, "from 1 to 100"),
        ("/api/v1/papers?limit=00000000199999", 400, "from 1 to 100"),
        ("/api/v1/papers?sort=best", 400, "trend, newest"),
        ("/api/v1/papers?in=2026-02-30", 400, "2026-W17"),
        ("/api/v1/papers?in=9999-12", 400, "2026-W17"),
        ("/api/v1/papers?since=soon", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?since=2026-13-01T00:00:00", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?until=0001-01-01T00:00:00%2B14:00", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?cursor=x", 400, "cursor"),
        ("/api/v1/papers?cursor=WzEsMV0", 400, "cursor"),
        ("/api/v1/papers?cursor=WyJ4IiwxXQ", 400, "cursor"),
        ("/api/v1/papers?sort=trend&cursor=WzEuMCwxZTk5OV0", 400, "cursor"),
        ("/api/v1/papers?topic=a%00b", 400, "NUL"),
        (f"/api/v1/papers?topic={'x' * 501}", 400, "longer than 500"),
        ("/api/v1/papers?authors=Ada", 400, "You can use: category"),
        ("/api/v1/papers/arxiv:0000.00000", 404, "No such paper"),
        ("/api/v1/topics/nobodys", 404, "no such topic"),
        ("/api/v1/days/2026-04-23", 404, "not come yet"),
        ("/api/v1/days/2026-W17", 404, "2026-04-23"),
        ("/api/v1/days/yesterday", 404, "2026-04-23"),
        ("/api/v1/search?q=-power", 400, "only says what to leave out"),
        ("/api/v1/search", 400, "empty"),
        ("/api/v1/nothing", 404, "openapi.json"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(
    client: Client, address: str, status: int, said: str
) -> None:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    fits(body, "Problem")
    assert (answer.status_code, body["status"]) == (status, status)
    assert said in body["detail"]
