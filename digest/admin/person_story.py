"""What became of every digest of one subscriber, what they said back, and what they follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models import Delivery, Feedback, Match, Paper, Section
from digest.render.paper_lines import describe_reasons
from subscribers.models import Interest, Subscriber

SHOWN_DELIVERIES = 14
SHOWN_FEEDBACK = 20
VOLUME_SPAN = timedelta(days=28)
_WORLD = ("delivered_at", "bounced_at", "complained_at", "unsubscribed_at")


# Where a paper stood in a digest, in a word.
SECTIONS = {
    Section.TRENDING: gettext_lazy("trending"),
    Section.NEW: gettext_lazy("new"),
    Section.PASSING: gettext_lazy("passing"),
    Section.BREAKOUT: gettext_lazy("again"),
    Section.OUTSIDE: gettext_lazy("everywhere"),
    Section.NEAR: gettext_lazy("near"),
}


@dataclass(frozen=True)
class PaperLine:
    """A paper of a digest: its title, its page in the admin, and why it came."""

    title: str
    paper_id: int
    section: str
    reasons: str


@dataclass(frozen=True)
class DeliveryStory:
    """One digest: its papers, or why there were none, and what the world reported of it."""

    delivery: Delivery
    note: str
    papers: list[PaperLine]
    reports: list[str]

    @property
    def can_come_again(self) -> bool:
        return self.delivery.status == Delivery.Status.SENT


def list_deliveries(subscriber: Subscriber) -> list[DeliveryStory]:
    """The last of their digests, the newest first, in three queries."""
    rows = subscriber.deliveries.select_related("edition")
    rows = rows.prefetch_related("provider_events").order_by("-covers_until", "-pk")
    deliveries = list(rows[:SHOWN_DELIVERIES])
    titles = _read_titles(deliveries)
    return [_tell(delivery, titles) for delivery in deliveries]


def tell_delivery(delivery: Delivery) -> DeliveryStory:
    return _tell(delivery, _read_titles([delivery]))


def _read_titles(deliveries: list[Delivery]) -> dict[int, str]:
    ids = {item.paper_id for delivery in deliveries for item in delivery.digest.papers}
    return dict(Paper.objects.filter(pk__in=ids).values_list("pk", "title"))


def _tell(delivery: Delivery, titles: dict[int, str]) -> DeliveryStory:
    digest = delivery.digest
    papers = [
        PaperLine(
            titles.get(item.paper_id, _("a paper that was deleted since")),
            item.paper_id if item.paper_id in titles else 0,
            str(SECTIONS[item.section]),
            describe_reasons(item.reasons),
        )
        for item in digest.papers
    ]
    return DeliveryStory(delivery, digest.note, papers, _list_reports(delivery))


def _list_reports(delivery: Delivery) -> list[str]:
    """The dates of what the world did, and each report of the provider in its own words."""
    dated = [(name.removesuffix("_at"), getattr(delivery, name)) for name in _WORLD]
    said = [
        _("%(name)s on %(at)s UTC") % {"name": name, "at": date_format(at, "d M Y, H:i")}
        for name, at in dated
        if at
    ]
    if delivery._state.adding:
        return said
    events = sorted(delivery.provider_events.all(), key=lambda row: (row.happened_at, row.pk))
    return said + [
        _("%(happened_at)s UTC: %(verdict)s (%(kind)s)")
        % {
            "happened_at": date_format(row.happened_at, "d M, H:i"),
            "verdict": row.get_verdict_display(),
            "kind": row.said or row.kind,
        }
        for row in events
    ]


def list_feedback(subscriber: Subscriber) -> list[str]:
    rows = Feedback.objects.filter(subscriber=subscriber)[:SHOWN_FEEDBACK]
    return [
        _("%(given_at)s: %(kind)s like “%(title)s”")
        % {
            "given_at": date_format(row.given_at, "d M Y"),
            "kind": row.get_kind_display().lower(),
            "title": row.title,
        }
        for row in rows
    ]


def list_topics(subscriber: Subscriber, now: datetime) -> list[tuple[str, str, int]]:
    """Each topic, whether it is followed or muted, and in how many papers it was in 28 days."""
    rows = Interest.objects.filter(subscriber=subscriber).select_related("topic")
    recent = Match.objects.filter(
        topic__in=[row.topic_id for row in rows], made_at__gt=now - VOLUME_SPAN
    )
    counted = recent.order_by().values_list("topic").annotate(papers=Count("pk"))
    counts = dict(counted)
    return [(row.as_typed, row.get_mode_display(), counts.get(row.topic_id, 0)) for row in rows]
