"""The papers that pages are measured over, up to the present, so that the newest day is today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.management import call_command
from django.utils import timezone

from bench.copy_rows import analyze_tables
from bench.fill import fill_papers
from bench.growth import fill_followers
from bench.stages import leave_unmatched
from digest import match
from digest.models import Delivery, DigestContents, Edition, Match, Paper
from subscribers.mail import mail_links
from subscribers.models import MAX_TOPICS, Subscriber, Topic

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
    day = (now - timedelta(days=1)).date()
    return _make_links(now) | {
        "today": "/",
        "day": f"/papers/{day}/",
        "topic": f"/topics/{find_strongest_topic().slug}/",
        "topics": "/topics/",
        "paper": f"/paper/{newest.identifier}/",
        "api": "/api/v1/papers",
        "search": "/search?q=neural+network",
    }


def find_strongest_topic() -> Topic:
    """The topic of the strongest match of all that have a page: those that leave out have none."""
    shown = Match.objects.filter(topic__in=Topic.objects.public())
    return shown.select_related("topic").order_by("-strength", "pk")[0].topic


def _make_links(now: datetime) -> dict[str, str]:
    """The pages behind the links of somebody who follows as many topics as one may."""
    reader = Subscriber.objects.create(
        email="much@example.org", status="active", confirmed_at=now, next_digest_at=now
    )
    topics = list(Topic.objects.order_by("pk")[:MAX_TOPICS])
    reader.replace_interests(topics, [])
    paper = Paper.objects.order_by("-news_at")[0]
    Delivery.objects.create(
        edition=Edition.objects.get_or_create(date=now.date())[0],
        subscriber=reader,
        status=Delivery.Status.SENT,
        sent_at=now,
        covers_until=now,
        contents=DigestContents(in_topics=300, since=now - timedelta(days=7)).to_json(),
    )
    said = mail_links.feedback_url(reader.pk)
    links = {
        "preferences": mail_links.preferences_url(reader.pk),
        "past digests": mail_links.past_digests_url(reader.pk),
        "why": f"{mail_links.past_digests_url(reader.pk)}?paper={quote(paper.identifier)}",
        "all of a day": mail_links.all_papers_url(reader.pk, 0, now.date()),
        "what was learned": said,
        "more like this": f"{said}more/{paper.pk}/",
        "reading list": mail_links.reading_list_url(reader.pk),
        "unsubscribe": mail_links.unsubscribe_url(reader.pk),
        "account": mail_links.account_url(reader, now),
    }
    return {f"own: {name}": _cut_host(url) for name, url in links.items()}


def _cut_host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
