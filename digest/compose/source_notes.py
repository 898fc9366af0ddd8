"""How the sources are, in a few words each, for the foot of one subscriber's digest.

cs.CL: 95 new    cs.AI: yesterday's list, today's follows tomorrow    Hugging Face: 31 listed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.ingest.sources import arxiv_freshness
from digest.models import Source
from digest.watch import source_age

MOST_NOTES = 4
NAME_CHARS = 40
State = Source.State
_UNWELL = {State.STALE, State.FAILING, State.STOPPED, State.PARTIAL}
_NAMES = {Source.Kind.HUGGINGFACE: "Hugging Face", Source.Kind.ARXIV: "arXiv"}


class Note(NamedTuple):
    """A few words on a source, or on a category of arXiv."""

    said: str
    is_on_time: bool = False  # a category's, of which no later list could be there


class SourceNotes:
    """What the active sources came to at their last polls, as it is known at `now`."""

    def __init__(self, now: datetime) -> None:
        self._by_name: dict[str, str] = {}  # the note on a category, or on a source
        self._unwell: list[str] = []
        asked = Source.objects.filter(is_active=True).exclude(state=State.NEW)
        for source in asked.order_by("pk"):
            notes = dict(_describe_source(source, now))
            self._by_name |= {name: note.said for name, note in notes.items() if name not in self}
            if source.state in _UNWELL or source_age.is_silent(source, now):
                late = [name for name, note in notes.items() if not note.is_on_time]
                self._unwell += [name for name in late if name not in self._unwell]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def list_notes(self, categories: Iterable[str], *, counts_votes: bool) -> list[str]:
        """At most MOST_NOTES lines: on the categories of the digest, then on what is unwell.

        `counts_votes`: whether the digest holds papers that people voted for.
        """
        lists = [_NAMES[Source.Kind.HUGGINGFACE]] if counts_votes else []
        wanted = dict.fromkeys([*categories, *lists, *self._unwell])
        names = [name for name in wanted if name in self]
        first, others = names[: MOST_NOTES - 1], names[MOST_NOTES - 1 :]
        return [*map(self._write_line, first), *self._summarize(others)]

    def _summarize(self, names: Sequence[str]) -> list[str]:
        """One line for all that has no room: what is unwell comes before what is well."""
        unwell = [name for name in names if name in self._unwell]
        if len(unwell) > 1:
            count = len(unwell)
            said = ngettext("%(count)s more is not well", "%(count)s more are not well", count)
            return [said % {"count": count}]
        return [self._write_line(name) for name in [*unwell, *names][:1]]

    def _write_line(self, name: str) -> str:
        return f"{name}: {self._by_name[name]}"


def _describe_source(source: Source, now: datetime) -> Iterator[tuple[str, Note]]:
    """The names a source is known by, each with the note on it."""
    name = _NAMES.get(Source.Kind(source.kind), source.title)[:NAME_CHARS]
    if source.state in (State.FAILING, State.STOPPED):
        yield name, Note(_describe_unreached(source))
    elif source_age.is_silent(source, now):
        yield name, Note(_describe_unasked(source))
    elif source.kind == Source.Kind.HUGGINGFACE:
        yield name, Note(_describe_votes_list(source, now))
    elif source.kind == Source.Kind.ARXIV:
        yield from _describe_categories(source, name, now)
    elif source.state == State.PARTIAL:
        yield name, Note(_("read in part"))


def _describe_unasked(source: Source) -> str:
    """Nobody knows what it has announced since."""
    last = source_age.find_last_poll(source)
    return (
        _("not asked since %(weekday)s %(day)s")
        % {"weekday": date_format(last, "l"), "day": date_format(last, "j F")}
        if last
        else _("not asked yet")
    )


def _describe_unreached(source: Source) -> str:
    if source.state == State.STOPPED:
        return _("closed by its host")
    last = source.last_fetched_at
    return (
        _("not reached since %(weekday)s %(day)s")
        % {"weekday": date_format(last, "l"), "day": date_format(last, "j F")}
        if last
        else _("not reached yet")
    )


def _describe_votes_list(source: Source, now: datetime) -> str:
    """How many papers the list of today has, or that of yesterday (days in UTC)."""
    today = now.astimezone(UTC).date()
    yesterday = today - timedelta(days=1)
    if count := _count_listed(source, today):
        return ngettext("%(count)s listed", "%(count)s listed", count) % {"count": count}
    if count := _count_listed(source, yesterday):
        said = ngettext("%(count)s listed yesterday", "%(count)s listed yesterday", count)
        return said % {"count": count}
    return _("nothing on weekends") if today.weekday() >= 5 else _("nothing listed yet")


def _count_listed(source: Source, day: date) -> int:
    return int(source.documents.get(day.isoformat(), {}).get("entries", 0))


def _describe_categories(source: Source, name: str, now: datetime) -> Iterator[tuple[str, Note]]:
    """arXiv's categories, or arXiv itself where no list of it was ever read."""
    if source.state == State.EMPTY:
        is_weekend = arxiv_freshness.is_weekend(now)
        yield name, Note(_("nothing on weekends") if is_weekend else _("no list yet"))
        return
    expected = arxiv_freshness.find_expected_day(now)
    is_late = source.state == State.STALE
    for category, row in sorted(source.freshness.items()):
        listed_on = date.fromisoformat(row["listed_on"])
        yield category, _describe_list(listed_on, row["new"], expected, is_late=is_late)


def _describe_list(listed_on: date, new: int, expected: date, *, is_late: bool) -> Note:
    """How one category's last list is, where one of the day `expected` could be there."""
    if listed_on >= expected:
        said = ngettext("%(count)s new", "%(count)s new", new) % {"count": new}
        return Note(said if new else _("nothing new"), is_on_time=True)
    if not is_late:
        return Note(_("nothing new"), is_on_time=True)
    is_yesterday = listed_on == expected - timedelta(days=1)
    if is_yesterday:
        return Note(_("yesterday's list, today's follows tomorrow"))
    said = _("%(weekday)s's list, today's follows tomorrow")
    return Note(said % {"weekday": date_format(listed_on, "l")})
