"""What is known of one subscriber, as lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from subscribers.models import ConsentEvent, Subscriber, Suppression
from subscribers.signup.wishes import Wishes
from subscribers.web.next_digest import describe_standing_now

SHOWN_PAPERS = 20


def list_lines(lines: Iterable[str], nothing: str) -> SafeString:
    """The lines as a list; `nothing` where there are none."""
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<ul>{}</ul>", items) if items else format_html("{}", nothing)


def say_when(moment: datetime | None) -> str:
    return f"{moment:%d %b %Y, %H:%M} UTC" if moment else "–"


def describe_standing(subscriber: Subscriber, now: datetime) -> str:
    """Its state, since when, and what that means for the next digest."""
    suppression = Suppression.objects.about(subscriber.email).first()
    if suppression:
        since = say_when(suppression.created_at)
        said = f"Suppressed ({suppression.reason}) since {since}: nothing is mailed to it. "
    else:
        said = ""
    return said + describe_status(subscriber) + describe_standing_now(subscriber, now)


def describe_status(subscriber: Subscriber) -> str:
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED:
        return f"Unsubscribed since {say_when(subscriber.unsubscribed_at)}."
    if subscriber.is_active:
        return f"Confirmed since {say_when(subscriber.confirmed_at)}. "
    return f"Not confirmed; here since {say_when(subscriber.created_at)}."


def tell_consent(subscriber: Subscriber) -> list[str]:
    """What they agreed to and took back, the newest first."""
    lines = [describe_event(event) for event in subscriber.consent_events.all()]
    if subscriber.confirmed_at and not lines:
        return [f"{say_when(subscriber.confirmed_at)}: confirmed; how was not noted then."]
    return lines


def describe_event(event: ConsentEvent) -> str:
    """What happened, by whom where it was not the subscriber, and what was noted of it."""
    said = f"{say_when(event.happened_at)}: {event.get_kind_display()}"
    if event.by:
        is_vouched = event.kind == ConsentEvent.Kind.ELSEWHERE
        said += f", {'vouched for' if is_vouched else 'done'} by {event.by}"
    return f"{said}. {event.note}".strip()


def tell_letters(subscriber: Subscriber) -> list[str]:
    """The mails about the account, not the digests."""
    lines = []
    if subscriber.confirmation_sent_at:
        lines.append(
            f"Asked to confirm, last on {say_when(subscriber.confirmation_sent_at)}; without an "
            f"answer since then: {subscriber.confirmations_sent}."
        )
    elif subscriber.wish_asked_at:
        lines.append(f"Asked for on {say_when(subscriber.wish_asked_at)}; not sent yet.")
    if subscriber.link_sent_at:
        lines.append(f"Their links, last on {say_when(subscriber.link_sent_at)}.")
    if subscriber.new_email:
        lines.append(f"A move to {subscriber.new_email} was asked for and is not confirmed.")
    lines += [
        f"Moved from {former.email} on {say_when(former.left_at)}."
        for former in subscriber.former_addresses.all()
    ]
    return lines


def tell_wishes(subscriber: Subscriber) -> list[str]:
    """The wish that waits for its confirmation."""
    wishes = Wishes.from_json(subscriber.wishes)
    if wishes is None:
        return []
    return [
        f"Topics: {', '.join(wishes.topics)}",
        f"{wishes.often}, at {wishes.send_hour:02}:00 in {wishes.timezone}, "
        f"{wishes.max_papers} papers at most",
        f"Asked on {say_when(subscriber.wish_asked_at)}",
    ]


def tell_reading_list(subscriber: Any) -> list[str]:
    """The papers they saved last; `digest` brings the rows."""
    count = subscriber.saved_papers.count()
    rows = subscriber.saved_papers.select_related("paper")[:SHOWN_PAPERS]
    more = [f"and {count - SHOWN_PAPERS} more"] if count > SHOWN_PAPERS else []
    return [str(row) for row in rows] + more
