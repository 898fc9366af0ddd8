"""PNG pictures of pages, made small: 32 colours are plenty for ink on paper and one red."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 32
RGB, PALETTE = 2, 3  # PNG's numbers for kinds of colour
_COARSE = 0b11111100  # shades closer than this look the same

Pixel = tuple[int, int, int]


def squeeze(png: bytes) -> bytes:
    """The same picture in at most COLOURS colours; as it was, where it is none of 8-bit RGB.

    Colours beyond those that are kept become the nearest of these.
    """
    chunks = list(_chunks(png))
    header = next(body for kind, body in chunks if kind == b"IHDR")
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", header)
    if (depth, kind) != (8, RGB):
        return png
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    rows = list(_unfiltered(zlib.decompress(packed), width * 3))
    # Most rows of a page are blank, or one like another: each is looked at once.
    counted = Counter[Pixel]()
    for row, times in Counter(rows).items():
        for pixel, found in Counter(_pixels(row)).items():
            counted[pixel] += found * times
    places = _places(counted)
    colours = sorted(set(places.values()))
    index = {pixel: colours.index(colour) for pixel, colour in places.items()}
    packer = zlib.compressobj(9, memLevel=9)
    drawn = {row: b"\0" + bytes(index[p] for p in _pixels(row)) for row in set(rows)}
    packed = b"".join(packer.compress(drawn[row]) for row in rows)
    return SIGNATURE + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)),
            (b"PLTE", b"".join(bytes(colour) for colour in colours)),
            (b"IDAT", packed + packer.flush()),
            (b"IEND", b""),
        )
    )


def _places(counted: Counter[Pixel]) -> dict[Pixel, Pixel]:
    """For each colour of the picture the one that stands for it."""
    if len(counted) <= COLOURS:
        return {pixel: pixel for pixel in counted}
    shades: dict[Pixel, Pixel] = {}  # the most frequent of those that look the same
    for pixel, _ in counted.most_common():
        shades.setdefault(_coarse(pixel), pixel)
    weights = Counter[Pixel]()
    for pixel, times in counted.items():
        weights[shades[_coarse(pixel)]] += times
    kept = _kept(weights)
    nearest = {shade: min(kept, key=lambda k: _apart(k, shade)) for shade in weights}
    return {pixel: nearest[shades[_coarse(pixel)]] for pixel in counted}


def _kept(weights: Counter[Pixel]) -> list[Pixel]:
    """The most frequent colours, and those far from them: a red dot is small and matters."""
    kept = [pixel for pixel, _ in weights.most_common(COLOURS // 2)]
    far = {pixel: min(_apart(pixel, k) for k in kept) for pixel in weights}
    while len(kept) < COLOURS:
        chosen = max(weights, key=lambda pixel: far[pixel] * weights[pixel] ** 0.5)
        kept.append(chosen)
        far = {pixel: min(apart, _apart(pixel, chosen)) for pixel, apart in far.items()}
    return kept


def _coarse(pixel: Pixel) -> Pixel:
    return pixel[0] & _COARSE, pixel[1] & _COARSE, pixel[2] & _COARSE


def _apart(one: Pixel, other: Pixel) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _pixels(row: bytes) -> list[Pixel]:
    return list(zip(row[0::3], row[1::3], row[2::3], strict=True))


def _unfiltered(raw: bytes, size: int) -> Iterator[bytes]:
    """The rows of `size` bytes each, with PNG's five filters undone."""
    above = bytes(size)
    for start in range(0, len(raw), size + 1):
        above = _UNDO[raw[start]](raw[start + 1 : start + 1 + size], above)
        yield above


def _as_it_is(row: bytes, _above: bytes) -> bytes:
    return row


def _after_left(row: bytes, _above: bytes) -> bytes:
    undone = bytearray(row)
    for channel in range(3):
        sums = accumulate(row[channel::3])
        undone[channel::3] = bytes(value & 255 for value in sums)
    return bytes(undone)


def _after_above(row: bytes, above: bytes) -> bytes:
    return bytes((a + b) & 255 for a, b in zip(row, above, strict=True))


def _after_both(row: bytes, above: bytes) -> bytes:
    undone = bytearray(3)
    for value, up in zip(row, above, strict=True):
        undone.append((value + (undone[-3] + up) // 2) & 255)
    return bytes(undone[3:])


def _after_nearest(row: bytes, above: bytes) -> bytes:
    undone = bytearray(3)
    for value, up, corner in zip(row, above, bytes(3) + above, strict=False):
        left = undone[-3]
        if up == corner:  # most often: then the guess is exactly what is to the left
            near = left
        elif left == corner:
            near = up
        else:
            near = min((left, up, corner), key=lambda n: abs(left + up - corner - n))
        undone.append((value + near) & 255)
    return bytes(undone[3:])


# By PNG's number of the filter.
_UNDO = [_as_it_is, _after_left, _after_above, _after_both, _after_nearest]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
