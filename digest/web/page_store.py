"""Where packed pages are kept: in this process, and in Redis for the other web processes.

Both are bounded. In the process the page that was asked for longest ago gives way. In Redis each
address has one of so many places, and a page takes the place of whatever was there.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from django.conf import settings

from digest.web.packed_page import PackedPage
from subscribers import forgiving_cache

MOST_BYTES = 24_000_000  # in one process
MOST_ANSWER_BYTES = 8_000_000  # of searches and the API, in one process as well
SHARED_PLACES = 1_024  # in Redis: some 20 MB
SHARED_SECONDS = 86_400
_Kept = tuple[str, str, tuple[bytes, ...], tuple[tuple[str, str], ...], str]


class PageStore:
    """Pages by their address, each with the state of what it shows (`shared_pages.read_state`)."""

    def __init__(self, *, is_shared: bool = True) -> None:
        """One that is not shared keeps answers, which stay in this process."""
        self._is_shared = is_shared
        self._pages: OrderedDict[str, tuple[str, PackedPage]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, address: str, state: str) -> PackedPage | None:
        """The page of this address, if it shows this state."""
        page = self.get_own(address, state)
        if page is None and self._is_shared and (page := _read_shared(address, state)):
            self._keep_page(address, state, page)
        return page

    def get_own(self, address: str, state: str) -> PackedPage | None:
        """The same, as far as this process has it."""
        with self._lock:
            kept = self._pages.get(address)
            if kept and kept[0] == state:
                self._pages.move_to_end(address)
                return kept[1]
        return None

    def has(self, address: str) -> bool:
        """Whether this process has a page of this address, whatever the state it shows."""
        return address in self._pages

    def put(self, address: str, state: str, page: PackedPage) -> None:
        self._keep_page(address, state, page)
        if self._is_shared and settings.REDIS_URL:
            kept: _Kept = (address, state, page.parts, page.headers, page.etag)
            forgiving_cache.write_value(_find_place(address), kept, SHARED_SECONDS)

    def forget_all(self) -> None:
        """Keep nothing, as in a process that has just begun."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _keep_page(self, address: str, state: str, page: PackedPage) -> None:
        most = MOST_BYTES if self._is_shared else MOST_ANSWER_BYTES
        with self._lock:
            if before := self._pages.pop(address, None):
                self._bytes -= before[1].size
            self._pages[address] = state, page
            self._bytes += page.size
            while self._bytes > most:
                self._bytes -= self._pages.popitem(last=False)[1][1].size


def _read_shared(address: str, state: str) -> PackedPage | None:
    if not settings.REDIS_URL:
        return None
    kept = forgiving_cache.read_instance(_find_place(address), tuple)
    if kept is None or kept[:2] != (address, state):
        return None
    return PackedPage(*kept[2:])


def _find_place(address: str) -> str:
    number = int.from_bytes(blake2b(address.encode(), digest_size=4).digest(), "big")
    return f"page:{number % SHARED_PLACES}"


page_store = PageStore()
answer_store = PageStore(is_shared=False)
