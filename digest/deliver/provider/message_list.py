"""Listing what a provider accepted since some moment, whoever it went to: after a backup came back.

message_search.py asks about one message; here nobody knows yet which to ask about.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any, Self

import requests

from digest.deliver.provider.batch_call import Call
from digest.deliver.provider.message_listings import LISTINGS, ListedMessage, check_end
from digest.deliver.provider.message_search import (
    CLOCKS_DIFFER,
    ODD_ANSWER,
    CannotTell,
    SearchRefused,
    read_word,
)
from subscribers.limits.call_limit import CallLimit, CallTooLong
from subscribers.mail.mail_connection import open_backend

ANSWER_SECONDS = 30.0  # until the provider must have begun to answer
MOST_PAGES = 10_000
LINE_FAILS = (OSError, CallTooLong)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FAR_OFF = timedelta(days=2)


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

    def __exit__(self, *_: object) -> None:
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
            fresh = [m for m in page if m.accepted_at >= since and _identify_message(m) not in seen]
            seen.update(map(_identify_message, fresh))
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
            page = [_clean_message(message) for message in self.listing.read(answer)]
            further = self.listing.ask_further(self._backend, call, answer)
            check_end(further != call)  # or it went round in a circle
        except ODD_ANSWER as error:
            raise CannotTell("The provider's list of messages could not be read.") from error
        if not self.listing.newest_first:
            return page, further  # it was asked from that moment on
        # Else what is older than the last one of a page need not be on those that follow.
        if any(
            later.accepted_at - one.accepted_at > CLOCKS_DIFFER for one, later in pairwise(page)
        ):
            raise CannotTell("The provider's list of messages is not in the order of their times.")
        if not page or page[-1].accepted_at >= since:
            return page, further
        # Were it the oldest first after all, what follows would be newer.
        return page, further if page[0].accepted_at < page[-1].accepted_at else None

    def _make_call(self, call: Call) -> dict[str, Any]:
        try:
            with self._limit.limit_call():
                self._backend.open()
                # Our key goes nowhere else.
                response = self._backend.session.request(
                    "GET", timeout=ANSWER_SECONDS, allow_redirects=False, **call
                )
                answer = response.json() if response.status_code == HTTPStatus.OK else None
        except (requests.RequestException, ValueError, RecursionError, *LINE_FAILS) as error:
            raise SearchRefused(f"The provider's list did not come: {error}") from error
        if not isinstance(answer, dict):
            raise SearchRefused(f"The provider refused its list: {response.status_code}.")
        return answer


def _clean_message(message: ListedMessage) -> ListedMessage:
    """With texts that a database takes. Raises TypeError or ValueError for what is none of theirs.

    A time that is far off what clocks show would pass for the reader's last digest.
    """
    if not LONG_AGO < message.accepted_at < datetime.now(UTC) + FAR_OFF:
        raise ValueError("A message has a time that none can have.")
    return ListedMessage(
        message_id=read_word(message.message_id),
        recipient=read_word(message.recipient),
        accepted_at=message.accepted_at,
        subject=read_word(message.subject),
        # Another service with the same account may have a word of that name, and anything in it.
        key=read_word(message.key) if isinstance(message.key, str) else "",
        sender=read_word(message.sender),
    )


def _identify_message(message: ListedMessage) -> tuple[str, str]:
    return (message.message_id, message.recipient)
