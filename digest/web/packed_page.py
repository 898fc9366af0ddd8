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

    @cached_property
    def plain_parts(self) -> tuple[bytes, ...]:
        return tuple(zlib.decompressobj(_RAW).decompress(part) for part in self.parts)

    @cached_property
    def size(self) -> int:
        """Bytes in memory, about."""
        return sum(map(len, (*self.parts, *self.plain_parts)))

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
        page = stamp.join(self.plain_parts)
        ending = zlib.crc32(page).to_bytes(4, "little") + len(page).to_bytes(4, "little")
        return b"".join((_GZIP_HEADER, stored.join(self.parts), _LAST_BLOCK, ending))


def _deflate(part: bytes) -> bytes:
    """The part as deflate blocks that end at a byte and refer to nothing outside."""
    packer = zlib.compressobj(wbits=_RAW)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
