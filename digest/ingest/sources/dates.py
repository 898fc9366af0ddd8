"""Dates as feeds write them: read whole and right, or not at all.

feedparser reads the beginning of what it does not know ("2026/09/06" is the first of January to
it), and dateparser makes a date of anything (of 32 strings, "12", "2026" and five others became
days that nobody had named). Here every part of the text must have its place in the date; one that
could be two days, as 06-09-2026, is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from digest.ingest.sources.date_words import IGNORED, MONTHS, ZONES, fold_word

DATE_CHARS = 100
_OLDEST = datetime(1970, 1, 2, tzinfo=UTC)  # a date of zero is a date not set

_SECONDS = re.compile(r"1\d{9}(?:\d{3})?")  # since 1970, or milliseconds: from 2001 on
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:时時시](?P<minute>\d{1,2})(?:[:分분](?P<second>\d{1,2}))?[分秒분초]?"
    r"(?:[.,]\d{1,9})?\s*(?P<half>[ap]\.?m\.?(?![a-z]))?",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"\s*(?:GMT|UTC)?\s*(?P<sign>[+\-−])(?P<hours>\d{2}):?(?P<minutes>\d{2})?(?!\d)"
)
# The zone over again in letters: "+0000 UTC" of Go, "-0400 (EDT)" of mail, "+00:00Z".
_ZONE_AGAIN = re.compile(r"^\s*\(?(?:[A-Z]{2,5}|Z)\)?(?!\w)")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s*(?P<mark>[-/.年년])\s*(?P<month>\d{1,2})"
    r"(?:\s*[-/.月월]\s*(?P<day>\d{1,2})\s*[日일.]?|\s*[月월])?(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\2(?P<year>\d{4})(?!\d)")
_ERA = re.compile(r"(令和|平成)\s*(\d{1,2}|元)\s*年")  # Japan's, counted from 2019 and 1989
_ERA_BEGAN = {"令和": 2018, "平成": 1988}
_CHINESE_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九])月")
_CHINESE = "一二三四五六七八九十"
_MONTH_NAMES = {number: word for word, number in MONTHS.items()}
_IGNORED_SIGNS = re.compile(
    r"[\s,;()|]|(?<=\d)T(?![a-z])|星期[一二三四五六日天]|[月火水木金土日]曜日?|[周週][一二三四五六日]"
)
_WORD = re.compile(r"[^\W\d_]+")
_LABEL = re.compile(
    r"^(?:日\s*期|发表时间|发布日期|出版日期|(?:publication\s+)?date)\s*[:：]\s*"
    r"|^(?:first\s+)?(?:published|available|posted)(?:\s+on(?:line)?)?(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
# In whatever language: a word and a comma before the day. "Mar, 24 Set 2018" is no day of March.
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}(?:-feira)?\.?,\s*(?=\d{1,2}\D)")


@dataclass(frozen=True)
class ReadDate:
    """A moment, and how much of it was written."""

    moment: datetime  # in UTC
    is_rough: bool = False  # only the month was named, or the first of January, as year lists do


@lru_cache(4096)
def read_date_text(text: str) -> ReadDate | None:
    """The date that a text writes; None where it writes none, or part of it stays unread."""
    text = text.strip().replace("–", "-")
    if not text or len(text) > DATE_CHARS:
        return None
    if _SECONDS.fullmatch(text) and (moment := read_seconds(int(text[:10]))):
        return ReadDate(moment)
    text = _WEEKDAY.sub("", _LABEL.sub("", _ERA.sub(_convert_era, text)))
    time, rest = _take_time(text)
    for read in (_read_numbers, _read_words):
        if day := read(rest):
            return _join_parts(day, time)
    return None


def read_seconds(seconds: int | None) -> datetime | None:
    """An aware moment from seconds since 1970; None for what no feed can mean."""
    if seconds is None:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment if moment > _OLDEST else None


def is_rough(moment: datetime) -> bool:
    """Whether a date is that of a year, as dblp and tables of contents write it."""
    return (moment.month, moment.day, moment.hour, moment.minute) == (1, 1, 0, 0)


@dataclass(frozen=True)
class _Time:
    hour: int = 0
    minute: int = 0
    second: int = 0
    zone: timezone = UTC


def _take_time(text: str) -> tuple[_Time, str]:
    """The time of day with its zone, and the text without both."""
    found = _TIME.search(text)
    if not found:
        return _Time(), text
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    rest, zone = text[found.end() :], UTC
    if offset := _OFFSET.match(rest):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        zone = timezone(timedelta(minutes=-minutes if offset["sign"] in "-−" else minutes))
        rest = _ZONE_AGAIN.sub("", rest[offset.end() :], count=1)
    elif (word := _WORD.search(rest)) and word[0].lower() in ZONES:
        zone = timezone(timedelta(minutes=ZONES[word[0].lower()]))
        rest = rest[: word.start()] + rest[word.end() :]
    time = _Time(hour, int(found["minute"]), int(found["second"] or 0), zone)
    return time, f"{text[: found.start()]} {rest}"


def _read_numbers(text: str) -> tuple[int, int, int] | None:
    """Year, month and day (0 where only the month is named) out of a date in figures."""
    found = _YEAR_FIRST.search(text) or _COMPACT.search(text)
    if found:
        day = int(found["day"] or 0)
        return (int(found["year"]), int(found["month"]), day) if _is_all(text, found) else None
    found = _YEAR_LAST.search(text)
    if not found or not _is_all(text, found):
        return None
    one, two = int(found["one"]), int(found["two"])
    if one == two or one > 12 or found[2] == ".":  # with full stops the day comes first
        return int(found["year"]), two, one
    return (int(found["year"]), one, two) if two > 12 else None  # it could be either


def _is_all(text: str, found: re.Match[str]) -> bool:
    """Whether nothing stands beside the date but what says nothing."""
    return _is_silent(f"{text[: found.start()]} {text[found.end() :]}")


def _is_silent(text: str) -> bool:
    words = _WORD.findall(_IGNORED_SIGNS.sub(" ", text))
    left = _WORD.sub("", _IGNORED_SIGNS.sub(" ", text)).strip(" .:-Zz")
    return not left and all(fold_word(word) in IGNORED or word in "Zz" for word in words)


def _read_words(text: str) -> tuple[int, int, int] | None:
    """The same out of a date that names its month."""
    text = _CHINESE_MONTH.sub(_convert_chinese_month, text)
    months = [m for w in _WORD.findall(text) if (m := MONTHS.get(fold_word(w)))]
    numbers = re.findall(r"\d+", text)
    others = [w for w in _WORD.findall(text) if fold_word(w) not in MONTHS]
    if len(set(months)) != 1 or not 1 <= len(numbers) <= 2 or not _is_silent(" ".join(others)):
        return None
    years = [n for n in numbers if len(n) == 4]
    if len(numbers) == 2 and not years and len(numbers[1]) == 2:
        years = [numbers[1]]  # 22 Apr 26
    if len(years) != 1:
        return None
    days = [n for n in numbers if n is not years[0]]
    year = int(years[0]) + (2000 if len(years[0]) == 2 else 0)
    return year, months[0], int(days[0]) if days else 0


def _join_parts(day: tuple[int, int, int], time: _Time) -> ReadDate | None:
    year, month, number = day
    try:
        moment = datetime(
            year, month, number or 1, time.hour, time.minute, time.second, tzinfo=time.zone
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment <= _OLDEST:
        return None
    return ReadDate(moment, is_rough=not number or is_rough(moment))


def _convert_era(found: re.Match[str]) -> str:
    number = 1 if found[2] == "元" else int(found[2])
    return f"{_ERA_BEGAN[found[1]] + number}年"


def _convert_chinese_month(found: re.Match[str]) -> str:
    digits = found[1]
    number = _CHINESE.index(digits[0]) + 1
    if len(digits) == 2:
        number += _CHINESE.index(digits[1]) + 1
    return f" {_MONTH_NAMES[number]} "
