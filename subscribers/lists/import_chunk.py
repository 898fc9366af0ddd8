"""Brings in many lines at once: what is looked up and what is written is so for all together.

What becomes of each is what `import_candidate` would make of it, one after the other; that is also
the way of those few that several lines name, or who are there already and change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from subscribers.lists.import_csv import (
    Candidate,
    Fate,
    ImportRules,
    Outcome,
    describe_consent,
    explain_refusal,
    import_candidate,
    judge_candidate,
    read_line,
    write_wishes,
)
from subscribers.lists.import_file import Line
from subscribers.lists.import_rest import set_rest
from subscribers.models import (
    MAX_TOPICS,
    ConsentEvent,
    Departure,
    Interest,
    Subscriber,
    Suppression,
    Topic,
    consents_noted,
)
from subscribers.models.public_spelling import spell_followed
from subscribers.signup import mailbox_limits
from subscribers.signup.wishes import set_schedule
from subscribers.topics.plainness import rank_plainness

CHUNK = 500


def import_lines(lines: Iterable[Line], now: datetime, rules: ImportRules) -> list[Fate]:
    """Import these lines in one transaction, or try to: what became of each. Safe to run twice."""
    read = [read_line(line, now, rules) for line in lines]
    with transaction.atomic():
        chunk = _Chunk({one.email for one in read if isinstance(one, Candidate)}, now, rules)
        fates = [chunk.take(one) if isinstance(one, Candidate) else one for one in read]
        chunk.write()
    return fates


class _Chunk:
    """Judges the candidates of one chunk in their order, and writes down who is new together."""

    def __init__(self, emails: set[str], now: datetime, rules: ImportRules) -> None:
        self._known, self._refusals = _look_up(emails)
        self._now, self._rules = now, rules
        self._taken = set[str]()
        self._fresh: list[Candidate] = []  # taken and not written yet

    def take(self, one: Candidate) -> Fate:
        known = self._known.get(one.email)
        fate = judge_candidate(one, known, self._refusals[one.email])
        if self._rules.is_trial or fate[0] not in (Outcome.CONFIRMED, Outcome.ASKED):
            return fate
        if known or one.email in self._taken:
            self.write()
            return import_candidate(one, self._now, self._rules)
        self._taken.add(one.email)
        self._fresh.append(one)
        return fate

    def write(self) -> None:
        """Write those who are not there yet."""
        try:
            with transaction.atomic():
                _write_together(self._fresh, self._now)
        except IntegrityError:  # somebody of them signs up in this very moment
            for candidate in self._fresh:
                write_wishes(candidate, self._now)
        self._fresh = []


def _look_up(emails: set[str]) -> tuple[dict[str, Subscriber], dict[str, str]]:
    """By address the subscribers, locked, and why somebody may not be brought in."""
    rows = Subscriber.objects.select_for_update().filter(email__in=emails).order_by("pk")
    known = {row.email: row for row in rows}
    reasons = Suppression.objects.find_reasons(emails)
    left = Departure.objects.find_dates(emails - set(known))
    said = {e: explain_refusal(reasons.get(e, ""), known.get(e), left.get(e)) for e in emails}
    return known, said


def _write_together(candidates: Sequence[Candidate], now: datetime) -> None:
    rows = [_build_subscriber(candidate, now) for candidate in candidates]
    Subscriber.objects.bulk_create(rows)
    sure = [(row, one) for row, one in zip(rows, candidates, strict=True) if one.vouched]
    if not sure:
        return
    _note_consents(sure, now)
    _add_interests(sure)
    mailbox_limits.note_answers(row.email for row, _one in sure)


def _build_subscriber(candidate: Candidate, now: datetime) -> Subscriber:
    """The row as a confirmation that waits leaves it, or one that was given elsewhere."""
    vouched, wishes = candidate.vouched, candidate.wishes
    if not vouched:
        return Subscriber(email=candidate.email, wishes=wishes.to_json(), wish_asked_at=now)
    subscriber = Subscriber(email=candidate.email)
    set_schedule(subscriber, wishes)
    subscriber.set_confirmed(vouched.at)
    set_rest(subscriber, vouched.rest)
    return subscriber


def _note_consents(sure: list[tuple[Subscriber, Candidate]], now: datetime) -> None:
    events = [
        ConsentEvent(
            subscriber=subscriber,
            kind=ConsentEvent.Kind.ELSEWHERE,
            happened_at=one.vouched.at,
            noted_at=now,
            by=one.vouched.by,
            note=describe_consent(),
        )
        for subscriber, one in sure
        if one.vouched
    ]
    ConsentEvent.objects.bulk_create(events)
    consents_noted.send(ConsentEvent, events=events)


def _add_interests(sure: list[tuple[Subscriber, Candidate]]) -> None:
    lists = [
        queries
        for _subscriber, one in sure
        if one.vouched
        for queries in (one.wishes.topics, one.vouched.rest.muted)
    ]
    topics = iter(Topic.objects.get_or_create_lists(lists))
    interests, followed = [], list[Topic]()
    for subscriber, _one in sure:
        follows = next(topics)[:MAX_TOPICS]
        followed += follows
        modes = ((Interest.Mode.FOLLOW, follows), (Interest.Mode.MUTE, next(topics)))
        interests += [
            Interest(subscriber=subscriber, topic=topic, mode=mode, typed=topic.typed)
            for mode, own in modes
            for topic in own
        ]
    # What somebody follows is not muted.
    Interest.objects.bulk_create(interests, ignore_conflicts=True)
    spell_followed(_choose_plainest(followed))


def _choose_plainest(followed: list[Topic]) -> list[Topic]:
    """Of each topic the one whose reader typed it most plainly; of several as plain the first."""
    plainest: dict[int, Topic] = {}
    for topic in followed:
        before = plainest.setdefault(topic.pk, topic)
        if rank_plainness(topic.typed) < rank_plainness(before.typed):
            plainest[topic.pk] = topic
    return list(plainest.values())
