"""Which place a paper had in a digest that had no room for it."""

from __future__ import annotations

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from digest.compose.contents import FOUND_SECTIONS
from digest.compose.topic_news import Order, make_order
from digest.models import Delivery, Match, Paper
from digest.models.contents import list_nearly_ids
from digest.why.mentions import read_standards
from digest.why.spans import Span
from subscribers.models import Subscriber


def count_found(delivery: Delivery) -> int:
    """How many of its papers their topics found: what is only close to one takes no place."""
    return sum(item.section in FOUND_SECTIONS for item in delivery.digest.papers)


def describe_place(span: Span, subscriber: Subscriber, paper: Paper) -> str:
    """`It was place 14, and 10 fit`: as it was noted then, or by today's trend where it was not."""
    delivery = span.delivery
    assert delivery is not None
    room = count_found(delivery)
    day = _("the digest of %(date)s") % {"date": date_format(delivery.edition.date, "d F Y")}
    nearly = list_nearly_ids(delivery.contents)
    if paper.pk in nearly:
        place = room + nearly.index(paper.pk) + 1
        return _("It was place %(place)s in %(day)s, which had room for %(room)s.") % {
            "place": place,
            "day": day,
            "room": room,
        }
    place = _count_better(span, subscriber, paper, delivery) + 1
    if place <= room:
        return _(
            "It came within the span of %(day)s, which had room for %(room)s. By "
            "what is known today it would be place %(place)s: it was less talked "
            "about then."
        ) % {"day": day, "room": room, "place": place}
    return _("It is place %(place)s in %(day)s by what is known today, and %(room)s had room.") % {
        "place": place,
        "day": day,
        "room": room,
    }


def _count_better(span: Span, subscriber: Subscriber, paper: Paper, delivery: Delivery) -> int:
    """How many papers of their topics and of this span come before it, as a digest orders them."""
    followed = subscriber.interests.follows()
    muted = subscriber.interests.mutes().values("topic_id")
    rows = Match.objects.filter(
        topic__in=followed.values("topic_id"),
        paper__available_at__gt=span.since,
        paper__available_at__lte=delivery.covers_until,
    )
    rows = rows.exclude(paper__in=Match.objects.filter(topic__in=muted).values("paper_id"))
    standards = read_standards(list(followed.values_list("topic_id", flat=True)))
    best: dict[int, Order] = {}
    columns = ("paper_id", "paper__trend", "strength", "paper__available_at", "topic_id")
    for pk, trend, strength, at, topic_id in rows.order_by().values_list(*columns):
        asked = standards[topic_id]
        order = make_order(pk, trend, strength, at.timestamp(), asked.floor, asked.sure)
        best[pk] = min(order, best.get(pk, order))
    own = best.pop(paper.pk, None)
    behind = own or make_order(paper.pk, paper.trend, 0.0, 0.0)
    takes_all = subscriber.wants_passing
    return sum(order < behind for order in best.values() if takes_all or not order[0])
