"""Less mail: a month's pause, once a week or fewer papers in place of leaving, and the way back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from subscribers.models import ConsentEvent, Subscriber

PAUSE_DAYS = 30
FEW_PAPERS = 3
UNDO_WITHIN = timedelta(days=1)


class Instead(StrEnum):
    """What somebody may choose in place of leaving; each means less mail."""

    PAUSE = "pause"
    WEEKLY = "weekly"
    FEWER = "fewer"


def list_offers(subscriber: Subscriber, now: datetime) -> list[Instead]:
    """The choices that mean less mail than now; none for whoever is not active."""
    if not subscriber.is_active:
        return []
    is_less = {
        Instead.PAUSE: not subscriber.paused_until
        or subscriber.paused_until < _find_pause_end(subscriber, now),
        Instead.WEEKLY: subscriber.cadence != Subscriber.Cadence.WEEKLY,
        Instead.FEWER: subscriber.max_papers > FEW_PAPERS,
    }
    return [instead for instead, is_offered in is_less.items() if is_offered]


def choose_instead(subscriber: Subscriber, instead: Instead, now: datetime) -> str:
    """Let it take effect; returns what was before, for `take_back_choice`.

    Raises ValueError where it would bring no less mail than now.
    """
    if instead not in list_offers(subscriber, now):
        raise ValueError(f"{instead} is no less than now.")
    if instead == Instead.PAUSE:
        before = subscriber.paused_until.isoformat() if subscriber.paused_until else ""
        set_pause(subscriber, _find_pause_end(subscriber, now))
    elif instead == Instead.WEEKLY:
        before = subscriber.cadence
        _set_cadence(subscriber, Subscriber.Cadence.WEEKLY, now)
    else:
        before = str(subscriber.max_papers)
        _set_max_papers(subscriber, FEW_PAPERS)
    return before


def take_back_choice(subscriber: Subscriber, instead: Instead, before: str, now: datetime) -> None:
    """Undo a choice. Raises ValueError where something else was chosen since."""
    if not _is_as_chosen(subscriber, instead):
        raise ValueError(f"{instead} was changed since.")
    if instead == Instead.PAUSE:
        set_pause(subscriber, datetime.fromisoformat(before) if before else None)
    elif instead == Instead.WEEKLY:
        _set_cadence(subscriber, Subscriber.Cadence(before), now)
    else:
        _set_max_papers(subscriber, int(before))


def _is_as_chosen(subscriber: Subscriber, instead: Instead) -> bool:
    return {
        Instead.PAUSE: subscriber.paused_until is not None,
        Instead.WEEKLY: subscriber.cadence == Subscriber.Cadence.WEEKLY,
        Instead.FEWER: subscriber.max_papers == FEW_PAPERS,
    }[instead]


def _find_pause_end(subscriber: Subscriber, now: datetime) -> datetime:
    """Midnight in the subscriber's zone, 30 days from today."""
    zone = ZoneInfo(subscriber.timezone)
    day = now.astimezone(zone).date() + timedelta(days=PAUSE_DAYS)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def find_pause_end(day: date, zone: str, now: datetime) -> datetime | None:
    """Midnight in the zone of the day on which digests go on; None where that is past."""
    if day < now.date() - timedelta(days=1):
        return None
    ends_at = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return ends_at if ends_at > now else None


def set_pause(subscriber: Subscriber, until: datetime | None) -> None:
    """Send nothing before `until`; None ends a pause."""
    subscriber.paused_until = until
    subscriber.save(update_fields=["paused_until"])


def _set_cadence(subscriber: Subscriber, cadence: str, now: datetime) -> None:
    subscriber.cadence = cadence
    subscriber.reschedule(now)
    subscriber.save(update_fields=["cadence", "next_digest_at"])


def _set_max_papers(subscriber: Subscriber, max_papers: int) -> None:
    subscriber.max_papers = max_papers
    subscriber.save(update_fields=["max_papers"])


def can_undo_unsubscribe(subscriber: Subscriber, now: datetime) -> bool:
    """Whether this subscriber left so lately that one button takes it back."""
    left_at = subscriber.unsubscribed_at
    return bool(left_at and left_at > now - UNDO_WITHIN and subscriber.confirmed_at)


def undo_unsubscribe(subscriber: Subscriber, now: datetime, by: str = "") -> bool:
    """Take a fresh unsubscription back, as if it had not been; False when it is too late.

    It is a new consent, with its own date: what a provider reports late of the time before it does
    not unsubscribe them once more.
    """
    undone = Subscriber.objects.filter(
        pk=subscriber.pk,
        status=Subscriber.Status.UNSUBSCRIBED,
        unsubscribed_at__gt=now - UNDO_WITHIN,
        confirmed_at__isnull=False,
    ).update(
        status=Subscriber.Status.ACTIVE,
        unsubscribed_at=None,
        confirmed_at=now,
        next_digest_at=subscriber.find_next_slot(now),
    )
    if undone:
        back = ConsentEvent(kind=ConsentEvent.Kind.BACK, happened_at=now, by=by)
        subscriber.note_consent(back, now)
    return bool(undone)
