"""How many requests of a kind a process answers at once, so that no kind keeps another out.

Each kind of page has a lane: so many are answered side by side, so many more wait for a moment,
and whoever comes then is told to try again, at once and at hardly any cost. The threads of a
process (gunicorn.conf.py) are one more than all lanes hold, but for those that wait for whoever
reads slowly: /readyz, which is in none, always has one. /healthz needs none: the loop answers it
(config/web_worker.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class Lane:
    """So many requests of a kind at once in this process, and so many that wait."""

    name: str
    at_once: int
    waiting: int
    _running: BoundedSemaphore = field(init=False, repr=False)
    _present: BoundedSemaphore = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_running", BoundedSemaphore(self.at_once))
        object.__setattr__(self, "_present", BoundedSemaphore(self.at_once + self.waiting))

    @property
    def most(self) -> int:
        return self.at_once + self.waiting

    @contextmanager
    def enter(self) -> Iterator[bool]:
        """Hold a place for the length of a block; yields whether there was one in time."""
        if not self._present.acquire(blocking=False):
            yield False
            return
        try:
            if not self._running.acquire(timeout=PATIENCE_SECONDS):
                yield False
                return
            try:
                yield True
            finally:
                self._running.release()
        finally:
            self._present.release()


PAGES = Lane("pages", 2, 5)
# What visitors price themselves: much of it waits for the site's one slot besides
# (digest/web/concurrency_limit.py).
COSTLY = Lane("searches and previews", 2, 4)
INTERESTS = Lane("interests", 2, 1)  # may wait for arXiv, which nobody else should
SIGN_UP = Lane("sign-up", 2, 2)
LINKS = Lane("links", 2, 2)  # of mails, and what mailboxes post
REPORTS = Lane("reports", 2, 2)  # of providers, who bring again what is refused
STAFF = Lane("staff", 2, 2)
MANAGEMENT = Lane("management", 2, 2)  # operators' scripts, which must not keep them out
LANES = (PAGES, COSTLY, INTERESTS, SIGN_UP, LINKS, REPORTS, STAFF, MANAGEMENT)
_BY_START = {
    "/interests/": INTERESTS,
    "/preview/": COSTLY,
    "/search": COSTLY,
    "/api/v1/search": COSTLY,
    "/feeds/search": COSTLY,
    "/subscribe/": SIGN_UP,
    "/confirm/": SIGN_UP,
    "/preferences/": LINKS,
    "/unsubscribe/": LINKS,
    "/account/": LINKS,
    "/move": LINKS,
    "/feedback/": LINKS,
    "/reading-list/": LINKS,
    "/mail/": LINKS,
    "/anymail/": REPORTS,
    "/admin/": STAFF,
    "/api/v1/manage/": MANAGEMENT,
}
_LOST_LINK = "/preferences/"  # anybody may ask, with no link at all
_IN_NO_LANE = ("/healthz", "/readyz")


def find_lane(path: str) -> Lane | None:
    """The lane of an address; None for what machines ask, which has a thread of its own."""
    if path in _IN_NO_LANE:
        return None
    if path == _LOST_LINK:
        return SIGN_UP
    return next((lane for start, lane in _BY_START.items() if path.startswith(start)), PAGES)
