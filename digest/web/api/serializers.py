"""Our rows as JSON: the shapes that openapi.json describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from digest.models import Entry, Match, Paper, Snapshot
from digest.render import paper_lines

JSON = dict[str, Any]


def absolute(name: str, *args: Any) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def paper_json(paper: Paper, found: Iterable[str] | None = None) -> JSON:
    """A paper in a list; `found` are the words that a topic or a search found in it."""
    popularity = paper.popularity
    shape = {
        "identifier": paper.identifier,
        "title": paper.title,
        "abstract": paper.abstract,
        "summary": paper.summary,
        "authors": [str(name) for name in paper.authors],
        "organization": paper.organization,
        "categories": [str(name) for name in paper.categories],
        "published_at": moment(paper.published_at),
        "first_seen_at": moment(paper.first_seen_at),
        "news_at": moment(paper.news_at),
        "trend": paper.trend,
        "votes": popularity.votes,
        "votes_since_yesterday": popularity.votes_since_yesterday,
        "comments": popularity.comments,
        "code_url": paper_lines.web_url(paper.code_url) or None,
        "code_stars": paper.code_stars,
        "url": paper_lines.web_url(paper.url) or None,
        "pdf_url": paper_lines.pdf_url(paper) or None,
        "page_url": absolute("digest:paper", paper.identifier),
        "api_url": absolute("digest:api-paper", paper.identifier),
    }
    return shape if found is None else shape | {"found": list(found)}


def whole_paper_json(
    paper: Paper,
    snapshots: Iterable[Snapshot],
    entries: Iterable[Entry],
    matches: Iterable[Match],
) -> JSON:
    """A paper with all that is known of it."""
    return paper_json(paper) | {
        "trend_parts": dict(paper.popularity.parts),
        "snapshots": [_snapshot_json(snapshot) for snapshot in snapshots],
        "mentions": [_mention_json(entry) for entry in entries],
        "topics": [
            topic_json(match.topic.slug, match.topic.query)
            | {"found": paper_lines.found_words([match.where])}
            for match in matches
        ],
    }


def _snapshot_json(snapshot: Snapshot) -> JSON:
    return {
        "taken_at": moment(snapshot.taken_at),
        "votes": snapshot.upvotes,
        "comments": snapshot.comments,
        "stars": snapshot.stars,
    }


def _mention_json(entry: Entry) -> JSON:
    return {
        "source": entry.source.title,
        "kind": entry.source.kind,
        "announce_type": entry.announce_type,
        "published_at": moment(entry.published_at),
        "seen_at": moment(entry.seen_at),
    }


def topic_json(slug: str, query: str) -> JSON:
    return {
        "slug": slug,
        "query": query,
        "page_url": absolute("digest:topic", slug),
        "feed_url": absolute("digest:topic-feed", slug, "json"),
        "api_url": absolute("digest:api-topic", slug),
    }


def day_json(day: date, papers: int) -> JSON:
    return {
        "day": f"{day}",
        "papers": papers,
        "page_url": absolute("digest:span", day),
        "feed_url": absolute("digest:span-feed", day, "json"),
        "api_url": absolute("digest:api-day", f"{day}"),
    }


def a_day_json(counts: Mapping[date, int]) -> list[JSON]:
    return [{"day": f"{day}", "papers": papers} for day, papers in counts.items()]
