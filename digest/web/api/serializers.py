"""Rows as JSON, in the schemas that openapi.json describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from digest.models import Entry, Match, Paper, Snapshot
from digest.render import paper_lines

JSON = dict[str, Any]


def make_absolute_url(name: str, *args: Any) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def format_moment(at: datetime | None) -> str | None:
    """In UTC, as ISO 8601 with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def paper_to_json(paper: Paper, found: Iterable[str] | None = None) -> JSON:
    """Return a paper as lists have it; `found` are the words by which a search matched."""
    popularity = paper.popularity
    shape = {
        "identifier": paper.identifier,
        "title": paper.title,
        "abstract": paper.abstract,
        "summary": paper.summary,
        "authors": [str(name) for name in paper.authors],
        "organization": paper.organization,
        "categories": [str(name) for name in paper.categories],
        "published_at": format_moment(paper.published_at),
        "first_seen_at": format_moment(paper.first_seen_at),
        "news_at": format_moment(paper.news_at),
        "trend": paper.trend,
        "votes": popularity.votes,
        "votes_since_yesterday": popularity.votes_since_yesterday,
        "comments": popularity.comments,
        "code_url": paper_lines.clean_web_url(paper.code_url) or None,
        "code_stars": paper.code_stars,
        "url": paper_lines.clean_web_url(paper.url) or None,
        "pdf_url": paper_lines.make_pdf_url(paper) or None,
        "page_url": make_absolute_url("digest:paper", paper.identifier),
        "api_url": make_absolute_url("digest:api-paper", paper.identifier),
    }
    return shape if found is None else shape | {"found": list(found)}


def paper_to_full_json(
    paper: Paper,
    snapshots: Iterable[Snapshot],
    entries: Iterable[Entry],
    matches: Iterable[Match],
) -> JSON:
    """Return a paper with all that is known of it."""
    return paper_to_json(paper) | {
        "trend_parts": dict(paper.popularity.parts),
        "snapshots": [_snapshot_to_json(snapshot) for snapshot in snapshots],
        "mentions": [_mention_to_json(entry) for entry in entries],
        "topics": [
            topic_to_json(match.topic.slug, match.topic.query)
            | {"found": paper_lines.list_found_words([match.where])}
            for match in matches
        ],
    }


def _snapshot_to_json(snapshot: Snapshot) -> JSON:
    return {
        "taken_at": format_moment(snapshot.taken_at),
        "votes": snapshot.upvotes,
        "comments": snapshot.comments,
        "stars": snapshot.stars,
    }


def _mention_to_json(entry: Entry) -> JSON:
    return {
        "source": entry.source.title,
        "kind": entry.source.kind,
        "announce_type": entry.announce_type,
        "published_at": format_moment(entry.published_at),
        "seen_at": format_moment(entry.seen_at),
    }


def topic_to_json(slug: str, query: str) -> JSON:
    return {
        "slug": slug,
        "query": query,
        "page_url": make_absolute_url("digest:topic", slug),
        "feed_url": make_absolute_url("digest:topic-feed", slug, "json"),
        "api_url": make_absolute_url("digest:api-topic", slug),
    }


def day_to_json(day: date, papers: int) -> JSON:
    return {
        "day": f"{day}",
        "papers": papers,
        "page_url": make_absolute_url("digest:span", day),
        "feed_url": make_absolute_url("digest:span-feed", day, "json"),
        "api_url": make_absolute_url("digest:api-day", f"{day}"),
    }


def counts_to_json(counts: Mapping[date, int]) -> list[JSON]:
    return [{"day": f"{day}", "papers": papers} for day, papers in counts.items()]
