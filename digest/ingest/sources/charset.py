"""In which charset a document is written, whatever it says of itself; and its text as UTF-8.

One bad byte costs one character and not the accents of a whole list. What is no UTF-8 and has no
charset, or a wrong one, is told by chardet, from the few words that are not ASCII.
"""

from __future__ import annotations

import codecs
import re

import chardet

# UTF-16, UTF-32 and EBCDIC begin like this, and say themselves what they are
# (https://www.w3.org/TR/xml/#sec-guessing); feedparser reads them.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00", b"\x4c\x6f\xa7\x94")
_PROLOG = re.compile(rb"^\s*<\?xml[^>]{0,200}\?>")
_PROLOG_CHARSET = re.compile(rb"encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})")
# Supersets of what documents call themselves: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SEVEN_BITS = ("iso2022", "hz")  # Japanese and Chinese in the guise of ASCII
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_WORDS = re.compile(rb"[^<>&\x00-\x1f]*[\x80-\xff][^<>&\x00-\x1f]*")
SAMPLE_BYTES = 20_000  # of words that are not ASCII; more would tell no more
_STRANGE_RUN = re.compile("[\xa1-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192]{3}")
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGN_WITHIN = re.compile(
    "(?:[a-z\xdf-\xff][\xa1-\xa9\xab-\xb4\xb6\xb8\xb9\xbb-\xbf]"
    "|(?<!\\S)[\xa2-\xa9\xac-\xb4\xb6\xb8\xb9\xbc-\xbe])(?=[a-z\xdf-\xff])"
)
FEW_BAD = 3  # bytes, or signs, that a document may hold by mistake


def convert_to_utf8(body: bytes, content_type: str = "") -> bytes:
    """The document in UTF-8, with a prolog that says so; UTF-16 and UTF-32 stay as they are."""
    if body.startswith(_WIDE):
        return body
    body = body.removeprefix(codecs.BOM_UTF8)
    text = _decode(body, _list_declared(body, content_type))
    prolog = _PROLOG.match(body)
    if prolog:
        text = text[text.index("?>") + 2 :]
    return (f"<?xml version='1.0' encoding='utf-8'?>{text}" if prolog else text).encode(
        "utf-8", "replace"
    )


def _list_declared(body: bytes, content_type: str) -> list[str]:
    """The charsets that the answer's header and the document's prolog name, by Python's names."""
    prolog = _PROLOG.match(body)
    named = _PROLOG_CHARSET.search(prolog[0]) if prolog else None
    header = _HEADER_CHARSET.search(content_type)
    names = [header[1] if header else "", named[1].decode("ascii") if named else ""]
    return list(dict.fromkeys(filter(None, map(_find_codec, names))))


def _find_codec(name: str) -> str:
    """Python's name for the charset, or for the superset that browsers read for it; or nothing."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return ""
    if not getattr(codec, "_is_text_encoding", True) or codec.name.startswith(("utf-16", "utf-32")):
        return ""  # the document does not begin like that
    # ASCII that is none says nothing.
    return "" if codec.name == "ascii" else _SUPERSETS.get(codec.name, codec.name)


def _decode(body: bytes, declared: list[str]) -> str:
    seven_bits = [name for name in declared if name.startswith(_SEVEN_BITS)]
    if seven_bits and (text := _try_decode(body, seven_bits[0])) is not None:
        return text
    odd = len(_NOT_ASCII.findall(body))
    if (text := _try_decode(body, "utf-8")) is not None and not _is_chance(odd, declared):
        return text
    sequences = sum(map(len, _UTF8_SEQUENCE.findall(body)))
    others = [name for name in declared if name != "utf-8"]
    if sequences * 2 > odd and not others:
        is_broken = odd - sequences <= max(FEW_BAD, odd // 5)
        # Half the bytes of a Japanese list make UTF-8 by chance.
        return (None if is_broken else _decode_as_guessed(body)) or _repair_utf8(body)
    for name in others:
        text = _try_decode(body, name)
        if text is not None and not _looks_wrong(text):
            return text
    return _decode_guessed(body, declared)


def _try_decode(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_chance(odd: int, declared: list[str]) -> bool:
    """Whether so few bytes may be UTF-8 by chance: two signs of an East Asian charset can be."""
    return bool(declared) and "utf-8" not in declared and 0 < odd <= 8 and _is_wide(declared[0])


def _is_wide(charset: str) -> bool:
    """Whether a charset writes its signs in two bytes and more."""
    return charset.startswith(("gb", "big5", "cp932", "cp949", "euc", "johab", "shift"))


def _looks_wrong(text: str) -> bool:
    """Whether a text was read in a charset of Western Europe that it is not written in.

    There letters with accents stand between plain ones; three of them side by side, again and
    again, are another script, and signs within words are letters of Central Europe.
    """
    strange, signs = len(_STRANGE_RUN.findall(text)), len(_SIGN_WITHIN.findall(text))
    words = sum(not word.isascii() for word in _LETTERS.findall(text))
    return strange * 4 > words or (signs >= FEW_BAD and signs * 4 > words)


def _repair_utf8(body: bytes) -> str:
    """UTF-8 with some bytes that are none: each is read as Windows writes it."""

    def read_bytes(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        bad = error.object[error.start : error.end]
        return (bad.decode("cp1252", "replace") if len(bad) == 1 else "\ufffd"), error.end

    codecs.register_error("offprint_windows", read_bytes)
    return body.decode("utf-8", "offprint_windows")


def _decode_as_guessed(body: bytes) -> str | None:
    """The text in the East Asian charset that it is without a fault, if it is in one."""
    guessed = _guess_charset(_take_sample(body))
    return _try_decode(body, guessed) if _is_wide(guessed) else None


def _take_sample(body: bytes) -> bytes:
    return b" ".join(_WORDS.findall(body[:2_000_000]))[:SAMPLE_BYTES]


def _guess_charset(sample: bytes) -> str:
    return _find_codec(chardet.detect(sample)["encoding"] or "")


def _decode_guessed(body: bytes, declared: list[str]) -> str:
    sample = _take_sample(body)
    guessed = _guess_charset(sample)
    for charset in filter(None, (guessed, *declared)):
        text = body.decode(charset, "replace")
        # A few bad bytes do not make a guess wrong, many do.
        if text.count("\ufffd") * 20 <= len(sample):
            return text
    return body.decode("cp1252", "replace")
