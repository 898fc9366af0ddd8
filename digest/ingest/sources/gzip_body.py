"""A document that is itself a gzip file, feed.xml.gz: no header says so, its first bytes do."""

from __future__ import annotations

import zlib

_MAGIC = b"\x1f\x8b"  # https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
_GZIP_WINDOW = 31  # zlib's word for gzip with the largest window
# Of the file at once: what is broken spoils no more, and none becomes more than a megabyte.
_PIECE_BYTES = 1_024


class BodyTooLarge(Exception):
    """Unpacked it has more bytes than are taken."""


def is_gzip(body: bytes) -> bool:
    return body.startswith(_MAGIC)


def unpack_gzip(body: bytes, max_bytes: int) -> tuple[bytes, bool]:
    """What is in the file as far as it can be unpacked, and whether that is all of it.

    A file may hold several parts, one behind the other. Raises BodyTooLarge for more than
    `max_bytes`, before they are in memory.
    """
    unpacked, rest = bytearray(), body
    while is_gzip(rest):
        part, place = zlib.decompressobj(_GZIP_WINDOW), 0
        try:
            while place < len(rest) and not part.eof:
                unpacked += part.decompress(rest[place : place + _PIECE_BYTES])
                place += _PIECE_BYTES
                if len(unpacked) > max_bytes:
                    raise BodyTooLarge
        except zlib.error:
            return bytes(unpacked), False
        if not part.eof:
            return bytes(unpacked), False
        rest = part.unused_data + rest[place:]
    return bytes(unpacked), True
