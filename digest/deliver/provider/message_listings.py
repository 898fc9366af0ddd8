"""How each provider's interface lists what it accepted: what is asked, and how the answer is read.

Each table row names the public document it was written after; message_list.py asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from digest.deliver.provider.batch_call import Call
from digest.deliver.provider.message_search import CannotTell, read_rows
from digest.deliver.provider.pacing import Pace

POSTMARK_REACH = 10_000  # messages that one search goes through, page by page


@dataclass(frozen=True)
class ListedMessage:
    """One message that a provider accepted; what its list does not tell is empty."""

    message_id: str
    recipient: str  # in lower case
    accepted_at: datetime
    subject: str = ""
    key: str = ""  # of our delivery
    sender: str = ""  # in lower case


@dataclass(frozen=True)
class MessageListing:
    """How one provider's interface lists messages."""

    ask: Callable[[Any, datetime], Call]  # the backend, and since when
    read: Callable[[dict[str, Any]], Iterator[ListedMessage]]
    ask_further: Callable[[Any, Call, dict[str, Any]], Call | None]
    has_keys: bool  # whether it tells our delivery's key: what has none is then no digest
    believed_after: timedelta  # what was accepted longer ago is surely in it
    newest_first: bool = True  # else the oldest
    # Where it is counted by itself; else each page counts among the account's calls.
    own_pace: Pace | None = None


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_address(said: Any) -> str:
    """The address in it, in lower case; where there is none, what is said instead.

    What is said of another service's mail may be as it was typed: `Shop, Inc. <shop@example.org>`,
    of which parseaddr finds nothing, or "Shop".
    """
    text = str(said or "")
    return (parseaddr(text[max(text.rfind("<"), 0) :])[1] or text).lower()


def check_end(is_clear: bool) -> None:
    """Raises CannotTell unless it `is_clear` whether a list goes on, and where."""
    if not is_clear:
        raise CannotTell("The provider's list of messages does not tell where it ends.")


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
    for row in read_rows(answer, "Messages"):
        for recipient in read_rows(row, "Recipients"):
            yield ListedMessage(
                message_id=row["MessageID"],
                recipient=_read_address(recipient),
                accepted_at=_read_moment(row["ReceivedAt"]),
                subject=row.get("Subject") or "",
                key=(row.get("Metadata") or {}).get("delivery", ""),
            )


def _ask_postmark_further(_backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    rows, params = answer["Messages"], call["params"]
    if not rows:
        check_end(answer.get("TotalCount", 0) <= params["offset"])
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
    for row in read_rows(answer, "items"):
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
    if not answer["items"]:
        return None
    # "The end is reached when a page has no items": until then each names the next one.
    url = answer["paging"]["next"]
    # Our key goes nowhere but where it went before.
    check_end(urlsplit(url)[:2] == urlsplit(backend.api_url)[:2])
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
    # Where nothing was found, the list itself is left out, and all else with it.
    for row in read_rows(answer, "events") if answer else []:
        yield ListedMessage(
            message_id=row["messageId"],
            recipient=row["email"].lower(),
            accepted_at=_read_moment(row["date"]),
            subject=row.get("subject") or "",
            sender=_read_address(row.get("from")),
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
    for row in read_rows(answer, "data"):
        for recipient in read_rows(row, "to"):
            yield ListedMessage(
                message_id=row["id"],
                recipient=_read_address(recipient),
                accepted_at=_read_moment(row["created_at"]),
                subject=row.get("subject") or "",
                sender=_read_address(row.get("from")),
            )


def _ask_resend_further(_backend: Any, call: Call, answer: dict[str, Any]) -> Call | None:
    rows, has_more = answer["data"], answer["has_more"]
    check_end(has_more is False or (has_more is True and bool(rows)))
    if not has_more:
        return None
    return {**call, "params": {"limit": 100, "after": rows[-1]["id"]}}


# By anymail's esp_name. What waits in a provider's own queue takes a while to reach its index.
LISTINGS = {
    "Postmark": MessageListing(
        _ask_postmark, _read_postmark, _ask_postmark_further, True, timedelta(minutes=30)
    ),
    "Mailgun": MessageListing(
        _ask_mailgun,
        _read_mailgun,
        _ask_mailgun_further,
        has_keys=True,
        believed_after=timedelta(minutes=30),
        newest_first=False,
    ),
    "Brevo": MessageListing(
        _ask_brevo,
        _read_brevo,
        _ask_brevo_further,
        has_keys=False,
        believed_after=timedelta(minutes=60),
        own_pace=BREVO_PACE,
    ),
    "Resend": MessageListing(
        _ask_resend, _read_resend, _ask_resend_further, False, timedelta(minutes=30)
    ),
}
