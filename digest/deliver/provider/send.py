"""Handing messages to the email provider: one call for many where its interface takes many."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

import requests
from anymail.exceptions import AnymailError
from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.batch_call import (
    Call,
    hash_body,
    join_bodies,
    leave_out,
    make_batch_call,
)
from digest.deliver.provider.judge import (
    judge_build_error,
    judge_call,
    judge_exception,
    judge_open_error,
    judge_sent_count,
    judge_tries,
)
from digest.deliver.provider.message_search import FoundMessage, SearchRefused, Wanted, find_message
from digest.deliver.provider.outcomes import CALL_CHANGED, NOT_ATTEMPTED, Outcome, SendResult
from digest.deliver.provider.payload import PayloadMaker, clean_message
from digest.deliver.provider.traits import read_traits
from subscribers.limits.call_limit import (
    CALL_SECONDS,
    ONE_MAIL_SECONDS,
    CallLimit,
    CallTooLong,
)
from subscribers.mail.mail_connection import open_backend

logger = logging.getLogger(__name__)

TRIES = 3  # of one call whose key the provider knows
GOODBYE_SECONDS = 1.0
TRY_PAUSE_SECONDS = 2.0  # before the second try; twice that before the third
# Told the key of a call just before it is made, its body, and which of the messages go with it;
# says whether it may be made.
CallListener = Callable[[str, str, Sequence[int]], bool]


class Provider:
    """A connection to the email provider, kept open; use it in a `with` block."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._problem: SendResult | None = None
        self._limit = CallLimit()
        self._is_ending = threading.Event()
        try:
            self._backend = open_backend(self._limit)
        except Exception as error:  # of whatever kind: a backend reads its settings as it likes
            self._problem = judge_open_error(error)
        self._payloads = PayloadMaker(self._backend)
        self.traits = read_traits(self._backend)
        self.esp_name = str(getattr(self._backend, "esp_name", ""))
        # A mail server may look long at a mail before it takes it; a provider looks afterwards.
        if self.esp_name and self.traits.batch_size == 1:
            self._limit.seconds = min(self._limit.seconds, ONE_MAIL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close_connection()

    def send_messages(
        self,
        messages: Sequence[EmailMultiAlternatives],
        on_call: CallListener = lambda _key, _body, _indexes: True,
    ) -> list[SendResult]:
        """One result for each message, in their order; at most `traits.batch_size` messages.

        `on_call` hears of a call under a key of its own just before it is made, and may forbid it.
        Never raises for what a provider or its backend does, and no call takes longer than
        CALL_SECONDS, or ONE_MAIL_SECONDS where one mail goes alone to a provider, however slowly
        its answer comes.
        Whatever a message's subject and headers hold, no control character of it leaves from here.
        """
        if problem := self._open_connection():
            return [problem] * len(messages)
        if self.traits.batch_path:
            return self._send_in_one_call(messages, on_call)
        return self._send_one_by_one(messages)

    def repeat_call(
        self, body: str, key: str, count: int, left_out: Collection[int] = ()
    ) -> list[SendResult]:
        """Make an earlier call with `count` messages again, to the byte as it was, under its key.

        Without the messages at the places `left_out` it is another call under the same key: it is
        accepted only where the earlier one was not. CALL_CHANGED for each where the body is not
        the one that the key was made of.
        """
        if problem := self._open_connection():
            return [problem] * count
        # Whatever it says, its headers are those of every call to this account.
        single = self._build_call(EmailMultiAlternatives("–", "–", to=["nobody@example.org"]))
        if hash_body(body) != key or isinstance(single, SendResult):
            return [CALL_CHANGED] * count
        body = leave_out(body, left_out) if left_out else body
        call = make_batch_call(single, body, self._backend.api_url, self.traits)
        call["headers"][self.traits.call_key] = key
        judged = self._make_call(call, count)
        return judged if isinstance(judged, list) else [judged] * count

    def find_message(self, wanted: Wanted) -> FoundMessage | None:
        """The message at a provider that can be asked, or None. Raises CannotTell."""
        if problem := self._open_connection():
            raise SearchRefused(problem.error)
        try:
            with self._limit.limit_call():
                return find_message(self._backend, wanted)
        except CallTooLong as error:
            raise SearchRefused(str(error)) from error

    def hold_back(self, moment: float) -> None:
        """Let no byte of the next call leave before that second of the monotonic clock."""
        self._limit.hold_back(moment)

    @property
    def late_by(self) -> float:
        """How many seconds after its moment the last call that was held back left."""
        return self._limit.late_by

    def end_calls(self, seconds: float) -> None:
        """From another thread: let no call take longer than this from now, and try none again."""
        self._is_ending.set()
        self._limit.end_within(seconds)

    # -- the connection --------------------------------------------------------------------------

    def _open_connection(self) -> SendResult | None:
        """What is wrong, for every message alike; None where messages can be sent."""
        if self._problem or getattr(self._backend, "session", None):
            return self._problem
        try:
            # What opened at last is open: whether it still is, the first mail finds out.
            with suppress(CallTooLong), self._limit.limit_call():
                is_new = self._backend.open()
            if is_new and (session := getattr(self._backend, "session", None)):
                _read_environment_once(session, self._backend.api_url)
        except Exception as error:  # of whatever kind: no message was begun
            self._close_connection()
            return judge_open_error(error)
        return None

    def _close_connection(self) -> None:
        if self._backend is None:
            return
        try:
            # SMTP waits for an answer to its goodbye; nobody else should.
            with self._limit.limit_call(GOODBYE_SECONDS):
                self._backend.close()
        except Exception as error:  # of whatever kind: what was sent is judged by then
            logger.info("The connection to the provider was already gone: %s", error)

    # -- one message a call ----------------------------------------------------------------------

    def _send_one_by_one(self, messages: Sequence[EmailMultiAlternatives]) -> list[SendResult]:
        results: list[SendResult] = []
        for message in messages:
            # The message before may have ended the connection.
            result = self._open_connection() or self._send_message(message)
            results.append(result)
            if result.outcome.concerns_all or self._is_ending.is_set():
                break
        return results + [NOT_ATTEMPTED] * (len(messages) - len(results))

    def _send_message(self, message: EmailMultiAlternatives) -> SendResult:
        if problem := clean_message(message):
            return problem
        if self.traits.message_key:
            key = message.metadata["delivery"]  # type: ignore[attr-defined]
            message.extra_headers = {**message.extra_headers, self.traits.message_key: key}
        if not self.traits.takes_metadata:
            message.tags = [message.metadata["delivery"]]  # type: ignore[attr-defined]
            del message.metadata  # type: ignore[attr-defined]
        try:
            with self._limit.limit_call():
                count = self._backend.send_messages([message])
        except Exception as error:  # of whatever kind: the question is only how far it got
            result = self._judge_exception(error)
            if not isinstance(error, AnymailError) or self._limit.is_over:
                self._close_connection()  # one drop must not be heard by all that come after
            return result
        return judge_sent_count(count, message)

    def _judge_exception(self, error: Exception) -> SendResult:
        """What it means, in our words where it comes of the end that we made."""
        result = judge_exception(error, has_sent=self._limit.has_sent)
        return replace(result, error=self._limit.describe_end()) if self._limit.is_over else result

    # -- many messages a call --------------------------------------------------------------------

    def _send_in_one_call(
        self, messages: Sequence[EmailMultiAlternatives], on_call: CallListener
    ) -> list[SendResult]:
        built = self._build_calls(messages)
        calls = {i: one for i, one in enumerate(built) if not isinstance(one, SendResult)}
        results = iter(self._make_joined_call(list(calls.values()), list(calls), on_call))
        return [one if isinstance(one, SendResult) else next(results) for one in built]

    def _build_calls(self, messages: Sequence[EmailMultiAlternatives]) -> list[Call | SendResult]:
        """What the messages come to; those that are checked come before all others."""
        checked = self._payloads.choose_checked(len(messages))
        made = {at: self._build_call(messages[at], is_checked=True) for at in checked}
        others = enumerate(messages)
        return [made[at] if at in made else self._build_call(one) for at, one in others]

    def _build_call(
        self, message: EmailMultiAlternatives, *, is_checked: bool = False
    ) -> Call | SendResult:
        """The call that anymail itself would make for this message alone."""
        if problem := clean_message(message):
            return problem
        try:
            return self._payloads.make_call(message, is_checked=is_checked)
        except Exception as error:  # of whatever kind: nothing was sent
            return judge_build_error(error)

    def _make_joined_call(
        self, calls: list[Call], indexes: Sequence[int], on_call: CallListener
    ) -> list[SendResult]:
        """Make the calls as one; where it is rejected as a whole, find out by which message."""
        if not calls:
            return []
        body = join_bodies(calls)
        if self.traits.call_key and not on_call(hash_body(body), body, indexes):
            return [NOT_ATTEMPTED] * len(calls)
        call = make_batch_call(calls[0], body, self._backend.api_url, self.traits)
        del body  # megabytes, of which the call has its own
        judged = self._make_call(call, len(calls))
        if isinstance(judged, list):
            return judged
        if judged.outcome is not Outcome.REJECTED or len(calls) == 1:
            return [judged] * len(calls)
        half = len(calls) // 2
        first = self._make_joined_call(calls[:half], indexes[:half], on_call)
        if first[-1].outcome.concerns_all:
            return first + [NOT_ATTEMPTED] * (len(calls) - half)
        return first + self._make_joined_call(calls[half:], indexes[half:], on_call)

    def _make_call(self, call: Call, count: int) -> list[SendResult] | SendResult:
        """Make the call; again, with the same bytes and key, while its outcome is unknown."""
        first: SendResult | None = None
        for tries in range(TRIES if self.traits.call_key else 1):
            if tries and not self._wait_for_try(tries):
                break
            judged = self._make_call_once(call, count)
            if isinstance(judged, list):
                return judged
            if judged.outcome is not Outcome.UNKNOWN:
                return judge_tries(first, judged) if first else judged
            first = first or judged
        assert first is not None
        return first

    def _wait_for_try(self, tries: int) -> bool:
        """Let a moment pass, longer after each try; False where none may follow any more."""
        return not self._is_ending.wait(TRY_PAUSE_SECONDS * tries)

    def _make_call_once(self, call: Call, count: int) -> list[SendResult] | SendResult:
        try:
            # Somebody waits for a first digest, and a trial finds out whether all may go on.
            with self._limit.limit_call(ONE_MAIL_SECONDS if count == 1 else CALL_SECONDS):
                timeout = self._backend.timeout
                response = self._backend.session.request(**{"timeout": timeout, **call})
            return judge_call(response, count)
        except Exception as error:  # of whatever kind: the question is only how far it got
            return self._judge_exception(error)


def _read_environment_once(session: requests.Session, url: str) -> None:
    """Take proxy and certificates from the environment now, and never again for each call."""
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.trust_env = False
