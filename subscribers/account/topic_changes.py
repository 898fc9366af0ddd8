"""What a browser that is new to somebody may do to their topics by a digest's link.

A digest is forwarded, and its links work for ever. So a browser that has had such a link for less
than a day changes topics as any other, but for a *change of everything*: one after which none of
the topics of before is followed, or fewer than half of three or more. The changes of a day by new
browsers count together, whatever they are. Such a change waits, and a letter asks the mailbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from subscribers.account.address import request_own_link
from subscribers.models import Subscriber, TopicChange
from subscribers.topics import TopicError, parse_once

SUMMED_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(hours=48)  # as long as the letter's link is good
_FEWEST = 3  # topics of which half may not go


class Wish(NamedTuple):
    """Topics as they were typed."""

    followed: list[str]
    muted: list[str]


def is_change_of_everything(former: AbstractSet[str], wanted: AbstractSet[str]) -> bool:
    """Whether none of the former topics stays, or more than half of three or more go."""
    gone = former - wanted
    is_most = len(former) >= _FEWEST and 2 * len(gone) > len(former)
    return bool(former) and (gone == former or is_most)


def may_change(
    subscriber: Subscriber, followed: Sequence[str], muted: Sequence[str], now: datetime
) -> bool:
    """Whether a new browser may make these the topics at once; else the wish is kept, and a letter
    asked for.

    Call it within the transaction that changes them.
    """
    wanted = {parse_once(topic).normal_form for topic in followed}
    current = _read_followed(subscriber)
    if wanted == current:
        return True
    change, _made = TopicChange.objects.select_for_update().get_or_create(
        subscriber=subscriber, defaults={"since": now, "former": sorted(current)}
    )
    if not now - SUMMED_FOR < change.since <= now:
        change.since, change.former = now, sorted(current)
    is_whole = is_change_of_everything(set(change.former), wanted)
    if is_whole:
        change.asked_at, change.followed, change.muted = now, list(followed), list(muted)
        request_own_link(subscriber, now)
    change.save()
    return not is_whole


def _read_followed(subscriber: Subscriber) -> set[str]:
    """What is followed, read as what is typed now: a row may have an earlier form."""
    follows = subscriber.interests.follows().select_related("topic")
    return {_read_form(one.as_typed) or one.topic.normal_form for one in follows}


def _read_form(typed: str) -> str:
    with suppress(TopicError):
        return parse_once(typed).normal_form
    return ""


def read_wish(subscriber: Subscriber, now: datetime) -> Wish | None:
    """The change that waits for the press of a letter's link, if one does."""
    since = now - KEPT_FOR
    change = TopicChange.objects.filter(subscriber=subscriber, asked_at__gt=since).first()
    return Wish(change.followed, change.muted) if change else None


def forget_change(subscriber: Subscriber) -> None:
    """Forget it all: the mailbox, or a browser that is known, has changed the topics itself."""
    TopicChange.objects.filter(subscriber=subscriber).delete()


def forget_old_changes(now: datetime) -> None:
    """Delete what nobody pressed the letter's link for, and what is summed up no more."""
    until = now - KEPT_FOR
    old = TopicChange.objects.filter(since__lt=until)
    old.filter(Q(asked_at=None) | Q(asked_at__lt=until)).delete()
