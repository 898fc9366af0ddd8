"""Asking a provider whether it has a message whose call got no answer.

A message is known again by our delivery's key where the provider's search hands back metadata; else
by its recipient, its subject and a moment after the call began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urljoin

import requests
from django.conf import settings

from digest.deliver.batch_call import Call

CLOCKS_DIFFER = timedelta(hours=1)  # ours and the provider's, at most
SEARCH_SECONDS = 10.0  # until the provider must have begun to answer
MOST_PAGES = 30


class CannotTell(Exception):
    """The provider gave no answer that says whether it has the message; the text says why."""


class SearchRefused(CannotTell):
    """It gave none at all: the next question would meet the same."""


@dataclass(frozen=True)
class Wanted:
    """The message that is looked for."""

    key: str  # of our delivery
    recipient: str
    subject: str
    since: datetime  # when its call began


@dataclass(frozen=True)
class FoundMessage:
    """One message that the provider has; what its search does not tell is empty."""

    message_id: str
    key: str = ""
    recipient: str = ""
    subject: str = ""
    accepted_at: datetime | None = None

    def is_the(self, wanted: Wanted) -> bool:
        """Whether it is the one; raises CannotTell where nothing is left to know it by."""
        if self.key:
            return self.key == wanted.key
        if not wanted.subject:
            raise CannotTell("Nobody knows any more what its subject was.")
        is_late = self.accepted_at is None or self.accepted_at >= wanted.since - CLOCKS_DIFFER
        if not is_late or self.recipient.lower() != wanted.recipient:
            return False
        if self.subject != wanted.subject:
            # A title may have been corrected since, and the subject with it.
            raise CannotTell("The provider has a mail to them of that time by another subject.")
        return True


@dataclass(frozen=True)
class MessageSearch:
    """How one provider's interface is asked, and after how long its "no" can be believed."""

    ask: Callable[[Any, Wanted], Call]  # the backend and what is looked for
    read: Callable[[dict[str, Any]], Iterator[FoundMessage]]
    believed_after: timedelta
    ask_further: Callable[[Call, dict[str, Any], Wanted], Call | None] = lambda *_: None


def find_message(backend: Any, wanted: Wanted) -> FoundMessage | None:
    """The message at the provider; None where it has none. Raises CannotTell.

    `backend` is anymail's, open; its `esp_name` must be one of SEARCHES.
    """
    search = SEARCHES[backend.esp_name]
    call = search.ask(backend, wanted)
    for _ in range(MOST_PAGES):
        answer = _make_call(backend.session, call)
        try:
            found = next((one for one in search.read(answer) if one.is_the(wanted)), None)
            further = search.ask_further(call, answer, wanted)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CannotTell("The provider's list of messages could not be read.") from error
        if found or further is None:
            return found
        call = further
    raise CannotTell(f"The provider's list of messages has more than {MOST_PAGES} pages.")


def _make_call(session: requests.Session, call: Call) -> dict[str, Any]:
    try:
        response = session.request("GET", timeout=SEARCH_SECONDS, **call)
        answer = response.json() if response.ok else None
    except (requests.RequestException, ValueError) as error:
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
    params = {"count": 50, "offset": 0, "metadata_delivery": wanted.key}
    return {
        "url": urljoin(backend.api_url, "messages/outbound"),
        "params": params | ({"messagestream": stream} if stream else {}),
        "headers": {"Accept": "application/json", "X-Postmark-Server-Token": backend.server_token},
    }


def _read_postmark(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    for row in answer["Messages"]:
        # KeyError: a row without our metadata shows that the search ignored what we asked.
        yield FoundMessage(row["MessageID"], key=row["Metadata"]["delivery"])


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
            "limit": 300,
            "event": "accepted OR delivered OR failed OR rejected",
            "recipient": wanted.recipient,
        },
        "auth": ("api", backend.api_key),
    }


def _read_mailgun(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    for row in answer["items"]:
        message_id = row.get("message", {}).get("headers", {}).get("message-id", "")
        key = (row.get("user-variables") or {}).get("delivery") or "–"
        yield FoundMessage(f"<{message_id}>" if message_id else "", key=key)


# -- Brevo: the recipient's mails of these days, without their metadata ----------------------------
# https://developers.brevo.com/reference/get-transac-emails-list


def _ask_brevo(backend: Any, wanted: Wanted) -> Call:
    first = (wanted.since - CLOCKS_DIFFER).astimezone(UTC).date()
    return {
        "url": urljoin(backend.api_url, "smtp/emails"),
        "params": {
            "email": wanted.recipient,
            # The account's own zone may be a day on.
            "startDate": str(first - timedelta(days=1)),
            "endDate": str(first + timedelta(days=2)),
            "sort": "desc",
            "limit": 500,
        },
        "headers": {"Accept": "application/json", "api-key": backend.api_key},
    }


def _read_brevo(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    # Where nothing was found, the list itself is left out.
    for row in answer.get("transactionalEmails") or []:
        yield FoundMessage(
            message_id=row["messageId"],
            recipient=row["email"],
            subject=row["subject"],
            accepted_at=_read_moment(row["date"]),
        )


# -- Resend: all mails, the newest first, page by page ---------------------------------------------
# https://resend.com/docs/api-reference/emails/list-emails


def _ask_resend(backend: Any, _wanted: Wanted) -> Call:
    return {
        "url": urljoin(backend.api_url, "emails"),
        "params": {"limit": 100},
        "headers": {"Authorization": f"Bearer {backend.api_key}"},
    }


def _read_resend(answer: dict[str, Any]) -> Iterator[FoundMessage]:
    for row in answer["data"]:
        for recipient in row["to"]:
            yield FoundMessage(
                message_id=row["id"],
                recipient=recipient,
                subject=row["subject"],
                accepted_at=_read_moment(row["created_at"]),
            )


def _ask_resend_further(call: Call, answer: dict[str, Any], wanted: Wanted) -> Call | None:
    rows = answer["data"]
    if not (rows and answer.get("has_more")):
        return None
    if _read_moment(rows[-1]["created_at"]) < wanted.since - CLOCKS_DIFFER:
        return None
    return {**call, "params": {"limit": 100, "after": rows[-1]["id"]}}


def _read_moment(text: str) -> datetime:
    # Resend writes "2023-04-03 22:13:42.674981+00" in some of its answers.
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# By anymail's esp_name. A "no" is believed only when what waits in the provider's own queue has had
# time to reach its index: none of the documents says how long that takes, so this is ample.
SEARCHES = {
    "Postmark": MessageSearch(_ask_postmark, _read_postmark, timedelta(minutes=30)),
    "Mailgun": MessageSearch(_ask_mailgun, _read_mailgun, timedelta(minutes=30)),
    "Brevo": MessageSearch(_ask_brevo, _read_brevo, timedelta(minutes=60)),
    "Resend": MessageSearch(
        _ask_resend, _read_resend, timedelta(minutes=30), ask_further=_ask_resend_further
    ),
}
