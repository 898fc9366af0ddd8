"""The dashboard as JSON, for whoever draws their own: what the member of staff may see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from digest.admin.live_edition import LiveEdition, list_live
from digest.admin.strips import SHOWN_DAYS
from digest.models import DailyFigure, Delivery, Source
from digest.watch.alarms import select_lasting
from digest.watch.figures import BOUNCE_LINE, COMPLAINT_LINES, RATE_DAYS, Figures, read_figures
from subscribers.models import Topic
from subscribers.web.decorators import only_reads

Name = DailyFigure.Name
# Whoever may see one of these may see something of it.
MAY_SEE = (
    "digest.view_edition",
    "digest.view_source",
    "subscribers.view_subscriber",
    "subscribers.view_topic",
)


@only_reads
def serve_figures(request: HttpRequest) -> JsonResponse:
    """All of it in one object; 403 for whoever may see nothing of it."""
    may = request.user.has_perm
    if not any(may(permission) for permission in MAY_SEE):
        raise PermissionDenied
    return JsonResponse(make_document(timezone.now(), may))


def make_document(now: datetime, may: Callable[[str], bool]) -> dict[str, Any]:
    figures = read_figures(now.date(), SHOWN_DAYS)
    counted_at = figures.find_counted_at()
    document: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "counted_at": counted_at.isoformat(timespec="seconds") if counted_at else None,
        "days": [day.isoformat() for day in figures.days],
    }
    if may("digest.view_edition"):
        document["editions"] = [
            describe_live(one) for one in list_live(now, figures, may_change=False)
        ]
        document["alarms"] = [
            {"kind": alarm.kind, "sentence": alarm.sentence, "since": alarm.raised_at.isoformat()}
            for alarm in select_lasting()
        ]
        document["deliveries"] = describe_deliveries(figures)
        document["seconds_by_stage"] = list_parts(figures, Name.SECONDS)
    if may("digest.view_source"):
        titles = dict(Source.objects.values_list("pk", "title"))
        document["papers_by_source"] = {
            titles.get(int(part), f"source {part}"): values
            for part, values in list_parts(figures, Name.PAPERS).items()
        }
    if may("subscribers.view_subscriber"):
        document["subscribers"] = list_parts(figures, Name.SUBSCRIBERS) | {
            "confirmed": figures.list_values(Name.JOINED),
            "left": figures.list_values(Name.LEFT),
            "suppressed": figures.list_values(Name.SUPPRESSED),
        }
    if may("subscribers.view_topic"):
        document["topics"] = list_followers(figures)
    return document


def describe_live(live: LiveEdition) -> dict[str, Any]:
    left = live.pace.estimate_left(live.waiting)
    return {
        "date": live.edition.date.isoformat(),
        "counted_at": live.counted_at.isoformat(timespec="seconds"),
        "planned": live.planned,
        **live.counts,
        "per_second": round(live.pace.per_second, 3),
        "seconds_left": round(left.total_seconds()) if left and live.waiting else None,
        "state": live.state or None,
    }


def describe_deliveries(figures: Figures) -> dict[str, Any]:
    return {
        "by_edition": list_parts(figures, Name.DELIVERIES),
        "bounced": figures.list_values(Name.BOUNCED),
        "complained": figures.list_values(Name.COMPLAINED),
        "rate_days": RATE_DAYS,
        "bounce_rate": figures.list_rates(Name.BOUNCED),
        "bounce_line": BOUNCE_LINE,
        "complaint_rate": figures.list_rates(Name.COMPLAINED),
        "complaint_lines": COMPLAINT_LINES,
        "in_doubt": Delivery.objects.in_doubt().count(),
    }


def list_parts(figures: Figures, name: str) -> dict[str, list[float | None]]:
    return {part: figures.list_values(name, part) for part in figures.list_parts(name)}


def list_followers(figures: Figures) -> list[dict[str, Any]]:
    _, found = figures.find_newest(Name.FOLLOWERS)
    names = dict(Topic.objects.filter(pk__in=list(found)).values_list("pk", "query"))
    rows = [
        {"topic": names[int(part)], "followers": int(count)}
        for part, count in found.items()
        if int(part) in names
    ]
    return sorted(rows, key=lambda row: (-int(str(row["followers"])), str(row["topic"])))
