"""Hugging Face's Daily Papers: one JSON list a day, read again while its votes still grow.

Three dates come with a paper. `submittedOnDailyAt` is the list's day, `paper.publishedAt` arXiv's
date; the row's own `publishedAt` is hours before that and is not read. The list as people see it:
https://huggingface.co/papers.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.identifiers import identify, read_arxiv_number
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.ingest.text.clean import (
    ABSTRACT_CHARS,
    AUTHORS,
    NAME_CHARS,
    SUMMARY_CHARS,
    TITLE_CHARS,
    clean_tex,
    clean_text,
    cut_key,
)

DAYS_AT_EVERY_POLL = 3  # today and the two days before: most votes come then
DAYS_IN_ALL = 15  # today and fourteen days back, the older ones once a day
OLDER_EVERY = timedelta(hours=23)
# numComments never falls below 2, and is exactly 2 for most papers of a captured list: the host
# counts two comments of its own.
COMMENTS_FLOOR = 2
LARGEST_COUNT = 2**31 - 1


def list_days_to_poll(asked_at: dict[date, datetime], now: datetime) -> list[date]:
    """Whose lists to ask for now, the latest first; never a day that has not begun.

    `asked_at` says when each day's list was last asked for.
    """
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS_IN_ALL)]
    return [
        day
        for back, day in enumerate(days)
        if back < DAYS_AT_EVERY_POLL or day not in asked_at or _is_due(asked_at[day], now)
    ]


def _is_due(asked_at: datetime, now: datetime) -> bool:
    # A clock that was set back must not leave a day unasked.
    return not timedelta() <= now - asked_at < OLDER_EVERY


def make_day_url(url: str, day: date) -> str:
    """The address of one day's whole list."""
    parts = urlsplit(url)
    query = {"limit": "100"} | dict(parse_qsl(parts.query)) | {"date": day.isoformat()}
    return urlunsplit(parts._replace(query=urlencode(query)))


def parse_document(body: bytes, day: date) -> ParsedDocument:
    """Read the list of `day`; raises Unreadable when it is not a list at all."""
    rows, is_whole = _read_rows(body)
    midnight = datetime.combine(day, time(), UTC)
    entries = [_parse_entry(row, midnight) for row in rows]
    read = {entry.guid: entry for entry in entries if entry}
    skipped = entries.count(None)
    return ParsedDocument(
        entries=tuple(read.values()),
        title="Hugging Face Daily Papers",
        listed_on=day,
        skipped=skipped,
        is_whole=is_whole,
        problem=_describe_problem(skipped, len(rows), is_whole),
    )


def _describe_problem(skipped: int, rows: int, is_whole: bool) -> str:
    words = []
    if not is_whole:
        words.append(
            ngettext(
                "The list was cut short; %(rows)s paper, its first, was whole.",
                "The list was cut short; its first %(rows)s papers were whole.",
                rows,
            )
            % {"rows": rows}
        )
    if skipped:
        words.append(
            ngettext(
                "%(skipped)s of %(rows)s paper had no readable number or title, so left out.",
                "%(skipped)s of %(rows)s papers had no readable number or title, so left out.",
                rows,
            )
            % {"skipped": skipped, "rows": rows}
        )
    return " ".join(words)


def _read_rows(body: bytes) -> tuple[list[Any], bool]:
    """The rows of the list, and whether it was read to its end."""
    text = body.decode("utf-8", errors="replace").lstrip("\ufeff").strip()
    if not text:
        raise Unreadable(_("The answer is empty where a list of papers should be."))
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        rows = _whole_rows(text)
        if not rows:
            raise Unreadable(_not_json(text)) from error
        return rows, False
    if isinstance(answer, list):
        return answer, True
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        raise Unreadable(
            _("Hugging Face answered with an error: %(said)s.")
            % {"said": clean_text(answer["error"], 150)}
        )
    raise Unreadable(_("The answer is JSON, but not a list of papers."))


def _not_json(text: str) -> str:
    if text.startswith("<"):
        return _("A web page or XML came instead of the list of papers.")
    return _("The answer is not the JSON list of papers it should be.")


def _whole_rows(text: str) -> list[Any]:
    """The rows before the place where a list breaks off."""
    decoder, rows, at = json.JSONDecoder(), [], 1
    while text.startswith("["):
        while text[at : at + 1] in tuple(" \r\n\t,"):
            at += 1
        try:
            row, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        rows.append(row)
    return rows


def _parse_entry(row: Any, midnight: datetime) -> ParsedEntry | None:
    """One row; None where it lacks what makes a paper: a number and a title."""
    paper = _as_dict(row).get("paper")
    if not isinstance(paper, dict):
        return None
    number = clean_text(_as_str(paper.get("id")), 200)
    title = clean_tex(_as_str(paper.get("title")) or _as_str(row.get("title")), TITLE_CHARS)
    if not number or not title:
        return None
    page = f"https://huggingface.co/papers/{quote(number)}"
    arxiv_number = read_arxiv_number(number)
    comments = _read_count(row.get("numComments"))
    return ParsedEntry(
        guid=cut_key(number, 500),
        identifier=f"arxiv:{arxiv_number}" if arxiv_number else identify(page),
        title=title,
        url=f"https://arxiv.org/abs/{arxiv_number}" if arxiv_number else page,
        abstract=clean_tex(
            _as_str(paper.get("summary")) or _as_str(row.get("summary")), ABSTRACT_CHARS
        ),
        authors=_list_authors(paper.get("authors")),
        organization=_read_organization(paper) or _read_organization(row),
        summary=clean_tex(_as_str(paper.get("ai_summary")), SUMMARY_CHARS),
        code_url=_read_code_url(paper.get("githubRepo")),
        code_stars=_read_count(paper.get("githubStars")),
        published_at=_read_moment(paper.get("publishedAt")),
        listed_at=_read_moment(paper.get("submittedOnDailyAt")) or midnight,
        upvotes=_read_count(paper.get("upvotes")),
        comments=None if comments is None else max(0, comments - COMMENTS_FLOOR),
    )


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_str(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_count(value: Any) -> int | None:
    """A number of votes, comments or stars; True is not one, and half a vote neither."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return None
    return min(value, LARGEST_COUNT)


def _read_moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_as_str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _list_authors(value: Any) -> tuple[str, ...]:
    rows = [_as_dict(row) for row in value] if isinstance(value, list) else []
    shown = [row for row in rows if row.get("hidden") is not True]
    names = [clean_tex(_as_str(row.get("name")), NAME_CHARS) for row in shown[:AUTHORS]]
    return tuple(name for name in names if name)


def _read_organization(holder: dict[str, Any]) -> str:
    organization = _as_dict(holder.get("organization"))
    return clean_text(
        _as_str(organization.get("fullname")) or _as_str(organization.get("name")), 200
    )


def _read_code_url(value: Any) -> str:
    url = clean_text(_as_str(value), 2000)
    return url if url.startswith(("https://", "http://")) and len(url) <= 1000 else ""
