"""Work begun by several threads at the same moment, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(work: Callable[[], T], workers: int = 2) -> list[T]:
    """What each of them returned; one that raised is missing."""
    together, returned = Barrier(workers), list[T]()

    def one() -> None:
        together.wait()
        returned.append(work())
        connection.close()

    threads = [Thread(target=one) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return returned
