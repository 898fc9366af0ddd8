"""A message is known again at a provider by our key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from digest.deliver.provider.message_search import (
    SEARCHES,
    CannotTell,
    FoundMessage,
    Wanted,
    find_message,
)
from digest.deliver.provider.traits import TRAITS
from tests.web_server import Answer, web_server

SINCE = datetime(2026, 4, 22, 12, tzinfo=UTC)
WANTED = Wanted("our-key", "ada@example.org", SINCE)


@pytest.mark.parametrize("stream", ["", "broadcast"])
def test_postmark_is_asked_about_the_stream_that_is_sent_through(stream: str) -> None:
    fields = {"esp_name": "Postmark", "api_url": "http://x/", "server_token": "t"}
    asked = SEARCHES["Postmark"].ask(
        SimpleNamespace(**fields, message_stream=stream or None, send_defaults={}), WANTED
    )
    assert asked["params"].get("messagestream", "") == stream


def test_every_provider_that_is_asked_is_one_we_send_through() -> None:
    assert set(SEARCHES) <= set(TRAITS)


def backend(url: str) -> Any:
    return SimpleNamespace(
        esp_name="Postmark",
        api_url=f"{url}/",
        server_token="token",
        message_stream=None,
        send_defaults={},
        session=requests.Session(),
    )


def test_only_our_key_tells() -> None:
    rows = [
        {"MessageID": f"of {key}", "Metadata": {"delivery": key}} for key in ("other", "our-key")
    ]
    with web_server() as server:
        server.give("/messages/outbound", json.dumps({"Messages": rows[:1]}).encode())
        with pytest.raises(CannotTell, match="other messages than were asked for"):
            find_message(backend(server.url), WANTED)
        server.give("/messages/outbound", json.dumps({"Messages": []}).encode())
        assert find_message(backend(server.url), WANTED) is None
        server.give("/messages/outbound", json.dumps({"Messages": rows}).encode())
        assert find_message(backend(server.url), WANTED) == FoundMessage("of our-key", "our-key")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=401, body=b"{}"),
        Answer(body=b"<html>"),
        Answer(body=b"[]"),
        Answer(body=b'{"Messages": [{"MessageID": "1"}]}'),
        Answer(body=b'{"Messages": null}'),
    ],
)
def test_what_cannot_be_read_tells_nothing(answer: Answer) -> None:
    with web_server() as server:
        server.give("/messages/outbound", answer)
        with pytest.raises(CannotTell):
            find_message(backend(server.url), WANTED)


def test_a_provider_that_is_away_tells_nothing() -> None:
    with pytest.raises(CannotTell):
        find_message(backend("http://127.0.0.1:9"), WANTED)
