"""Which place a paper had in a digest that had no room for it."""

from __future__ import annotations

from django.db.models import Max

from digest.compose.topic_news import compute_merit
from digest.models import Delivery, Match, Paper
from digest.models.contents import list_nearly_ids, list_paper_ids
from digest.why.spans import Span
from subscribers.models import Subscriber


def describe_place(span: Span, subscriber: Subscriber, paper: Paper) -> str:
    """`It was place 14, and 10 fit`: as it was noted then, or by today's trend where it was not."""
    delivery = span.delivery
    assert delivery is not None
    room = len(list_paper_ids(delivery.contents))
    day = f"the digest of {delivery.edition.date:%d %B %Y}"
    nearly = list_nearly_ids(delivery.contents)
    if paper.pk in nearly:
        place = room + nearly.index(paper.pk) + 1
        return f"It was place {place} in {day}, which had room for {room}."
    place = _count_better(span, subscriber, paper, delivery) + 1
    if place <= room:
        return (
            f"It came within the span of {day}, which had room for {room}. By what is known today "
            f"it would be place {place}: it was less talked about then."
        )
    return f"It is place {place} in {day} by what is known today, and {room} had room."


def _count_better(span: Span, subscriber: Subscriber, paper: Paper, delivery: Delivery) -> int:
    """How many papers of their topics and of this span come before it, by their merit."""
    followed = subscriber.interests.follows().values("topic_id")
    muted = subscriber.interests.mutes().values("topic_id")
    rows = Match.objects.filter(
        topic__in=followed,
        paper__available_at__gt=span.since,
        paper__available_at__lte=delivery.covers_until,
    )
    rows = rows.exclude(paper__in=Match.objects.filter(topic__in=muted).values("paper_id"))
    ranked = rows.order_by().values_list("paper_id", "paper__trend").annotate(best=Max("strength"))
    merits = {pk: compute_merit(best, trend) for pk, trend, best in ranked}
    own = merits.get(paper.pk, compute_merit(0.0, paper.trend))
    return sum(merit > own for pk, merit in merits.items() if pk != paper.pk)
