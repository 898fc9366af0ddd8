"""Plain functions that make one valid row; tests name only what matters to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models.signals import pre_save

from digest.deliver.provider.send import Provider
from digest.models import (
    Delivery,
    Edition,
    Entry,
    Match,
    Paper,
    ProviderPause,
    Source,
    SourceDay,
)
from subscribers.limits import rate_limits
from subscribers.models import Interest, Subscriber, Topic

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


@contextmanager
def added_in_this_moment(url: str) -> Iterator[None]:
    """Whoever saves a source of this address finds that somebody else has just done so."""

    def add(**_: Any) -> None:
        Source.objects.bulk_create([Source(url=url, title="Theirs", kind="feed")])

    pre_save.connect(add, Source)
    yield
    pre_save.disconnect(add, Source)


def note_sources_read(first: datetime = NOW, days: int = 30) -> None:
    """As if all sources had been read on `days` days from `first`; one at least."""
    last = first + timedelta(days=days - 1)
    source = Source.objects.order_by("pk").first() or make_source()
    Source.objects.update(last_asked_at=last, last_fetched_at=last)
    dates = [(first + timedelta(days=n)).date() for n in range(days)]
    rows = [SourceDay(source=source, date=day, asked=1, read=1) for day in dates]
    SourceDay.objects.bulk_create(rows, ignore_conflicts=True)


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


def make_pause(**fields: Any) -> ProviderPause:
    """A pause of the provider that the settings name, for five minutes from NOW."""
    with Provider() as provider:
        defaults = {
            "provider": provider.traits.name,
            "paused_at": NOW,
            "until": NOW + timedelta(minutes=5),
        }
    return ProviderPause.objects.create(**(defaults | fields))


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


def make_topic(query: str = "diffusion policy") -> Topic:
    """A topic that was compared with every paper there is."""
    defaults = {"normal_form": query, "slug": query.replace(" ", "-"), "matched_at": NOW}
    return Topic.objects.get_or_create(query=query, defaults=defaults)[0]


def make_reader(*queries: str, mutes: tuple[str, ...] = (), **fields: Any) -> Subscriber:
    """An active subscriber who follows these topics."""
    reader = make_subscriber(**fields)
    for query in queries:
        Interest.objects.create(subscriber=reader, topic=make_topic(query))
    for query in mutes:
        Interest.objects.create(subscriber=reader, topic=make_topic(query), mode="mute")
    return reader


def make_match(paper: Paper, query: str, strength: float = 1.0, where: str = "") -> Match:
    """The topic is found in the paper, which counts as matched."""
    Paper.objects.filter(pk=paper.pk, matched_at=None).update(matched_at=NOW)
    return Match.objects.create(
        paper=paper,
        topic=make_topic(query),
        strength=strength,
        where=where or query,
        made_at=NOW,
    )


def allow(monkeypatch: pytest.MonkeyPatch, name: str, per_network: int) -> None:
    """Let a network do only so much of it in this test: "SIGN_UPS", 1."""
    monkeypatch.setattr(
        rate_limits, name, replace(getattr(rate_limits, name), per_network=per_network)
    )
