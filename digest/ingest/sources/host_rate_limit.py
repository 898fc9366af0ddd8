"""One request at a time, three seconds apart, over every process and machine: arXiv asks for that.

https://info.arxiv.org/help/api/tou.html. A row in the database says when the host is free, because
a lock in one process knows nothing of the others. Turns run on the real clock, whatever day is
being replayed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.translation import gettext as _

from digest.models import HostTurn
from digest.watch import clock

# Three seconds as arXiv counts them: two requests do not take equally long to arrive.
GAPS = {"arxiv.org": timedelta(seconds=3.1)}
# A turn is never held longer: a fetch ends after 30 seconds, a crashed process never ends its own.
LEASE = timedelta(seconds=40)
WAIT_SECONDS = 60.0
FARTHEST_TURN = timedelta(days=1)
LOOK_AGAIN_SECONDS = 1.0
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class HostBusy(Exception):
    """Others had all the turns for as long as we were ready to wait."""


def find_limited_host(url: str) -> str:
    """The host whose limit holds for an address: rss. and export.arxiv.org are one host."""
    host = (urlsplit(url).hostname or "").lower()
    return next((name for name in GAPS if host == name or host.endswith(f".{name}")), host)


@contextmanager
def hold_turn(host: str, wait_seconds: float | None = None) -> Iterator[None]:
    """Hold the host's turn during one request; raises HostBusy after WAIT_SECONDS without one.

    Hosts that did not ask for it need no turn.
    """
    if (gap := GAPS.get(host)) is None:
        yield
        return
    lease = _take_turn(host, WAIT_SECONDS if wait_seconds is None else wait_seconds)
    try:
        yield
    finally:
        _leave_turn(host, lease, gap)


def _take_turn(host: str, wait_seconds: float) -> datetime:
    HostTurn.objects.get_or_create(host=host, defaults={"free_at": _LONG_AGO})
    gives_up_at = time.monotonic() + wait_seconds
    while True:
        now = clock.read_now()
        # A turn that is so far off was taken by a clock that went wrong.
        is_free = Q(free_at__lte=now) | Q(free_at__gt=now + FARTHEST_TURN)
        if HostTurn.objects.filter(is_free, host=host).update(free_at=now + LEASE):
            return now + LEASE
        left = gives_up_at - time.monotonic()
        if left <= 0:
            raise HostBusy(
                _("%(host)s takes one request at a time, and others had every turn.")
                % {"host": host}
            )
        free_at = HostTurn.objects.values_list("free_at", flat=True).get(host=host)
        wait = (free_at - now).total_seconds()
        time.sleep(min(max(wait, 0.01), LOOK_AGAIN_SECONDS, left))


def _leave_turn(host: str, lease: datetime, gap: timedelta) -> None:
    # Only our own lease: one that ran out may be somebody else's by now.
    mine = HostTurn.objects.filter(host=host, free_at=lease)
    mine.update(free_at=max(lease - LEASE + gap, clock.read_now()))
