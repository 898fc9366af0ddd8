"""Several calls to the provider under way at once: a few threads that do nothing but talk to it.

The database is left to the thread that owns the pool. What has to be written down in the middle of
a call is asked of that thread, and the call goes on when it is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, Self, TypeVar

from digest.deliver.provider.send import Provider

LOOK_SECONDS = 0.1  # between two looks whether all threads have ended


class PoolIsOver(Exception):
    """The owner has left the pool, and does nothing more for calls under way."""


class Job(Protocol):
    """What one thread does; `failure` is what no provider is to blame for."""

    failure: BaseException | None

    def make(self, provider: Provider, ask_owner: Callable[[Callable[[], None]], None]) -> None:
        """Make the calls. `ask_owner` has the pool's owner do something meanwhile."""


J = TypeVar("J", bound=Job)


@dataclass
class _Question:
    """Something that only the owner of the pool may do."""

    do: Callable[[], None]
    is_done: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None


class CallPool(Generic[J]):
    """Up to `size` calls at once, each over a connection of its own; use it in a `with` block.

    Threads and connections are made when they are first needed. At the end of the block calls that
    are still under way are waited for; what they ask for then is refused.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.under_way = 0
        self._jobs: SimpleQueue[J | None] = SimpleQueue()
        self._events: SimpleQueue[J | _Question] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._providers: list[Provider] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            while thread.is_alive():
                thread.join(LOOK_SECONDS)
                self._refuse_questions()

    @property
    def has_room(self) -> bool:
        return self.under_way < self.size

    def start(self, job: J) -> None:
        """Let a thread make them now; only where `has_room`."""
        self.under_way += 1
        if self.under_way > len(self._threads):
            self._add_thread()
        self._jobs.put(job)

    def wait(self, seconds: float) -> J | None:
        """The next calls that have come to their end, or None where none do within `seconds`.

        Does meanwhile what calls under way ask for. Raises what is no provider's fault.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                return None
            if isinstance(event, _Question):
                _answer_question(event)
                continue
            self.under_way -= 1
            if event.failure:
                raise event.failure
            return event

    def end_calls(self, seconds: float) -> None:
        """Let no call under way take longer than this from now; none is tried again."""
        for provider in self._providers:
            provider.end_calls(seconds)

    def _ask_owner(self, do: Callable[[], None]) -> None:
        """From within a call: return when the pool's owner has done it."""
        question = _Question(do)
        self._events.put(question)
        question.is_done.wait()
        if question.failure:
            raise question.failure

    def _refuse_questions(self) -> None:
        """Nothing is done for calls that outlive their owner: one that asks must not wait on."""
        with suppress(Empty):
            while True:
                event = self._events.get_nowait()
                if isinstance(event, _Question):
                    event.failure = PoolIsOver()
                    event.is_done.set()

    def _add_thread(self) -> None:
        provider = Provider()
        self._providers.append(provider)
        thread = threading.Thread(target=self._work, args=(provider,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, provider: Provider) -> None:
        with provider:
            while job := self._jobs.get():
                try:
                    job.make(provider, self._ask_owner)
                except BaseException as error:  # the owner raises it
                    job.failure = error
                self._events.put(job)


def _answer_question(question: _Question) -> None:
    try:
        question.do()
    except BaseException as error:  # whoever asked raises it
        question.failure = error
    question.is_done.set()
