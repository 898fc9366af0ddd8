"""A page packed once for everybody, with a slot for the one thing that differs: a form's stamp.

What stands before and behind the slot is compressed when the page is packed. The stamp goes between
as it is, as a "stored" block of RFC 1951, so that nothing is compressed while a visitor waits.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: deflate, no name, no date
_LAST_BLOCK = b"\x03\x00"  # RFC 1951: the last block, and empty
_RAW = -zlib.MAX_WBITS  # deflate without a header: ours is that of gzip
_ACCEPTS_GZIP = re.compile(r"\bgzip\b")
# What is said anew for each visitor, or follows from how the page is sent.
_OWN_HEADERS = {"content-length", "etag", "content-encoding"}
_ALL = 0xFFFFFFFF
_SUM_BYTES = 1_500  # of what a part's checksum is made from
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PackedPage:
    """The compressed parts of a page, between which the stamp goes; and its headers."""

    parts: tuple[bytes, ...]
    headers: Headers
    etag: str

    @classmethod
    def pack(cls, parts: Sequence[bytes], headers: Headers, day: str) -> PackedPage:
        """Pack a page. Its ETag is another one each day: a stamp is good for two."""
        kept = tuple(pair for pair in headers if pair[0].lower() not in _OWN_HEADERS)
        digest = blake2b("\0".join((day, *map(":".join, kept))).encode(), digest_size=12)
        for part in parts:
            digest.update(part)
        return cls(tuple(map(_deflate, parts)), kept, f'W/"{digest.hexdigest()}"')

    @property
    def plain_parts(self) -> tuple[bytes, ...]:
        """Made anew for whoever takes no gzip: hardly anybody, and it would fill the memory."""
        return tuple(zlib.decompressobj(_RAW).decompress(part) for part in self.parts)

    @cached_property
    def sums(self) -> tuple[_PartSum, ...]:
        """What each part adds to the checksum of a page."""
        return tuple(map(_PartSum.of, self.plain_parts))

    @cached_property
    def size(self) -> int:
        """Bytes in memory, about."""
        return sum(map(len, self.parts)) + len(self.parts) * _SUM_BYTES

    def make_response(self, request: HttpRequest, stamp: str) -> HttpResponse:
        """The page with this stamp, or 304 where the visitor's browser has it already."""
        headers = dict(self.headers)
        if get_conditional_response(request, self.etag):
            response = HttpResponse(status=304, headers=headers)
            del response["Content-Type"]
        elif _ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response = HttpResponse(self._join_compressed(stamp.encode()), headers=headers)
            response["Content-Encoding"] = "gzip"
        else:
            response = HttpResponse(stamp.encode().join(self.plain_parts), headers=headers)
        response["ETag"] = self.etag
        patch_vary_headers(response, ["Accept-Encoding"])
        if response.status_code == 200:
            response["Content-Length"] = str(len(response.content))
        return response

    def _join_compressed(self, stamp: bytes) -> bytes:
        """The parts with the stamp between them, as one gzip member."""
        size = len(stamp).to_bytes(2, "little")
        stored = b"\x00" + size + bytes(0xFF ^ byte for byte in size) + stamp
        first, *others = self.sums
        crc, length = first.crc, first.length
        for part in others:
            crc = part.add_to(zlib.crc32(stamp, crc))
            length += len(stamp) + part.length
        ending = crc.to_bytes(4, "little") + length.to_bytes(4, "little")
        return b"".join((_GZIP_HEADER, stored.join(self.parts), _LAST_BLOCK, ending))


@dataclass(frozen=True)
class _PartSum:
    """The CRC-32 of one part, and what its length does to that of all that stands before it.

    A CRC is linear: that of two texts is that of the first, moved on by so many zero bytes, with
    that of the second in XOR (`crc32_combine` of zlib, which Python does not hand on). So a page of
    a hundred kilobytes is not read once more for each visitor, only its stamp is.
    """

    crc: int
    length: int
    moved: tuple[int, ...]  # each of the 32 bits alone, moved on by the part's length

    @classmethod
    def of(cls, part: bytes) -> _PartSum:
        zeros = bytes(len(part))
        # zlib inverts all bits before and behind: here they are turned back.
        moved = (_ALL ^ zlib.crc32(zeros, _ALL ^ (1 << bit)) for bit in range(32))
        return cls(zlib.crc32(part), len(part), tuple(moved))

    def add_to(self, before: int) -> int:
        """The CRC of a text whose own is `before`, with this part behind it."""
        crc = self.crc
        for column in self.moved:
            if before & 1:
                crc ^= column
            before >>= 1
        return crc


def _deflate(part: bytes) -> bytes:
    """The part as deflate blocks that end at a byte and refer to nothing outside."""
    packer = zlib.compressobj(wbits=_RAW)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
