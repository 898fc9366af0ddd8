"""What is known of one subscriber, as lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from subscribers.models import ConsentEvent, Subscriber, Suppression
from subscribers.signup.wishes import Wishes
from subscribers.web.next_digest import describe_standing_now

SHOWN_PAPERS = 20


def list_lines(lines: Iterable[str], nothing: str) -> SafeString:
    """The lines as a list; `nothing` where there are none."""
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<ul>{}</ul>", items) if items else format_html("{}", nothing)


def say_when(moment: datetime | None) -> str:
    return _("%(moment)s UTC") % {"moment": date_format(moment, "d M Y, H:i")} if moment else "–"


def describe_standing(subscriber: Subscriber, now: datetime) -> str:
    """Its state, since when, and what that means for the next digest."""
    suppression = Suppression.objects.about(subscriber.email).first()
    if suppression:
        since = say_when(suppression.created_at)
        said = _("Suppressed (%(reason)s) since %(since)s: nothing is mailed to it. ") % {
            "reason": suppression.reason,
            "since": since,
        }
    else:
        said = ""
    return said + describe_status(subscriber) + describe_standing_now(subscriber, now)


def describe_status(subscriber: Subscriber) -> str:
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED:
        return _("Unsubscribed since %(unsubscribed_at)s.") % {
            "unsubscribed_at": say_when(subscriber.unsubscribed_at)
        }
    if subscriber.is_active:
        return _("Confirmed since %(confirmed_at)s. ") % {
            "confirmed_at": say_when(subscriber.confirmed_at)
        }
    return _("Not confirmed; here since %(created_at)s.") % {
        "created_at": say_when(subscriber.created_at)
    }


def tell_consent(subscriber: Subscriber) -> list[str]:
    """What they agreed to and took back, the newest first."""
    lines = [describe_event(event) for event in subscriber.consent_events.all()]
    if subscriber.confirmed_at and not lines:
        return [
            _("%(confirmed_at)s: confirmed; how was not noted then.")
            % {"confirmed_at": say_when(subscriber.confirmed_at)}
        ]
    return lines


def describe_event(event: ConsentEvent) -> str:
    """What happened, by whom where it was not the subscriber, and what was noted of it."""
    if not event.by:
        said = _("%(when)s: %(what)s.")
    elif event.kind == ConsentEvent.Kind.ELSEWHERE:
        said = _("%(when)s: %(what)s, vouched for by %(who)s.")
    else:
        said = _("%(when)s: %(what)s, done by %(who)s.")
    when, what = say_when(event.happened_at), event.get_kind_display()
    return f"{said % {'when': when, 'what': what, 'who': event.by}} {event.note}".strip()


def tell_letters(subscriber: Subscriber) -> list[str]:
    """The mails about the account, not the digests."""
    lines = []
    if subscriber.confirmation_sent_at:
        lines.append(
            _(
                "Asked to confirm, last on %(confirmation_sent_at)s; without an answer "
                "since then: %(confirmations_sent)s."
            )
            % {
                "confirmation_sent_at": say_when(subscriber.confirmation_sent_at),
                "confirmations_sent": subscriber.confirmations_sent,
            }
        )
    elif subscriber.wish_asked_at:
        lines.append(
            _("Asked for on %(wish_asked_at)s; not sent yet.")
            % {"wish_asked_at": say_when(subscriber.wish_asked_at)}
        )
    if subscriber.link_sent_at:
        lines.append(
            _("Their links, last on %(link_sent_at)s.")
            % {"link_sent_at": say_when(subscriber.link_sent_at)}
        )
    if subscriber.new_email:
        lines.append(
            _("A move to %(new_email)s was asked for and is not confirmed.")
            % {"new_email": subscriber.new_email}
        )
    lines += [
        _("Moved from %(email)s on %(left_at)s.")
        % {"email": former.email, "left_at": say_when(former.left_at)}
        for former in subscriber.former_addresses.all()
    ]
    return lines


def tell_wishes(subscriber: Subscriber) -> list[str]:
    """The wish that waits for its confirmation."""
    wishes = Wishes.from_json(subscriber.wishes)
    if wishes is None:
        return []
    return [
        _("Topics: %(topics)s") % {"topics": ", ".join(wishes.topics)},
        _("%(often)s, at %(send_hour)s:00 in %(timezone)s, %(max_papers)s papers at most")
        % {
            "often": wishes.often,
            "send_hour": f"{wishes.send_hour:02}",
            "timezone": wishes.timezone,
            "max_papers": wishes.max_papers,
        },
        _("Asked on %(wish_asked_at)s") % {"wish_asked_at": say_when(subscriber.wish_asked_at)},
    ]


def tell_reading_list(subscriber: Any) -> list[str]:
    """The papers they saved last; `digest` brings the rows."""
    count = subscriber.saved_papers.count()
    rows = subscriber.saved_papers.select_related("paper")[:SHOWN_PAPERS]
    more = (
        [_("and %(shown_papers)s more") % {"shown_papers": count - SHOWN_PAPERS}]
        if count > SHOWN_PAPERS
        else []
    )
    return [str(row) for row in rows] + more
