"""Records *more* and *less*: each press moves leanings, which reorder a digest, and can be undone.

The arithmetic is in digest/compose/leanings.py. A press is stored with what it moves, and the
leanings are always the sum of all presses not taken back, in their order. So taking one back
leaves exactly what there would be without it, whatever was pressed in between. There is one press
of a subscriber for a paper: the same a second time changes nothing, the opposite replaces it.

Feedback outlives its paper; moves of a topic count only while the subscriber follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from digest.compose.features import TERM_CHARS
from digest.compose.leanings import Leanings, drop_weakest, limit_steps
from digest.feedback.press_moves import Key, LeaningMove, derive_moves
from digest.models import Feedback, Paper
from subscribers.models import Leaning, Subscriber


@dataclass(frozen=True)
class Change:
    """A leaning's steps before a press and after it."""

    kind: str
    said: str
    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What a press does to the leanings: what it moves, and what it pushes out for lack of room."""

    changes: list[Change]
    pushed_out: list[Change]
    before: Leanings
    after: Leanings


def give_feedback(subscriber_id: int, paper: Paper, kind: str, now: datetime) -> Feedback:
    """Note that they want more, or less, like this paper; a second time changes nothing."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        given = subscriber.feedback.filter(paper=paper).first()
        if given and given.kind == kind:
            return given
        moves = [asdict(move) for move in derive_moves(subscriber, paper, kind, now)]
        if given is None:
            given = Feedback(subscriber=subscriber, paper=paper, title=paper.title)
        else:
            given.replaced = {
                "kind": given.kind,
                "given_at": given.given_at.isoformat(),
                "moves": given.moves,
            }
        given.kind, given.given_at, given.moves = kind, now, moves
        given.save()
        _update_leanings(subscriber)
    return given


def take_back_feedback(subscriber_id: int, press: str | None = None, **of: Any) -> bool:
    """Undo what was last said of a paper, as if it had not been said; False: there is nothing.

    `of` filters the feedback: by `paper`, or by its own `pk` where the paper may be gone. With the
    name of a `press` only that one is taken back, and none given before or after it.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        given = subscriber.feedback.filter(**of).first()
        if given is None or press not in (None, given.press):
            return False
        if before := given.replaced:
            given.kind, given.moves, given.replaced = before["kind"], before["moves"], {}
            given.given_at = datetime.fromisoformat(before["given_at"])
            given.save()
        else:
            given.delete()
        _update_leanings(subscriber)
    return True


def forget_leaning(subscriber_id: int, leaning_id: int) -> None:
    """Delete one leaning, and every move that led to it."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        leaning = subscriber.leanings.filter(pk=leaning_id).first()
        if leaning is None:
            return
        for row in subscriber.feedback.all():
            row.moves = _drop_moves_of(leaning, row.moves)
            if row.replaced:
                row.replaced["moves"] = _drop_moves_of(leaning, row.replaced["moves"])
            row.save(update_fields=["moves", "replaced"])
        _update_leanings(subscriber)


def _drop_moves_of(leaning: Leaning, moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m for m in moves if (m["kind"], m["term"]) != (leaning.kind, leaning.term)]


def forget_all_feedback(subscriber_id: int) -> None:
    """Delete all leanings, and all feedback with them."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        subscriber.leanings.all().delete()
        subscriber.feedback.all().delete()


# The effect of a press.


def compute_effect(given: Feedback) -> Effect:
    """The effect that a press of the past had."""
    standing = _list_standing_moves(given.subscriber)
    index = next(i for i, (row, _) in enumerate(standing) if row.pk == given.pk)
    earlier = [moves for _, moves in standing[:index]]
    return _build_effect(_sum_moves(earlier), earlier, standing[index][1])


def foresee_effect(subscriber: Subscriber, paper: Paper, kind: str, now: datetime) -> Effect:
    """The effect that this press would have now; a press that it replaces is taken back first."""
    standing = _list_standing_moves(subscriber)
    others = [moves for row, moves in standing if row.paper_id != paper.pk]
    return _build_effect(
        _sum_moves(moves for _, moves in standing),
        others,
        derive_moves(subscriber, paper, kind, now),
    )


def _build_effect(
    before: Leanings, others: Sequence[Sequence[LeaningMove]], moves: Sequence[LeaningMove]
) -> Effect:
    after = _sum_moves([*others, moves])
    pressed, known = {m.key for m in moves}, {m.key: m for row in others for m in row}
    return Effect(
        [Change(m.kind, m.said, before.get(m.key, 0), after.get(m.key, 0)) for m in moves],
        [
            Change(known[key].kind, known[key].said, steps, 0)
            for key, steps in _sum_moves(others).items()
            if key not in after and key not in pressed
        ],
        before,
        after,
    )


def _list_standing_moves(subscriber: Subscriber) -> list[tuple[Feedback, list[LeaningMove]]]:
    """All feedback in its order, with its moves; of topics only those that are followed."""
    followed = set(map(str, subscriber.interests.follows().values_list("topic_id", flat=True)))
    rows = subscriber.feedback.order_by("given_at", "pk")
    return [(row, [m for m in _read_moves(row) if _is_of_topic(m, followed)]) for row in rows]


def _is_of_topic(move: LeaningMove, followed: AbstractSet[str]) -> bool:
    """Whether a move counts: what hangs on a topic does as long as that is followed."""
    hangs_on_one = move.kind in ("topic", "sense")
    return not hangs_on_one or move.term.partition(" ")[0] in followed


def _read_moves(given: Feedback) -> list[LeaningMove]:
    return [LeaningMove(**move) for move in given.moves]


def _sum_moves(presses: Iterable[Sequence[LeaningMove]]) -> dict[Key, int]:
    """The leanings after these presses, one after the other; those moved last come last."""
    steps: dict[Key, int] = {}
    for moves in presses:
        for move in moves:
            steps[move.key] = limit_steps(move.kind, steps.pop(move.key, 0) + move.steps)
        left = {key: value for key, value in steps.items() if value}
        steps = dict(drop_weakest(left, {move.key for move in moves}))
    return steps


def _update_leanings(subscriber: Subscriber) -> None:
    """Make the subscriber's leanings the sum of their feedback."""
    presses = [moves for _, moves in _list_standing_moves(subscriber)]
    said = {move.key: move.said for moves in presses for move in moves}
    steps = _sum_moves(presses)
    known = {(row.kind, row.term): row for row in subscriber.leanings.all()}
    gone = [row.pk for key, row in known.items() if key not in steps]
    subscriber.leanings.filter(pk__in=gone).delete()
    rows = [
        Leaning(
            subscriber=subscriber,
            kind=key[0],
            term=key[1],
            said=said[key][:TERM_CHARS],
            steps=value,
        )
        for key, value in steps.items()
        if key not in known or known[key].steps != value
    ]
    Leaning.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["subscriber", "kind", "term"],
        update_fields=["steps"],
    )
