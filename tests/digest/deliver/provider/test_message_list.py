"""What a provider accepted since a moment, read to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.provider import message_listings
from digest.deliver.provider.message_list import MessageLister
from digest.deliver.provider.message_listings import _read_mailgun
from digest.deliver.provider.message_search import CannotTell, SearchRefused
from tests.factories import NOW
from tests.provider_server import Server

HOUR = timedelta(hours=1)


def accept(server: Server, count: int) -> None:
    """So many mails as each provider is handed them; all accepted at 12:00:05."""
    for n in range(count):
        to, key = f"Reader{n}@example.org", f"key-{n}"
        server.book.accepted.append(
            {"To": to, "to": [to], "Subject": "News", "subject": "News"}
            | {"Metadata": {"delivery": key}}
        )


def list_all(since: Any) -> list[message_listings.ListedMessage]:
    with MessageLister() as lister:
        return [message for page in lister.list_messages(since) for message in page]


@pytest.mark.parametrize("provider", ["postmark", "brevo", "resend"])
def test_every_message_is_listed_once_whatever_pages_it_takes(
    provider: str, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(provider)
    monkeypatch.setattr(message_listings, "BREVO_LIMIT", 3)
    accept(server, 7)
    found = list_all(NOW)
    assert sorted(one.recipient for one in found) == [f"reader{n}@example.org" for n in range(7)]
    assert {one.accepted_at - NOW for one in found} == {timedelta(seconds=5)}
    keys = {one.key for one in found}
    assert keys == ({f"key-{n}" for n in range(7)} if provider == "postmark" else {""})
    assert list_all(NOW + HOUR) == []


def test_a_list_that_has_the_oldest_first_is_read_to_its_end_all_the_same(
    use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("resend")
    accept(server, 7)
    ages = dict.fromkeys([f"reader{n}@example.org" for n in range(4)], HOUR / 2)
    monkeypatch.setattr(server.book, "page_size", 3)

    def read(answer: dict[str, Any]) -> Any:
        for n, one in enumerate(message_listings._read_resend(answer)):
            at = one.accepted_at - ages.get(one.recipient, timedelta(0)) + timedelta(seconds=n)
            yield replace(one, accepted_at=at)

    resend = replace(message_listings.LISTINGS["Resend"], read=read)
    monkeypatch.setitem(message_listings.LISTINGS, "Resend", resend)
    found = list_all(NOW)
    assert sorted(one.recipient for one in found) == [f"reader{n}@example.org" for n in (4, 5, 6)]


def test_postmark_is_asked_for_what_is_older_where_its_search_ends(
    use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("postmark")
    accept(server, 1)
    answer = {"Messages": [{"ReceivedAt": "2026-04-22T12:00:05.1234567Z"}] * 500}
    call: Any = {"params": {"count": 500, "offset": 9_500}}
    further: Any = message_listings._ask_postmark_further(None, call, answer)
    # New York is four hours behind.
    assert further["params"] == {"count": 500, "offset": 0, "todate": "2026-04-22T08:00:06"}
    with pytest.raises(CannotTell, match="in one second"):
        message_listings._ask_postmark_further(
            None, {"params": {**further["params"], "offset": 9_500}}, answer
        )


def test_mailgun_is_followed_only_to_where_its_key_belongs(server: Server) -> None:
    backend: Any = type("Backend", (), {"api_url": server.url})
    row = {
        "timestamp": NOW.timestamp(),
        "recipient": "Reader@example.org",
        "message": {"headers": {"message-id": "1@mailgun", "subject": "News"}},
        "user-variables": {"delivery": "key-1"},
    }
    [found] = _read_mailgun({"items": [row]})
    assert (found.message_id, found.recipient, found.key) == (
        "<1@mailgun>",
        "reader@example.org",
        "key-1",
    )
    assert found.accepted_at == NOW
    call: Any = {"auth": ("api", "key")}
    answer = {"items": [row], "paging": {"next": f"{server.url}next"}}
    assert message_listings._ask_mailgun_further(backend, call, answer)
    for url in ("https://elsewhere.example/", "", None):
        answer = {"items": [row], "paging": {"next": url}}
        with pytest.raises(CannotTell, match="where it ends"):
            message_listings._ask_mailgun_further(backend, call, answer)
    assert message_listings._ask_mailgun_further(backend, call, {"items": []}) is None


def test_postmark_has_not_ended_where_it_says_that_there_are_more() -> None:
    call: Any = {"params": {"count": 500, "offset": 500}}
    ended = {"TotalCount": 500, "Messages": []}
    assert message_listings._ask_postmark_further(None, call, ended) is None
    with pytest.raises(CannotTell, match="where it ends"):
        message_listings._ask_postmark_further(None, call, ended | {"TotalCount": 501})


@pytest.mark.parametrize(
    ("said", "sender"),
    [
        ("Shop, Inc. <Shop@example.net>", "shop@example.net"),
        ('"Shop, Inc." <shop@example.net>', "shop@example.net"),
        ("Shop: news <shop@example.net>", "shop@example.net"),
        ("shop@example.net", "shop@example.net"),
        ("<>", "<>"),  # and not "", of which nothing is known
        (None, ""),
    ],
)
def test_whoever_sent_it_is_known_however_the_name_is_written(said: Any, sender: str) -> None:
    row = {"messageId": "1", "email": "a@example.org", "date": "2026-04-22T12:00:05Z", "from": said}
    [found] = message_listings._read_brevo({"events": [row]})
    assert found.sender == sender


@pytest.mark.parametrize("status", [401, 500])
def test_a_provider_that_refuses_its_list_says_so(
    status: int, use: Callable[[str], None], server: Server
) -> None:
    use("postmark")
    server.book.search_status = status
    with pytest.raises(SearchRefused, match=str(status)):
        list_all(NOW)


def test_a_list_that_cannot_be_read_says_so(
    use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("postmark")
    accept(server, 1)
    del server.book.accepted[0]["Subject"]
    server.book.accepted_at = "yesterday"
    server.book.accepted[0]["Subject"] = "News"
    with pytest.raises(CannotTell, match="could not be read"):
        list_all(NOW)


def test_who_has_no_list_and_what_cannot_be_opened_are_named(settings: Any) -> None:
    with pytest.raises(CannotTell, match="The mail server has no list"):
        MessageLister()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {}
    with pytest.raises(CannotTell, match="cannot be used"):
        MessageLister()
