"""A request as it comes in, byte by byte: whether it is whole, late, or never will be."""

from __future__ import annotations

import re
from urllib.parse import unquote

from config.body_sizes import find_most_bytes

HEAD_SECONDS = 10.0  # from the first moment of waiting
BODY_SECONDS = 10.0  # and so many more for its bytes:
LEAST_BYTES_A_SECOND = 50_000
MOST_HEAD_BYTES = 65_536
# A plain question for it; any other goes on to the site.
_HEALTH = re.compile(rb"GET /healthz(?:\?[!-~]*)? HTTP/1\.[01]\r\n")
_STAYS = re.compile(rb"[^\r\n]* HTTP/1\.1\r\n")
_CLOSES = re.compile(rb"^connection:[^\r\n]*\bclose\b", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*0*(\d{1,15})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_ANY_LENGTH = re.compile(rb"^[ \t]*content-length", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"^[ \t]*transfer-encoding", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


def make_refusal(status: str, said: str) -> bytes:
    """An answer of a few words that ends the connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(said.encode())}\r\n\r\n{said}".encode()


LATE = make_refusal("408 Request Timeout", "The request took too long to come in. Try again.\n")
LONG_HEAD = make_refusal("431 Request Header Fields Too Large", "The request's head is too long.\n")
BAD_LENGTH = make_refusal("400 Bad Request", "Say once, in digits, how long the body is.\n")
NO_LENGTH = make_refusal("411 Length Required", "Say with Content-Length how long the body is.\n")


def _read_path(head: bytes) -> str:
    """The path of the first line as Django will see it: without host and query, and decoded."""
    target = b"".join(head.split(b" ", 2)[1:2]).partition(b"?")[0].decode("latin-1")
    if not target.startswith("/"):
        target = f"/{target.partition('://')[2].partition('/')[2]}"
    return unquote(target)


class IncomingRequest:
    """The bytes of one request so far, and perhaps of what follows it.

    Moments are seconds of the monotonic clock. A body that its page takes in no case is not waited
    for: the page says so as soon as the head is there.
    """

    def __init__(self, now: float, data: bytes = b"") -> None:
        self._data = bytearray()
        self._head_bytes = 0  # 0 until the head is whole
        self._body_bytes = 0
        self._ends_at = now + HEAD_SECONDS
        self._is_asked_for = False
        # Its body is not waited for, so that nobody knows where the next request would begin.
        self.leaves_body = False
        self.refusal = b""
        if data:
            self.add(data, now)

    @property
    def size(self) -> int:
        return len(self._data)

    @property
    def has_begun(self) -> bool:
        return bool(self._data)

    @property
    def is_whole(self) -> bool:
        return bool(self._head_bytes) and self.size >= self._head_bytes + self._body_bytes

    @property
    def asks_for_health(self) -> bool:
        return not self._body_bytes and bool(_HEALTH.match(self._data))

    @property
    def may_stay_open(self) -> bool:
        """Whether the visitor may ask again on the same connection (RFC 9112, 9.3)."""
        head = bytes(self._data[: self._head_bytes])
        return bool(not self.leaves_body and _STAYS.match(head) and not _CLOSES.search(head))

    def begin_at(self, now: float) -> None:
        """Count the time from now on: until then nobody waited for this one."""
        if not self._head_bytes:
            self._ends_at = now + HEAD_SECONDS

    def add(self, data: bytes, now: float) -> None:
        searched = max(0, self.size - len(_END_OF_HEAD) + 1)
        self._data += data
        if self._head_bytes:
            return
        end = self._data.find(_END_OF_HEAD, searched)
        if end < 0:
            if self.size > MOST_HEAD_BYTES:
                self.refusal = LONG_HEAD
            return
        self._head_bytes = end + len(_END_OF_HEAD)
        self._read_head(bytes(self._data[: self._head_bytes]))
        self._ends_at = now + BODY_SECONDS + self._body_bytes / LEAST_BYTES_A_SECOND

    def _read_head(self, head: bytes) -> None:
        if _CODED.search(head):
            self.refusal = NO_LENGTH
        lengths, said = _LENGTH.findall(head), len(_ANY_LENGTH.findall(head))
        if said != len(lengths) or said > 1:
            self.refusal = BAD_LENGTH  # whoever stands before us may have read another one
        length = int(lengths[0]) if lengths else 0
        if length <= find_most_bytes(_read_path(head)):
            self._body_bytes = length
        else:
            self.leaves_body = True
        self._is_asked_for = bool(self._body_bytes and _EXPECTS.search(head))

    def wants_to_be_asked(self) -> bool:
        """Whether the client waits to hear that it may send the body; true once."""
        is_asked_for, self._is_asked_for = self._is_asked_for, False
        return is_asked_for and not self.is_whole

    def is_late(self, now: float) -> bool:
        return now > self._ends_at

    def say_late(self) -> bytes:
        """The last words to whoever took too long; none to whoever never began."""
        return LATE if self.has_begun else b""

    def read_whole(self) -> bytes:
        """The bytes of this request, which stay."""
        return bytes(self._data[: self._head_bytes + self._body_bytes])

    def split(self) -> tuple[bytes, bytes]:
        """The bytes of this request, and those behind it."""
        length = self._head_bytes + self._body_bytes
        return bytes(self._data[:length]), bytes(self._data[length:])
