"""Days lived by the twenty profiles: what each got, and whether the promises hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from rich.table import Table

from digest import compose, deliver, ingest, match, score
from digest.deliver import audit
from digest.deliver.outbox import read_mail
from digest.management.rehearsal_profiles import RehearsalProfile
from digest.management.trend_tables import print_table
from digest.models import Delivery, Section

NOON = time(12)  # in UTC: the hour of each of the twenty has come by then
MONDAY = 0
Profiles = Mapping[int, RehearsalProfile]  # by subscriber id
# How a quiet day stands in the table.
MARKS = {
    Delivery.Quiet.NOTHING_NEW: "–",
    Delivery.Quiet.NOT_READ: "off",
    Delivery.Quiet.NO_MATCH: "none",
    Delivery.Quiet.PASSING: "few",
    Delivery.Quiet.MUTED: "mute",
    Delivery.Quiet.SENT_BEFORE: "had",
    Delivery.Quiet.PAUSED: "pause",
    Delivery.Quiet.NO_TOPICS: "?",
}
LEGEND = (
    "A number: so many papers; e: one of them from everywhere; a: one of them again. "
    "–: no source announced anything new; off: no source could be read; none: no match; few: "
    "mentions in passing alone; had: all that matched was sent before; "
    "mute: all that matched is muted; blank: not due."
)
Deliveries = Mapping[tuple[int, date], Delivery]  # by subscriber and day


def list_moments(first: date, days: int) -> list[datetime]:
    return [datetime.combine(first + timedelta(days=n), NOON, UTC) for n in range(days)]


def live_through(now: datetime, bring_in: Callable[[datetime], object] | None = None) -> None:
    """One day: every stage once, at this moment; `bring_in` stands for the sources."""
    (bring_in or ingest.ingest_due)(now)
    score.score_papers(now)
    match.match_papers(now)
    compose.compose_due(now)
    deliver.deliver_planned(now)


def read_deliveries() -> Deliveries:
    rows = Delivery.objects.select_related("edition").order_by("edition__date", "pk")
    return {(row.subscriber_id, row.edition.date): row for row in rows}


def make_table(profiles: Profiles, days: Sequence[date], deliveries: Deliveries) -> str:
    """A row for each profile, a column for each day."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 1))
    drawn.add_column("reader", no_wrap=True)
    for day in days:
        drawn.add_column(f"{day:%a}\n{day.day}", justify="right", no_wrap=True)
    drawn.add_column("in all", justify="right")
    for pk, profile in profiles.items():
        own = [deliveries.get((pk, day)) for day in days]
        papers = sum(len(delivery.digest.papers) for delivery in own if delivery)
        drawn.add_row(profile.name, *(_describe_cell(delivery) for delivery in own), str(papers))
    return print_table(drawn)


def _describe_cell(delivery: Delivery | None) -> str:
    if delivery is None:
        return ""
    if delivery.status == Delivery.Status.QUIET:
        return MARKS[Delivery.Quiet(delivery.quiet_reason)]
    if delivery.status != Delivery.Status.SENT:
        return str(delivery.status)
    papers = delivery.digest.papers
    sections = {item.section for item in papers}
    marks = {Section.OUTSIDE: "e", Section.BREAKOUT: "a"}
    shown = [mark for section, mark in marks.items() if section in sections]
    return f"{len(papers)}{''.join(shown)}"


def find_faults(
    profiles: Profiles,
    days: Sequence[date],
    deliveries: Deliveries,
    outbox: Path,
) -> Iterator[str]:
    """A sentence for each promise that these days broke."""
    yield from _find_unexplained(profiles, days, deliveries)
    yield from _find_papers_twice(profiles, deliveries)
    yield from _find_subjects_twice(profiles, deliveries, outbox)
    for finding in audit.audit(datetime.combine(days[-1], NOON, UTC)):
        if finding.broken:
            yield f"{finding.promise}: {finding.broken}"


def _find_unexplained(
    profiles: Profiles, days: Sequence[date], deliveries: Deliveries
) -> Iterator[str]:
    for pk, profile in profiles.items():
        for day in days:
            delivery = deliveries.get((pk, day))
            if delivery is None:
                if day == days[0] or is_due(profile, day):
                    yield f"{profile.name} got neither a mail nor a reason on {day}."
            elif delivery.status != Delivery.Status.SENT and not delivery.digest.note:
                yield f"{profile.name} has no reason in words on {day}: {delivery.status}."


def is_due(profile: RehearsalProfile, day: date) -> bool:
    """Whether a digest is due on this day by what the reader asked for."""
    if profile.cadence == "weekly":
        return day.weekday() == MONDAY
    return profile.cadence == "daily" or day.weekday() < 5


def _find_papers_twice(profiles: Profiles, deliveries: Deliveries) -> Iterator[str]:
    had: dict[int, Counter[Any]] = defaultdict(Counter)
    for (pk, _), delivery in deliveries.items():
        items = delivery.digest.papers
        had[pk].update((item.paper_id, item.section == Section.BREAKOUT) for item in items)
    for pk, papers in had.items():
        for (paper_id, _), times in papers.items():
            if times > 1:
                yield f"{profiles[pk].name} got paper {paper_id} {times} times."


def _find_subjects_twice(profiles: Profiles, deliveries: Deliveries, outbox: Path) -> Iterator[str]:
    subjects: dict[int, Counter[str]] = defaultdict(Counter)
    for (pk, _), delivery in deliveries.items():
        if delivery.status == Delivery.Status.SENT:
            mail = read_mail(outbox, f"{delivery.key}.eml")
            subjects[pk][dict(mail.headers)["Subject"] if mail else "no mail"] += 1
    for pk, own in subjects.items():
        for subject, times in own.items():
            if times > 1:
                yield f"{profiles[pk].name} got {times} mails with one subject: {subject}"
