"""Asking a provider whether it has a message whose call got no answer, by our delivery's key.

Where a provider's search knows nothing of it, its list is read (message_list.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import requests
from django.conf import settings

from digest.deliver.provider.batch_call import Call

CLOCKS_DIFFER = timedelta(hours=1)  # ours and the provider's, at most
POSTMARK_MOST, MAILGUN_MOST = 50, 300  # messages, or events, of one answer
SEARCH_SECONDS = 10.0  # until the provider must have begun to answer


class CannotTell(Exception):
    """The provider gave no answer that says whether it has the message; the text says why."""


class SearchRefused(CannotTell):
    """It gave none at all: the next question would meet the same."""


@dataclass(frozen=True)
class Wanted:
    """The message that is looked for."""

    key: str  # of our delivery
    recipient: str
    since: datetime  # when its call began


@dataclass(frozen=True)
class FoundMessage:
    """One message that the provider has."""

    message_id: str
    key: str


@dataclass(frozen=True)
class MessageSearch:
    """How one provider's interface is asked, and after how long its "no" can be believed."""

    ask: Callable[[Any, Wanted], Call]  # the backend and what is looked for
    read: Callable[[dict[str, Any]], Iterator[FoundMessage]]
    believed_after: timedelta
    most: int  # that it shows at once
    is_by_key: bool  # asked for our key alone: whatever else it shows is no answer to that


# What reading an answer of another shape than documented raises.
ODD_ANSWER = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError)


def read_rows(answer: dict[str, Any], name: str) -> list[Any]:
    """The list of that name. Raises TypeError or KeyError for none: nothing there is no "none"."""
    rows = answer[name]
    if not isinstance(rows, list):
        raise TypeError(f"{name} is no list.")
    return rows


def read_word(said: Any) -> str:
    """A text in an answer, as a database takes it. Raises TypeError for what is no text."""
    if not isinstance(said, str):
        raise TypeError("What should be a text is none.")
    return said.replace("\0", "").encode("utf-8", "replace").decode()


def find_message(backend: Any, wanted: Wanted) -> FoundMessage | None:
    """The message at the provider; None where it has none. Raises CannotTell.

    `backend` is anymail's, open; its `esp_name` must be one of SEARCHES.
    """
    search = SEARCHES[backend.esp_name]
    answer = _make_call(backend.session, search.ask(backend, wanted))
    try:
        shown = list(search.read(answer))
    except ODD_ANSWER as error:
        raise CannotTell("The provider's list of messages could not be read.") from error
    found = next((one for one in shown if one.key == wanted.key), None)
    if search.is_by_key and not found and (shown or answer.get("TotalCount")):
        raise CannotTell("The provider's list shows other messages than were asked for.")
    if not found and len(shown) >= search.most:
        raise CannotTell("The provider has more messages to that address than it shows at once.")
    return found


def _make_call(session: requests.Session, call: Call) -> dict[str, Any]:
    try:
        # Our key goes nowhere else.
        response = session.request("GET", timeout=SEARCH_SECONDS, allow_redirects=False, **call)
        answer = response.json() if response.status_code == HTTPStatus.OK else None
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise SearchRefused(f"The provider's list of messages did not come: {error}") from error
    if not isinstance(answer, dict):
        raise SearchRefused(f"The provider refused its list of messages: {response.status_code}.")
    return answer


# -- Postmark: by our key; what was sent in the last 45 days ---------------------------------------
# https://postmarkapp.com/developer/api/messages-api#outbound-message-search


def _ask_postmark(backend: Any, wanted: Wanted) -> Call:
    # Without a stream only the one for transactional mail is searched.
    extra = backend.send_defaults.get("esp_extra") or {}
    stream = backend.message_stream or extra.get("MessageStream")
    params = {"count": POSTMARK_MOST, "offset": 0, "metadata_delivery": wanted.key}
    return {
        "url": urljoin(backend.api_url, "messages/outbound"),
        "params": params | ({"messagestream": stream} if stream else {}),
        "headers": {"Accept": "application/json", "X-Postmark-Server-Token": backend.server_token},
    }


def _read_postmark(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    for row in read_rows(answer, "Messages"):
        # KeyError: a row without our metadata shows that the search ignored what we asked.
        yield FoundMessage(read_word(row["MessageID"]), key=row["Metadata"]["delivery"])


# -- Mailgun: the recipient's events since the call ------------------------------------------------
# https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Events


def _ask_mailgun(backend: Any, wanted: Wanted) -> Call:
    domain = backend.sender_domain or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    begin = (wanted.since - CLOCKS_DIFFER).timestamp()
    return {
        "url": urljoin(backend.api_url, f"{domain}/events"),
        "params": {
            "begin": f"{begin:.0f}",
            "ascending": "yes",
            "limit": MAILGUN_MOST,
            "event": "accepted OR delivered OR failed OR rejected",
            "recipient": wanted.recipient,
        },
        "auth": ("api", backend.api_key),
    }


def _read_mailgun(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    for row in read_rows(answer, "items"):
        message_id = read_word(row.get("message", {}).get("headers", {}).get("message-id", ""))
        key = (row.get("user-variables") or {}).get("delivery") or "–"
        yield FoundMessage(f"<{message_id}>" if message_id else "", key=key)


# By anymail's esp_name. A "no" is believed only when what waits in the provider's own queue has had
# time to reach its index: none of the documents says how long that takes, so this is ample.
SEARCHES = {
    "Postmark": MessageSearch(
        _ask_postmark, _read_postmark, timedelta(minutes=30), POSTMARK_MOST, is_by_key=True
    ),
    "Mailgun": MessageSearch(
        _ask_mailgun, _read_mailgun, timedelta(minutes=30), MAILGUN_MOST, is_by_key=False
    ),
}
