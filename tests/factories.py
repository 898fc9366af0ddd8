"""Plain functions that make one valid row; tests name only what matters to them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from digest.models import Delivery, Edition, Entry, Paper, Source
from subscribers.models import Subscriber

NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)  # a Wednesday
_serial = count(1)


def make_subscriber(**fields: Any) -> Subscriber:
    defaults = {
        "email": f"reader{next(_serial)}@example.org",
        "status": "active",
        "confirmed_at": NOW,
    }
    return Subscriber.objects.create(**(defaults | fields))


def make_source(**fields: Any) -> Source:
    n = next(_serial)
    defaults = {"url": f"https://feeds.example.org/{n}", "title": f"Feed {n}", "kind": "feed"}
    return Source.objects.create(**(defaults | fields))


def make_paper(source: Source | None = None, **fields: Any) -> Paper:
    """A paper that is news at NOW, mentioned once."""
    n = next(_serial)
    defaults = {
        "identifier": f"arxiv:2604.{n:05}",
        "title": f"Paper {n}",
        "url": f"https://arxiv.org/abs/2604.{n:05}",
        "published_at": NOW,
        "first_seen_at": NOW,
        "news_at": NOW,
    }
    fields = defaults | fields
    fields.setdefault("folded_title", str(fields["title"]).casefold())
    paper = Paper.objects.create(**fields)
    Entry.objects.create(
        source=source or make_source(),
        paper=paper,
        guid=paper.identifier,
        published_at=paper.published_at,
        seen_at=paper.first_seen_at,
    )
    return paper


def make_delivery(**fields: Any) -> Delivery:
    edition, _ = Edition.objects.get_or_create(date=NOW.date())
    defaults: dict[str, Any] = {"edition": edition, "covers_until": NOW}
    if "subscriber" not in fields:
        defaults["subscriber"] = make_subscriber()
    if "contents" not in fields:
        paper = make_paper()
        defaults["contents"] = {
            "papers": [{"id": paper.pk, "section": "new", "topics": [[1, "papers", "Paper"]]}]
        }
    return Delivery.objects.create(**(defaults | fields))
