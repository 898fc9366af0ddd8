"""What a browser that is new to somebody may do to their topics by a digest's link.

A digest is forwarded, and its links work for ever. So a browser that has had such a link for less
than a day changes topics as any other, but for a *change of everything*: one after which none of
the topics of before is followed, or fewer than half of three or more; one whose papers are all
muted, since a muted topic stands in it, is followed no more. The changes of a day by new browsers
count together, whatever they are. Such a change waits, and a letter asks the mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from subscribers.account.address import request_own_link
from subscribers.models import Interest, Subscriber, TopicChange
from subscribers.topics import ParsedTopic, Term, TopicError, parse_once

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
    wanted = _find_effective(map(parse_once, followed), map(parse_once, muted))
    current = _read_current(subscriber)
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


def ask_to_mute(subscriber: Subscriber, topic: str, now: datetime) -> None:
    """Let the topics as they are, and this one muted, wait for the press of a letter's link."""
    interests = list(subscriber.interests.select_related("topic"))
    typed = {
        mode: [one.as_typed for one in interests if one.mode == mode]
        for mode in Interest.Mode.values
    }
    wish = {
        "asked_at": now,
        "followed": typed[Interest.Mode.FOLLOW],
        "muted": [*typed[Interest.Mode.MUTE], topic],
    }
    first = {"since": now, "former": sorted(_read_current(subscriber))}
    TopicChange.objects.update_or_create(
        subscriber=subscriber, defaults=wish, create_defaults=wish | first
    )
    request_own_link(subscriber, now)


def _find_effective(followed: Iterable[ParsedTopic], muted: Iterable[ParsedTopic]) -> set[str]:
    """The normal forms of those that can find a paper which no muted topic of words alone finds."""
    hiding = [
        [_write_stems(term) for term in topic.wanted]
        for topic in muted
        if not topic.unwanted and not any(term.field for term in topic.wanted)
    ]
    texts = {
        topic.normal_form: "|".join(_write_stems(term) for term in topic.wanted if not term.field)
        for topic in followed
    }
    return {
        form
        for form, text in texts.items()
        if not any(all(words in text for words in one) for one in hiding)
    }


def _write_stems(term: Term) -> str:
    return f" {' '.join(term.stems)} "


def _read_current(subscriber: Subscriber) -> set[str]:
    """What can find something, read as what is typed now: a row may have an earlier form."""
    topics: dict[str, list[ParsedTopic]] = {mode: [] for mode in Interest.Mode.values}
    unread = set()
    for one in subscriber.interests.select_related("topic"):
        try:
            topics[one.mode].append(parse_once(one.as_typed))
        except TopicError:  # by the rules of an earlier release it was one
            if one.mode == Interest.Mode.FOLLOW:
                unread.add(one.topic.normal_form)
    return unread | _find_effective(topics[Interest.Mode.FOLLOW], topics[Interest.Mode.MUTE])


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
