"""The papers that pages are measured over, up to the present, so that the newest day is today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from bench.copy_rows import analyze_tables
from bench.fill import fill_papers
from bench.growth import fill_followers
from bench.stages import leave_unmatched
from digest import match
from digest.models import Match, Paper

DAYS = 90
TOPICS = 200
MATCHED = 300  # the newest papers, with those topics


def migrate() -> dict[str, Any]:
    """Make the tables of a database that is empty."""
    call_command("migrate", verbosity=0, interactive=False)
    return {}


def fill_site(papers: int) -> dict[str, Any]:
    """So many papers with the matches of the newest; the name and the address of each page."""
    now = timezone.now()
    fill_followers(TOPICS)
    fill_papers(papers, DAYS, now)
    leave_unmatched(min(MATCHED, papers))
    match.match_papers(now)
    analyze_tables()
    newest = Paper.objects.order_by("-news_at")[0]
    best = Match.objects.select_related("topic").order_by("-strength", "pk")[0]
    day = (now - timedelta(days=1)).date()
    return {
        "today": "/",
        "day": f"/papers/{day}/",
        "topic": f"/topics/{best.topic.slug}/",
        "topics": "/topics/",
        "paper": f"/paper/{newest.identifier}/",
        "api": "/api/v1/papers",
        "search": "/search?q=neural+network",
    }
