"""What a reader's *more* and *less* come to, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from digest.english import in_a_row
from digest.feedback.rank_shift import DAYS, Places
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
_NAMED = 3  # topics, where there are more than four
_MOST_THERE_CAN_BE = f"{MOST_LEANINGS} leanings are the most there can be."
NOTHING = (
    "Nothing can be learned from this paper: none of the topics you follow finds it, and it shares "
    "no category, organization or rare word with others."
)


def in_words(effect: Effect, tense: Tense, *, is_more: bool) -> str:
    """The effect of a press in one to four sentences.

    Papers on “RAG” now come a little earlier in your digest; so do papers in cs.CL.
    """
    pressed, full, without_room, gave_way = _sorted(effect, is_more=is_more)
    way, most = ("earlier", "early") if is_more else ("later", "late")
    sentences = []
    if pressed:
        first, others = _parted(pressed)
        moved = f"{_capital(first)} {tense.come} a little {way} in your digest"
        sentences.append(f"{moved}; {tense.follow} {others}." if others else f"{moved}.")
    if full:
        sentences.append(f"{_capital(_all_of(full))} already come as {most} as they can.")
    if gave_way:
        gone = f"To make room, what was learned about {_all_of(gave_way)} {tense.forget}"
        sentences.append(f"{gone}: {_MOST_THERE_CAN_BE}")
    if without_room:
        none = f"There is no room to learn about {_all_of(without_room)}"
        sentences.append(f"{none}: {_MOST_THERE_CAN_BE}")
    return " ".join(sentences) or NOTHING


def _sorted(effect: Effect, *, is_more: bool) -> list[list[Change]]:
    """What moved, what was at its bound, what found no room, and what gave way to the rest."""
    kinds: list[list[Change]] = [[], [], [], list(effect.gave_way)]
    for change in effect.changes:
        moved = (change.after - change.before) * (1 if is_more else -1)
        # A weak leaning that is pressed itself may have to go: it ends where it was not meant to.
        stays = 1 if change.after else 2
        kinds[0 if moved > 0 else 3 if moved < 0 else stays].append(change)
    return kinds


def places_in_words(places: Places, tense: Tense) -> str:
    """Where papers like this stand, in a sentence; "" where there is nothing to compare.

    Of the 43 papers of your topics in the last 7 days, the 6 like this now stand about 3 places
    higher.
    """
    if places.papers < 2:
        return ""
    begins = f"Of the {places.papers} papers of your topics in the last {DAYS} days,"
    if not places.alike:
        return f"{begins} none is like this."
    many = places.alike > 1
    alike, moved = f"the {places.alike}" if many else "the one", round(abs(places.moved))
    if not moved:
        return f"{begins} {alike} like this {tense.keep[many]}."
    way = "higher" if places.moved > 0 else "lower"
    row = "places" if moved > 1 else "place"
    return f"{begins} {alike} like this {tense.stand[many]} about {moved} {row} {way}."


def _parted(changes: Sequence[Change]) -> tuple[str, str]:
    """What comes first, and the rest: topics before all else."""
    first, *rest = filter(None, _groups(changes))
    return first, in_a_row(rest) if rest else ""


def _all_of(changes: Sequence[Change]) -> str:
    return in_a_row(list(filter(None, _groups(changes))))


def _groups(changes: Sequence[Change]) -> list[str]:
    return [_topics(changes), *_fields(changes), _words(changes)]


def _topics(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "topic"]
    if len(said) > _NAMED + 1:
        said = [*said[:_NAMED], f"{len(said) - _NAMED} more"]
    return f"papers on {in_a_row(said)}" if said else ""


def _fields(changes: Sequence[Change]) -> list[str]:
    begins = {"category": "papers in", "organization": "papers from"}
    return [f"{begins[c.kind]} {c.said}" for c in changes if c.kind in begins]


def _words(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "word"]
    return f"papers with {in_a_row(said, 'or')} in the title" if said else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
