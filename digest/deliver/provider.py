"""Handing messages to the email provider: one call for many where its interface takes many."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from smtplib import SMTPException
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import requests
from anymail.exceptions import AnymailError
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from digest.deliver.outcomes import (
    NOT_BEGUN,
    Outcome,
    Verdict,
    judge,
    judge_opening,
    judge_status,
    read_batch,
)
from digest.deliver.traits import ProviderTraits, read_traits
from subscribers.emails import clean_header

logger = logging.getLogger(__name__)

TRIES = 3  # of one call whose key the provider knows
Note = Callable[[str, Sequence[int]], None]
# What becomes of rows whose call cannot be made again as it was: it may have gone out already.
CHANGED = Outcome(Verdict.REFUSED, error="It would be another call now; the provider may have it.")
PAUSE_SECONDS = 2.0  # before the second try; twice that before the third


class Provider:
    """A connection to the email provider, kept open; use it in a `with` block."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._backend: Any = None
        self._problem: Outcome | None = None
        try:
            self._backend = get_connection()
        except (ImproperlyConfigured, ImportError) as error:
            self._problem = judge_opening(error)
        self.traits = read_traits(self._backend)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def hand_over(
        self,
        messages: Sequence[EmailMultiAlternatives],
        note: Note = lambda _key, _places: None,
    ) -> list[Outcome]:
        """One outcome for each message, in their order; at most `traits.batch_size` messages.

        Just before a call under a key of its own, `note` is told the key and which messages go.
        Never raises for what a provider does. Whatever a message's subject and headers hold, no
        control character of it leaves from here.
        """
        if problem := self._open():
            return [problem] * len(messages)
        if self.traits.batch_path:
            return self._in_one_call(messages, note)
        return self._one_by_one(messages)

    def hand_over_again(
        self, messages: Sequence[EmailMultiAlternatives], key: str
    ) -> list[Outcome]:
        """Make an earlier call again under its key; CHANGED where it would not be the same one."""
        if problem := self._open():
            return [problem] * len(messages)
        built = [self._build(message) for message in messages]
        calls = [one for one in built if not isinstance(one, Outcome)]
        if len(calls) < len(built) or not calls or _key_of(calls) != key:
            return [CHANGED] * len(messages)
        answer = self._ask(_join(calls, self._backend.api_url, self.traits), len(calls))
        return answer if isinstance(answer, list) else [answer] * len(calls)

    def _open(self) -> Outcome | None:
        if self._problem:
            return self._problem
        try:
            is_new = self._backend.open()
        except Exception as error:  # of whatever kind: no message was begun
            self._close()
            return judge_opening(error)
        if is_new and (session := getattr(self._backend, "session", None)):
            _look_around_once(session, self._backend.api_url)
        return None

    def _close(self) -> None:
        try:
            if self._backend is not None:
                self._backend.close()
        except (SMTPException, OSError):
            logger.info("The connection to the provider was already gone.")

    def _one_by_one(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for message in messages:
            outcome = self._open() or self._send(message)  # the last one may have ended it
            outcomes.append(outcome)
            if outcome.verdict in (Verdict.LATER, Verdict.ACCOUNT):
                break  # the next ones would hear the same
        return outcomes + [NOT_BEGUN] * (len(messages) - len(outcomes))

    def _send(self, message: EmailMultiAlternatives) -> Outcome:
        if problem := clean(message):
            return problem
        if self.traits.message_key:
            key = message.metadata["delivery"]  # type: ignore[attr-defined]
            message.extra_headers = {**message.extra_headers, self.traits.message_key: key}
        if not self.traits.takes_metadata:
            del message.metadata  # type: ignore[attr-defined]
        try:
            sent = self._backend.send_messages([message])
        except Exception as error:  # of whatever kind: the question is only how far it got
            if not isinstance(error, AnymailError):
                self._close()  # one drop must not be heard by all that come after
            return judge(error)
        if not sent:
            return Outcome(Verdict.REFUSED, error="The message has no recipient.")
        status = getattr(message, "anymail_status", None)
        return Outcome(Verdict.SENT, message_id=(status and status.message_id) or "")

    def _in_one_call(self, messages: Sequence[EmailMultiAlternatives], note: Note) -> list[Outcome]:
        built = [self._build(message) for message in messages]
        good = {i: one for i, one in enumerate(built) if not isinstance(one, Outcome)}
        answers = iter(self._post(list(good.values()), list(good), note))
        return [one if isinstance(one, Outcome) else next(answers) for one in built]

    def _build(self, message: EmailMultiAlternatives) -> dict[str, Any] | Outcome:
        """The call that anymail itself would make for this message alone."""
        if problem := clean(message):
            return problem
        backend = self._backend
        try:
            payload = backend.build_message_payload(message, backend.send_defaults)
            call: dict[str, Any] = payload.get_request_params(backend.api_url)
        except (AnymailError, ValueError) as error:
            return judge(error)
        return call

    def _post(
        self, calls: list[dict[str, Any]], places: Sequence[int], note: Note
    ) -> list[Outcome]:
        """Join the calls into one; where it is refused as a whole, find out by which message."""
        if not calls:
            return []
        if self.traits.call_key:
            note(_key_of(calls), places)
        answer = self._ask(_join(calls, self._backend.api_url, self.traits), len(calls))
        if isinstance(answer, list):
            return answer
        if answer.verdict is not Verdict.REFUSED or len(calls) == 1:
            return [answer] * len(calls)
        half = len(calls) // 2
        first = self._post(calls[:half], places[:half], note)
        if first[-1].verdict in (Verdict.LATER, Verdict.ACCOUNT):
            return first + [NOT_BEGUN] * (len(calls) - half)
        return first + self._post(calls[half:], places[half:], note)

    def _ask(self, call: dict[str, Any], count: int) -> list[Outcome] | Outcome:
        """Make the call; again, with the same bytes and key, while its outcome is unknown."""
        doubt: Outcome | None = None
        for tried in range(TRIES if self.traits.call_key else 1):
            if tried:
                self._sleep(PAUSE_SECONDS * tried)
            answer = self._ask_once(call, count)
            if isinstance(answer, list):
                return answer
            if answer.verdict is not Verdict.UNKNOWN:
                # A "no" to this try says nothing of the one before, which got no answer.
                return replace(doubt, wait=answer.wait) if doubt else answer
            doubt = doubt or answer
        assert doubt is not None
        return doubt

    def _ask_once(self, call: dict[str, Any], count: int) -> list[Outcome] | Outcome:
        try:
            response = self._backend.session.request(**{"timeout": self._backend.timeout, **call})
        except requests.RequestException as error:
            return judge(error)
        return read_batch(response, count) if response.ok else judge_status(response)


def _body_of(calls: list[dict[str, Any]]) -> str:
    return f"[{','.join(call['data'] for call in calls)}]"


def _key_of(calls: list[dict[str, Any]]) -> str:
    """The key of a call is what it says: the same key never goes with other bytes."""
    return hashlib.sha256(_body_of(calls).encode()).hexdigest()


def _join(calls: list[dict[str, Any]], api_url: str, traits: ProviderTraits) -> dict[str, Any]:
    data = _body_of(calls)
    headers = dict(calls[0]["headers"])
    if traits.call_key:
        headers[traits.call_key] = _key_of(calls)
    url = urljoin(api_url, traits.batch_path)
    return {**calls[0], "url": url, "data": data, "headers": headers}


def clean(message: EmailMultiAlternatives) -> Outcome | None:
    """Take control characters out of subject and headers; refuse addresses that hold any."""
    message.subject = clean_header(str(message.subject))
    headers = message.extra_headers.items()
    message.extra_headers = {clean_header(k): clean_header(str(v)) for k, v in headers}
    if all(address.isprintable() for address in message.recipients()):
        return None
    return Outcome(Verdict.REFUSED, error="The address holds characters that no address may hold.")


def _look_around_once(session: requests.Session, url: str) -> None:
    """Take proxy and certificates from the environment now, and never again for each call."""
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.trust_env = False
