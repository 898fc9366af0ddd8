"""Why a subscriber got a paper, or why not, read from what is stored and from nothing else.

The reasons are tried in the order in which they decide: what was sent, then what the paper is, then
what the subscriber wants, then in which digest it could have been and what was in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.match.search import (
    find_paper_by_identifier,
    find_paper_by_name,
    names_a_paper,
)
from digest.models import Delivery, Entry, Match, Merger, Paper
from digest.models.contents import list_paper_ids
from digest.why.as_sent import describe_item
from digest.why.mentions import describe_mention, describe_nearness
from digest.why.nearest import describe_nearest
from digest.why.place import count_found, describe_place
from digest.why.spans import Span, find_span
from subscribers.models import Interest, Subscriber, Suppression

LOOKED_AT = 400  # of a subscriber's deliveries: over a year of daily ones
Status = Delivery.Status


class Reason(TextChoices):
    """What decided."""

    NOT_INGESTED = "not ingested", gettext_lazy("not ingested")
    SENT = "sent", gettext_lazy("sent")
    ON_ITS_WAY = "on its way", gettext_lazy("on its way")
    IN_DOUBT = "in doubt", gettext_lazy("in doubt")
    UNSENT = "in a digest that was not sent", gettext_lazy("in a digest that was not sent")
    NOT_NEWS = "not news", gettext_lazy("not news")
    UNREAD = "not compared yet", gettext_lazy("not compared yet")
    UNCONFIRMED = "not confirmed", gettext_lazy("not confirmed")
    UNSUBSCRIBED = "unsubscribed", gettext_lazy("unsubscribed")
    SUPPRESSED = "suppressed", gettext_lazy("suppressed")
    PAUSED = "paused", gettext_lazy("paused")
    NO_TOPICS = "no topics", gettext_lazy("no topics")
    NO_MATCH = "topic did not match", gettext_lazy("topic did not match")
    NEAR = "close to a topic, in none", gettext_lazy("close to a topic, in none")
    PASSING = "only mentions a topic", gettext_lazy("only mentions a topic")
    MUTED = "muted", gettext_lazy("muted")
    LATER = "composed before it came", gettext_lazy("composed before it came")
    TOO_OLD = "older than a digest reaches", gettext_lazy("older than a digest reaches")
    QUIET = "no mail", gettext_lazy("no mail")
    OUTRANKED = "no room", gettext_lazy("no room")


@dataclass(frozen=True)
class Answer:
    """The reason, and a sentence with its particulars; the paper where it is known."""

    reason: Reason
    sentence: str
    paper: Paper | None = None


def explain_why(subscriber: Subscriber, text: str, now: datetime) -> Answer:
    """The answer for a paper's identifier, number, DOI, address or whole title."""
    text = text.strip()
    paper = (find_paper_by_identifier(text) or find_paper_by_name(text)) if text else None
    if paper is None:
        return Answer(Reason.NOT_INGESTED, describe_absence(text))
    merger = Merger.objects.select_related("into").filter(paper=paper).first()
    paper = merger.into if merger else paper
    steps = (_explain_sent, _explain_paper, _explain_person, _explain_topics, _explain_digest)
    for step in steps:
        if found := step(subscriber, paper, now):
            return Answer(found[0], found[1], paper)
    raise AssertionError("the last step always answers")


def describe_absence(text: str) -> str:
    """That no paper is known by what was typed: of words alone it is not said that none came."""
    if names_a_paper(text):
        return _(
            "No source has brought this paper: nothing is known of it here. See whether one of "
            "the sources lists it, and whether its number or address is right."
        )
    return _(
        "These words name no paper here: they are no number, DOI or address, and no whole title "
        "of four words or more. Copy one of these from the mail or from the paper’s page."
    )


def describe_arrival(paper: Paper) -> str:
    """When it was seen first, and by which source."""
    first = Entry.objects.filter(paper=paper).select_related("source").order_by("seen_at").first()
    if first is None:
        return _("It was first seen %(first_seen_at)s.") % {
            "first_seen_at": _format_moment(paper.first_seen_at)
        }
    return _("It was first seen %(seen_at)s, from %(title)s.") % {
        "seen_at": _format_moment(first.seen_at),
        "title": first.source.title,
    }


Found = tuple[Reason, str] | None


def _explain_sent(subscriber: Subscriber, paper: Paper, _now: datetime) -> Found:
    """By the last of their deliveries that holds it."""
    rows = Delivery.objects.filter(subscriber=subscriber).select_related("edition")
    merged = set(Merger.objects.filter(into=paper).values_list("paper_id", flat=True))
    wanted = merged | {paper.pk}
    for delivery in rows.order_by("-covers_until", "-pk")[:LOOKED_AT]:
        if wanted & set(list_paper_ids(delivery.contents)):
            reason, said = _describe_delivery(delivery)
            item = next(one for one in delivery.digest.papers if one.paper_id in wanted)
            return reason, f"{said} {describe_item(item)}".rstrip()
    return None


def _describe_delivery(delivery: Delivery) -> tuple[Reason, str]:
    day = _("the digest of %(date)s") % {"date": date_format(delivery.edition.date, "d F Y")}
    if delivery.status == Status.SENT:
        said = _("It was sent %(sent_at)s in %(day)s.")
        if delivery.bounced_at:
            said = _("It was sent %(sent_at)s in %(day)s, and it bounced.")
        elif delivery.delivered_at:
            said = _("It was sent %(sent_at)s in %(day)s, and it was delivered.")
        return Reason.SENT, said % {"sent_at": _format_moment(delivery.sent_at), "day": day}
    if delivery.status in (Status.PLANNED, Status.CLAIMED):
        return Reason.ON_ITS_WAY, _("It is in %(day)s, which is about to leave.") % {"day": day}
    if delivery.status == Status.IN_DOUBT:
        return Reason.IN_DOUBT, _("It was perhaps sent in %(day)s: no answer came to the call.") % {
            "day": day
        }
    error = f" ({delivery.error})" if delivery.error else ""
    state = delivery.get_status_display().lower()
    return Reason.UNSENT, (
        _(
            "It was in %(day)s, which was not sent: %(state)s%(error)s. It may come "
            "in a later digest."
        )
        % {"day": day, "state": state, "error": error}
    )


def _explain_paper(_subscriber: Subscriber, paper: Paper, now: datetime) -> Found:
    arrival = describe_arrival(paper)
    if paper.news_at is None:
        return Reason.NOT_NEWS, (
            _("It is stored, but was never news: a replacement, or old when it came. %(arrival)s")
            % {"arrival": arrival}
        )
    if paper.matched_at is None or paper.available_at is None or paper.available_at > now:
        return Reason.UNREAD, _("It has not been compared with the topics yet. %(arrival)s") % {
            "arrival": arrival
        }
    return None


def _explain_person(subscriber: Subscriber, _paper: Paper, now: datetime) -> Found:
    """What keeps every digest from them now."""
    if subscriber.status == Subscriber.Status.PENDING:
        return Reason.UNCONFIRMED, _("The address is not confirmed, so nothing is sent to it.")
    if subscriber.unsubscribed_at:
        since = _format_moment(subscriber.unsubscribed_at)
        return Reason.UNSUBSCRIBED, _("They unsubscribed %(since)s, so nothing is sent.") % {
            "since": since
        }
    row = Suppression.objects.about(subscriber.email).first()
    if row:
        since = _format_moment(row.created_at)
        return Reason.SUPPRESSED, _("The address was suppressed (%(reason)s) %(since)s.") % {
            "reason": row.reason,
            "since": since,
        }
    if subscriber.paused_until and subscriber.paused_until > now:
        return (
            Reason.PAUSED,
            _("The digest is paused, and starts again %(paused_until)s.")
            % {"paused_until": _format_moment(subscriber.paused_until)},
        )
    return None


def _explain_topics(subscriber: Subscriber, paper: Paper, now: datetime) -> Found:
    interests = list(Interest.objects.filter(subscriber=subscriber).select_related("topic"))
    followed = [row.as_typed for row in interests if row.mode == Interest.Mode.FOLLOW]
    if not followed:
        return Reason.NO_TOPICS, _("They follow no topic, so no paper can be in one.")
    found = dict(Match.objects.filter(paper=paper).values_list("topic_id", "strength"))
    names = {row.topic_id: row.as_typed for row in interests if row.mode == Interest.Mode.FOLLOW}
    strengths = {pk: found[pk] for pk in names if pk in found}
    if not strengths:
        return _explain_no_match(subscriber, paper, names, now)
    muted = [row for row in interests if row.mode == Interest.Mode.MUTE]
    for row in muted:
        if row.topic_id in found:
            return Reason.MUTED, _("It is in “%(as_typed)s”, which they mute.") % {
                "as_typed": row.as_typed
            }
    if not subscriber.wants_passing and (said := describe_mention(strengths, names)):
        return Reason.PASSING, _("%(said)s, and they get no passing mentions.") % {"said": said}
    return None


def _explain_no_match(
    subscriber: Subscriber, paper: Paper, names: Mapping[int, str], now: datetime
) -> tuple[Reason, str]:
    """By what it came nearest to; `names` has the topics they follow, by their ids."""
    nearest = describe_nearest(list(names.values()), paper, now)
    nearness, is_find = describe_nearness(paper, names)
    if not nearness:
        return Reason.NO_MATCH, nearest
    off = _("%(nearness)s, and they get none that are only close. %(nearest)s")
    said = "%(nearness)s. %(nearest)s" if subscriber.wants_near or is_find else off
    return Reason.NEAR, said % {"nearness": nearness, "nearest": nearest}


def _explain_digest(subscriber: Subscriber, paper: Paper, now: datetime) -> tuple[Reason, str]:
    """By the first digest that was composed after it came."""
    span = find_span(subscriber, paper, now)
    arrival = describe_arrival(paper)
    if span.is_too_old:
        day = (
            _("the digest of %(date)s") % {"date": date_format(span.delivery.edition.date, "d F Y")}
            if span.delivery
            else ""
        )
        which = (
            _("%(day)s, the next one, reaches") % {"day": day}
            if day
            else _("the first digest reaches")
        )
        return Reason.TOO_OLD, _("It came before %(which)s. %(arrival)s") % {
            "which": which,
            "arrival": arrival,
        }
    if span.delivery is None:
        last = (
            _(" The last was composed %(since)s.") % {"since": _format_moment(span.since)}
            if span.since
            else ""
        )
        return Reason.LATER, (
            _(
                "No digest was composed since it came.%(last)s %(arrival)s It can be in "
                "the next one."
            )
            % {"last": last, "arrival": arrival}
        )
    return _describe_missed(span, subscriber, paper)


def _describe_missed(span: Span, subscriber: Subscriber, paper: Paper) -> tuple[Reason, str]:
    """Why it is not in the digest in whose span it came."""
    delivery = span.delivery
    assert delivery is not None
    day = _("the digest of %(date)s") % {"date": date_format(delivery.edition.date, "d F Y")}
    if delivery.status == Status.QUIET:
        why = delivery.get_quiet_reason_display()
        return Reason.QUIET, _(
            "It could have been in %(day)s, of which no mail was made: %(why)s."
        ) % {"day": day, "why": why}
    if not list_paper_ids(delivery.contents):
        state = delivery.get_status_display().lower()
        return Reason.UNSENT, _("It could have been in %(day)s, which was not sent: %(state)s.") % {
            "day": day,
            "state": state,
        }
    if not count_found(delivery):
        return Reason.NO_MATCH, _(
            "It could have been in %(day)s, for which nothing was found in the topics: "
            "these, or the paper, changed since."
        ) % {"day": day}
    return Reason.OUTRANKED, describe_place(span, subscriber, paper)


def _format_moment(moment: datetime | None) -> str:
    return (
        _("on %(moment)s UTC") % {"moment": date_format(moment, r"d F Y \a\t H:i")}
        if moment
        else _("at a time not known")
    )
