"""Says in sentences what a press of *more* or *less* does to a subscriber's digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from digest.english import in_a_row
from digest.feedback.rank_shift import DAYS, RankShift
from digest.feedback.record import Change, Effect
from subscribers.models import MOST_LEANINGS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Tense(NamedTuple):
    """The sentences about what a press will do, or did."""

    come: dict[bool, StrOrPromise]  # by whether it is more
    come_with_others: dict[bool, StrOrPromise]
    forget: StrOrPromise
    keep: StrOrPromise  # by how many are `alike`, as the next one
    stand: StrOrPromise


WILL = Tense(
    come={
        True: _("%(papers)s will come a little earlier in your digest."),
        False: _("%(papers)s will come a little later in your digest."),
    },
    come_with_others={
        True: _("%(papers)s will come a little earlier in your digest; so will %(others)s."),
        False: _("%(papers)s will come a little later in your digest; so will %(others)s."),
    },
    forget=_("To make room, what was learned about %(papers)s will be forgotten: %(most)s"),
    keep=ngettext_lazy(
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the one like this would keep its place.",
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the %(alike)s like this would keep their places.",
        "alike",
    ),
    stand=ngettext_lazy(
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the one like this would stand about %(places)s.",
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the %(alike)s like this would stand about %(places)s.",
        "alike",
    ),
)
DONE = Tense(
    come={
        True: _("%(papers)s now come a little earlier in your digest."),
        False: _("%(papers)s now come a little later in your digest."),
    },
    come_with_others={
        True: _("%(papers)s now come a little earlier in your digest; so do %(others)s."),
        False: _("%(papers)s now come a little later in your digest; so do %(others)s."),
    },
    forget=_("To make room, what was learned about %(papers)s was forgotten: %(most)s"),
    keep=ngettext_lazy(
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the one like this keeps its place.",
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the %(alike)s like this keep their places.",
        "alike",
    ),
    stand=ngettext_lazy(
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the one like this now stands about %(places)s.",
        "Of the %(papers)s papers of your topics in the last %(days)s days, "
        "the %(alike)s like this now stand about %(places)s.",
        "alike",
    ),
)
_NAMED_TOPICS = 3  # where there are more than four
_MOST_THERE_CAN_BE = _("%(most)s leanings are the most there can be.")
NOTHING = _(
    "Nothing can be learned from this paper: none of the topics you follow finds it, and it shares "
    "no category, organization or rare word with others."
)


def describe_effect(effect: Effect, tense: Tense, *, is_more: bool) -> str:
    """The effect of a press in one to four sentences.

    Papers on “RAG” now come a little earlier in your digest; so do papers in cs.CL.
    """
    pressed, full, without_room, pushed_out = _sort_changes(effect, is_more=is_more)
    most = _MOST_THERE_CAN_BE % {"most": MOST_LEANINGS}
    sentences = []
    if pressed:
        first, others = _split_first(pressed)
        said = tense.come_with_others if others else tense.come
        sentences.append(said[is_more] % {"papers": _capitalize(first), "others": others})
    if full:
        early = gettext("%(papers)s already come as early as they can.")
        late = gettext("%(papers)s already come as late as they can.")
        sentences.append((early if is_more else late) % {"papers": _capitalize(_name_all(full))})
    if pushed_out:
        sentences.append(tense.forget % {"papers": _name_all(pushed_out), "most": most})
    if without_room:
        none = gettext("There is no room to learn about %(papers)s: %(most)s")
        sentences.append(none % {"papers": _name_all(without_room), "most": most})
    return " ".join(sentences) or str(NOTHING)


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
    values: dict[str, Any] = {"papers": shift.papers, "days": DAYS, "alike": shift.alike}
    if not shift.alike:
        none = gettext(
            "Of the %(papers)s papers of your topics in the last %(days)s days, none is like this."
        )
        return none % values
    moved = round(abs(shift.moved))
    if not moved:
        return str(tense.keep % values)
    if shift.moved > 0:
        places = ngettext("%(moved)s place higher", "%(moved)s places higher", moved)
    else:
        places = ngettext("%(moved)s place lower", "%(moved)s places lower", moved)
    return str(tense.stand % (values | {"places": places % {"moved": moved}}))


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
    row = {"words": in_a_row(said, is_choice=True)}
    return gettext("papers that say %(words)s") % row if said else ""


def _name_topics(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "topic"]
    if len(said) > _NAMED_TOPICS + 1:
        more = gettext("%(more)s more") % {"more": len(said) - _NAMED_TOPICS}
        said = [*said[:_NAMED_TOPICS], more]
    return gettext("papers on %(topics)s") % {"topics": in_a_row(said)} if said else ""


def _name_fields(changes: Sequence[Change]) -> list[str]:
    said = {
        "category": gettext("papers in %(name)s"),
        "organization": gettext("papers from %(name)s"),
    }
    return [said[c.kind] % {"name": c.said} for c in changes if c.kind in said]


def _name_words(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "word"]
    row = {"words": in_a_row(said, is_choice=True)}
    return gettext("papers with %(words)s in the title") % row if said else ""


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
