"""Listing what a provider accepted since some moment, whoever it went to: after a backup came back.

digest/deliver/message_search.py asks about one message; here nobody knows yet which to ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import requests
from django.conf import settings

from digest.deliver.batch_call import Call
from digest.deliver.message_search import CannotTell, SearchRefused
from digest.deliver.pacing import Pace
from subscribers.call_limit import CallLimit, CallTooLong
from subscribers.mail_connection import open_backend

ANSWER_SECONDS = 30.0  # until the provider must have begun to answer
MOST_PAGES = 10_000
POSTMARK_REACH = 10_000  # messages that one search goes through, page by page


@dataclass(frozen=True)
class ListedMessage:
    """One message that a provider accepted; what its list does not tell is empty."""

    message_id: str
    recipient: str  # in lower case
    accepted_at: datetime
    subject: str = ""
    key: str = ""  # of our delivery


@dataclass(frozen=True)
class MessageListing:
    """How one provider's interface lists messages."""

    ask: Callable[[Any, datetime], Call]  # the backend, and since when
    read: Callable[[dict[str, Any]], Iterator[ListedMessage]]
    ask_further: Callable[[Any, Call, dict[str, Any]], Call | None]
    has_keys: bool  # whether it tells our delivery's key: what has none is then no digest
    believed_after: timedelta  # what was accepted longer ago is surely in it
    # Where it is counted by itself; else each page counts among the account's calls.
    own_pace: Pace | None = None


class MessageLister:
    """A connection to the email provider for its list of messages; use it in a `with` block.

    Raises CannotTell, with the reason, where the provider that the settings name has no such list.
    """

    def __init__(self) -> None:
        self._limit = CallLimit()
        try:
            self._backend: Any = open_backend(self._limit)
        except Exception as error:  # of whatever kind: a backend reads its settings as it likes
            raise CannotTell(f"The email provider cannot be used: {error}") from error
        name = str(getattr(self._backend, "esp_name", ""))
        if name not in LISTINGS:
            raise CannotTell(f"{name or 'The mail server'} has no list of messages to ask for.")
        self.name = name
        self.listing = LISTINGS[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(Exception):  # all was read by then
            self._backend.close()

    def list_messages(self, since: datetime) -> Iterator[list[ListedMessage]]:
        """What was accepted since then, page by page, each message once. Raises CannotTell."""
        seen: set[tuple[str, str]] = set()
        call: Call | None = self.listing.ask(self._backend, since)
        for _ in range(MOST_PAGES):
            if call is None:
                return
            page, call = self._read_page(call, since)
            fresh = [m for m in page if m.accepted_at >= since and _identify(m) not in seen]
            seen.update(map(_identify, fresh))
            yield fresh
        raise CannotTell(f"The provider's list of messages has more than {MOST_PAGES} pages.")

    def read_page(self, since: datetime, place: Call) -> tuple[list[ListedMessage], Call | None]:
        """One page of what was accepted since then, and the place of the next one, None at the end.

        A place is what the page before told, or empty for the first; it holds no secret. Pages
        overlap where mails are accepted meanwhile, and may hold older mails. Raises CannotTell.
        """
        page, further = self._read_page(self.listing.ask(self._backend, since) | place, since)
        return page, further and {k: further[k] for k in ("url", "params") if k in further}

    def _read_page(self, call: Call, since: datetime) -> tuple[list[ListedMessage], Call | None]:
        answer = self._make_call(call)
        try:
            page = list(self.listing.read(answer))
            further = self.listing.ask_further(self._backend, call, answer)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise CannotTell("The provider's list of messages could not be read.") from error
        # The newest come first at all but Mailgun, which is asked from a moment on.
        is_end = bool(page) and page[-1].accepted_at < since
        return page, None if is_end else further

    def _make_call(self, call: Call) -> dict[str, Any]:
        try:
            with self._limit.limit_call():
                self._backend.open()
                response = self._backend.session.request("GET", timeout=ANSWER_SECONDS, **call)
                answer = response.json() if response.ok else None
        except (requests.RequestException, ValueError, OSError, CallTooLong) as error:
            raise SearchRefused(f"The provider's list did not come: {error}") from error
        if not isinstance(answer, dict):
            raise SearchRefused(f"The provider refused its list: {response.status_code}.")
        return answer


def _identify(message: ListedMessage) -> tuple[str, str]:
    return (message.message_id, message.recipient)


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# -- Postmark: the newest first --------------------------------------------------------------------
# https://postmarkapp.com/developer/api/messages-api#outbound-message-search
# Its dates are those of New York: https://postmarkapp.com/developer/api/overview#dates-and-times

EASTERN = ZoneInfo("America/New_York")


def _ask_postmark(backend: Any, since: datetime) -> Call:
    extra = backend.send_defaults.get("esp_extra") or {}
    stream = backend.message_stream or extra.get("MessageStream")
    params: dict[str, Any] = {"count": 500, "offset": 0}
    params["fromdate"] = str((since.astimezone(EASTERN) - timedelta(days=1)).date())
    return {
        "url": urljoin(backend.api_url, "messages/outbound"),
        "params": params | ({"messagestream": stream} if stream else {}),
        "headers": {"Accept": "application/json", "X-Postmark-Server-Token": backend.server_token},
    }


def _read_postmark(answer: dict[str, Any]) -> Iterator[ListedMessage]:
    for row in answer["Messages"]:
        for recipient in row["Recipients"]:
            yield ListedMessage(
                message_id=row["MessageID"],
                recipient=parseaddr(recipient)[1].lower(),
                accepted_at=_read_moment(row["ReceivedAt"]),
                subject=row.get("Subject") or "",
                key=(row.get("Metadata") or {}).get("delivery", ""),
            )


def _ask_postmark_further(_backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    rows, params = answer["Messages"], call["params"]
    if not rows:
        return None
    further = {**params, "offset": params["offset"] + len(rows)}
    if further["offset"] + params["count"] > POSTMARK_REACH:
        # Begin again with what is older than the last one; those of the same second come twice.
        last = _read_moment(rows[-1]["ReceivedAt"]).astimezone(EASTERN) + timedelta(seconds=1)
        further |= {"offset": 0, "todate": last.strftime("%Y-%m-%dT%H:%M:%S")}
        if further["todate"] == params.get("todate"):
            raise CannotTell("The provider accepted more in one second than its list can show.")
    return {**call, "params": further}


# -- Mailgun: the oldest first ---------------------------------------------------------------------
# https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Events


def _ask_mailgun(backend: Any, since: datetime) -> Call:
    domain = backend.sender_domain or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return {
        "url": urljoin(backend.api_url, f"{domain}/events"),
        "params": {
            "begin": f"{since.timestamp():.0f}",
            "ascending": "yes",
            "limit": 300,
            "event": "accepted",
        },
        "auth": ("api", backend.api_key),
    }


def _read_mailgun(answer: dict[str, Any]) -> Iterator[ListedMessage]:
    for row in answer["items"]:
        headers = row.get("message", {}).get("headers", {})
        message_id = headers.get("message-id", "")
        yield ListedMessage(
            message_id=f"<{message_id}>" if message_id else "",
            recipient=row["recipient"].lower(),
            accepted_at=datetime.fromtimestamp(row["timestamp"], UTC),
            subject=headers.get("subject", ""),
            key=(row.get("user-variables") or {}).get("delivery", ""),
        )


def _ask_mailgun_further(backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    url = answer.get("paging", {}).get("next", "")
    # Our key goes nowhere but where it went before.
    if not answer["items"] or urlsplit(url)[:2] != urlsplit(backend.api_url)[:2]:
        return None
    return {"url": url, "auth": call["auth"]}


# -- Brevo: the newest first, without their metadata -----------------------------------------------
# https://developers.brevo.com/reference/get-email-event-report

BREVO_LIMIT = 2500
# All GETs under /v3/smtp/ together: https://developers.brevo.com/docs/api-limits
BREVO_PACE = Pace(calls_per_second=300 / 3600)


def _ask_brevo(backend: Any, since: datetime) -> Call:
    # The account's own zone may be a day on.
    first, last = since.astimezone(UTC).date(), datetime.now(UTC).date()
    return {
        "url": urljoin(backend.api_url, "smtp/statistics/events"),
        "params": {
            "event": "requests",
            "startDate": str(first - timedelta(days=1)),
            "endDate": str(max(first, last) + timedelta(days=1)),
            "sort": "desc",
            "limit": BREVO_LIMIT,
            "offset": 0,
        },
        "headers": {"Accept": "application/json", "api-key": backend.api_key},
    }


def _read_brevo(answer: dict[str, Any]) -> Iterator[ListedMessage]:
    # Where nothing was found, the list itself is left out.
    for row in answer.get("events") or []:
        yield ListedMessage(
            message_id=row["messageId"],
            recipient=row["email"].lower(),
            accepted_at=_read_moment(row["date"]),
            subject=row.get("subject") or "",
        )


def _ask_brevo_further(_backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    params, rows = call["params"], answer.get("events") or []
    if len(rows) < BREVO_LIMIT:
        return None
    return {**call, "params": {**params, "offset": params["offset"] + len(rows)}}


# -- Resend: the newest first, without their tags --------------------------------------------------
# https://resend.com/docs/api-reference/emails/list-emails


def _ask_resend(backend: Any, _since: datetime) -> Call:
    return {
        "url": urljoin(backend.api_url, "emails"),
        "params": {"limit": 100},
        "headers": {"Authorization": f"Bearer {backend.api_key}"},
    }


def _read_resend(answer: dict[str, Any]) -> Iterator[ListedMessage]:
    for row in answer["data"]:
        for recipient in row["to"]:
            yield ListedMessage(
                message_id=row["id"],
                recipient=parseaddr(recipient)[1].lower(),
                accepted_at=_read_moment(row["created_at"]),
                subject=row.get("subject") or "",
            )


def _ask_resend_further(_backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    rows = answer["data"]
    if not (rows and answer.get("has_more")):
        return None
    return {**call, "params": {"limit": 100, "after": rows[-1]["id"]}}


# By anymail's esp_name. What waits in a provider's own queue takes a while to reach its index.
LISTINGS = {
    "Postmark": MessageListing(
        _ask_postmark, _read_postmark, _ask_postmark_further, True, timedelta(minutes=30)
    ),
    "Mailgun": MessageListing(
        _ask_mailgun, _read_mailgun, _ask_mailgun_further, True, timedelta(minutes=30)
    ),
    "Brevo": MessageListing(
        _ask_brevo, _read_brevo, _ask_brevo_further, False, timedelta(minutes=60), BREVO_PACE
    ),
    "Resend": MessageListing(
        _ask_resend, _read_resend, _ask_resend_further, False, timedelta(minutes=30)
    ),
}
