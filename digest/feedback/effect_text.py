"""Says in sentences what a press of *more* or *less* does to a subscriber's digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from digest.english import in_a_row
from digest.feedback.rank_shift import DAYS, RankShift
from digest.feedback.record import Change, Effect
from subscribers.models import MOST_LEANINGS


class Tense(NamedTuple):
    """The verbs of a sentence about what a press will do, or did."""

    come: str
    follow: str
    forget: str
    # Of one paper, and of more: stands higher, keeps its place.
    stand: tuple[str, str]
    keep: tuple[str, str]


WILL = Tense(
    *("will come", "so will", "will be forgotten"),
    stand=("would stand", "would stand"),
    keep=("would keep its place", "would keep their places"),
)
DONE = Tense(
    *("now come", "so do", "was forgotten"),
    stand=("now stands", "now stand"),
    keep=("keeps its place", "keep their places"),
)
_NAMED_TOPICS = 3  # where there are more than four
_MOST_THERE_CAN_BE = f"{MOST_LEANINGS} leanings are the most there can be."
NOTHING = (
    "Nothing can be learned from this paper: none of the topics you follow finds it, and it shares "
    "no category, organization or rare word with others."
)


def describe_effect(effect: Effect, tense: Tense, *, is_more: bool) -> str:
    """The effect of a press in one to four sentences.

    Papers on “RAG” now come a little earlier in your digest; so do papers in cs.CL.
    """
    pressed, full, without_room, pushed_out = _sort_changes(effect, is_more=is_more)
    way, most = ("earlier", "early") if is_more else ("later", "late")
    sentences = []
    if pressed:
        first, others = _split_first(pressed)
        moved = f"{_capitalize(first)} {tense.come} a little {way} in your digest"
        sentences.append(f"{moved}; {tense.follow} {others}." if others else f"{moved}.")
    if full:
        sentences.append(f"{_capitalize(_name_all(full))} already come as {most} as they can.")
    if pushed_out:
        gone = f"To make room, what was learned about {_name_all(pushed_out)} {tense.forget}"
        sentences.append(f"{gone}: {_MOST_THERE_CAN_BE}")
    if without_room:
        none = f"There is no room to learn about {_name_all(without_room)}"
        sentences.append(f"{none}: {_MOST_THERE_CAN_BE}")
    return " ".join(sentences) or NOTHING


def _sort_changes(effect: Effect, *, is_more: bool) -> list[list[Change]]:
    """Four lists: what moved, what was at its bound, what found no room, what was pushed out."""
    kinds: list[list[Change]] = [[], [], [], list(effect.pushed_out)]
    for change in effect.changes:
        moved = (change.after - change.before) * (1 if is_more else -1)
        # A weak leaning that is pressed itself may have to go: it ends where it was not meant to.
        stays = 1 if change.after else 2
        kinds[0 if moved > 0 else 3 if moved < 0 else stays].append(change)
    return kinds


def describe_rank_shift(shift: RankShift, tense: Tense) -> str:
    """How far papers like this move, in a sentence; "" where there is nothing to compare.

    Of the 43 papers of your topics in the last 7 days, the 6 like this now stand about 3 places
    higher.
    """
    if shift.papers < 2:
        return ""
    begins = f"Of the {shift.papers} papers of your topics in the last {DAYS} days,"
    if not shift.alike:
        return f"{begins} none is like this."
    many = shift.alike > 1
    alike, moved = f"the {shift.alike}" if many else "the one", round(abs(shift.moved))
    if not moved:
        return f"{begins} {alike} like this {tense.keep[many]}."
    way = "higher" if shift.moved > 0 else "lower"
    row = "places" if moved > 1 else "place"
    return f"{begins} {alike} like this {tense.stand[many]} about {moved} {row} {way}."


def _split_first(changes: Sequence[Change]) -> tuple[str, str]:
    """The first group by name, and the others in a row; topics come before all else."""
    first, *rest = filter(None, _name_groups(changes))
    return first, in_a_row(rest) if rest else ""


def _name_all(changes: Sequence[Change]) -> str:
    return in_a_row(list(filter(None, _name_groups(changes))))


def _name_groups(changes: Sequence[Change]) -> list[str]:
    return [
        _name_senses(changes),
        _name_topics(changes),
        *_name_fields(changes),
        _name_words(changes),
    ]


def _name_senses(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "sense"]
    return f"papers that say {in_a_row(said, 'or')}" if said else ""


def _name_topics(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "topic"]
    if len(said) > _NAMED_TOPICS + 1:
        said = [*said[:_NAMED_TOPICS], f"{len(said) - _NAMED_TOPICS} more"]
    return f"papers on {in_a_row(said)}" if said else ""


def _name_fields(changes: Sequence[Change]) -> list[str]:
    begins = {"category": "papers in", "organization": "papers from"}
    return [f"{begins[c.kind]} {c.said}" for c in changes if c.kind in begins]


def _name_words(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "word"]
    return f"papers with {in_a_row(said, 'or')} in the title" if said else ""


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
