"""A message is known again at a provider by our key, else by whom, what and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from digest.deliver.message_search import (
    SEARCHES,
    CannotTell,
    FoundMessage,
    Wanted,
    find_message,
)
from digest.deliver.traits import TRAITS
from tests.web_server import Answer, web_server

SINCE = datetime(2026, 4, 22, 12, tzinfo=UTC)
WANTED = Wanted("our-key", "ada@example.org", "RAG 5", SINCE)
BY_WORDS = FoundMessage("1", recipient="Ada@Example.org", subject="RAG 5", accepted_at=SINCE)


@pytest.mark.parametrize(
    ("found", "is_it"),
    [
        (FoundMessage("1", key="our-key"), True),
        (FoundMessage("1", key="another", recipient="ada@example.org", subject="RAG 5"), False),
        (BY_WORDS, True),
        (replace(BY_WORDS, accepted_at=SINCE - timedelta(minutes=50)), True),
        (replace(BY_WORDS, accepted_at=SINCE - timedelta(hours=20)), False),
        (replace(BY_WORDS, recipient="eve@example.org"), False),
    ],
)
def test_a_message_is_known_again(found: FoundMessage, is_it: bool) -> None:
    assert found.is_the(WANTED) is is_it


def test_another_subject_at_that_time_tells_nothing() -> None:
    with pytest.raises(CannotTell, match="another subject"):
        replace(BY_WORDS, subject="RAG 4").is_the(WANTED)


@pytest.mark.parametrize("stream", ["", "broadcast"])
def test_postmark_is_asked_about_the_stream_that_is_sent_through(stream: str) -> None:
    fields = {"esp_name": "Postmark", "api_url": "http://x/", "server_token": "t"}
    asked = SEARCHES["Postmark"].ask(
        SimpleNamespace(**fields, message_stream=stream or None, send_defaults={}), WANTED
    )
    assert asked["params"].get("messagestream", "") == stream


def test_without_a_subject_only_the_key_tells() -> None:
    wanted = replace(WANTED, subject="")
    assert FoundMessage("1", key="our-key").is_the(wanted)
    with pytest.raises(CannotTell, match="subject"):
        BY_WORDS.is_the(wanted)


def test_every_provider_that_is_asked_is_one_we_send_through() -> None:
    assert set(SEARCHES) <= set(TRAITS)


def backend(url: str, name: str = "Resend") -> Any:
    return SimpleNamespace(
        esp_name=name, api_url=f"{url}/", api_key="key", session=requests.Session()
    )


def row(n: int, at: datetime) -> dict[str, Any]:
    to, said = f"reader{n}@example.org", "RAG 5"
    return {"id": str(n), "to": [to], "subject": said, "created_at": f"{at}"}


def test_pages_are_turned_until_they_are_older_than_the_call() -> None:
    old = [SINCE - timedelta(minutes=25 * p) for p in range(9)]
    pages = [[row(n + 2 * p, at) for n in range(2)] for p, at in enumerate(old)]
    wanted = replace(WANTED, recipient="nobody@example.org")
    with web_server() as server:
        bodies = [json.dumps({"has_more": True, "data": page}).encode() for page in pages]
        server.give("/emails", *bodies)
        assert find_message(backend(server.url), wanted) is None
        assert len(server.requests("/emails")) == 4


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=401, body=b"{}"),
        Answer(body=b"<html>"),
        Answer(body=b"[]"),
        Answer(body=b'{"data": [{"id": "1"}]}'),
        Answer(body=b'{"data": null}'),
    ],
)
def test_what_cannot_be_read_tells_nothing(answer: Answer) -> None:
    with web_server() as server:
        server.give("/emails", answer)
        with pytest.raises(CannotTell):
            find_message(backend(server.url), WANTED)


def test_a_provider_that_is_away_tells_nothing() -> None:
    with pytest.raises(CannotTell):
        find_message(backend("http://127.0.0.1:9"), WANTED)
