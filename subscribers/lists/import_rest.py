"""What an export of ours says of a subscriber beyond the columns that other lists have.

It is taken in with a consent that was given elsewhere: whoever is asked to confirm chooses anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from subscribers.lists.import_cells import NO, YES, BadCell, read_moment, read_topics
from subscribers.models import Interest, Subscriber, Topic
from subscribers.web.fields import TopicsField

# By the names under which `import_file` has them.
SWITCHES = {
    "wants near": "wants_near",
    "wants passing": "wants_passing",
    "wants everywhere": "wants_everywhere",
}


@dataclass(frozen=True)
class Rest:
    """What is muted, since when nothing may come, and what else may come."""

    muted: list[str] = field(default_factory=list)
    paused_until: datetime | None = None
    switches: dict[str, bool] = field(default_factory=dict)


def read_rest(others: Mapping[str, str]) -> Rest:
    """Read these columns where they are there; BadCell says what to write instead."""
    switches = {
        column: _read_switch(name, others[name])
        for name, column in SWITCHES.items()
        if others.get(name)
    }
    return Rest(_read_muted(others), _read_pause(others.get("paused until", "")), switches)


def _read_muted(others: Mapping[str, str]) -> list[str]:
    try:
        return TopicsField("", required=False).clean(read_topics(others.get("muted", "")))
    except ValidationError as error:
        raise _refuse_cell("muted", others["muted"], " ".join(error.messages)) from error


def _read_pause(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        return read_moment(cell)
    except ValueError as error:
        said = _("Write a date such as 2026-04-22, or nothing.")
        raise _refuse_cell("paused_until", cell, said) from error


def _read_switch(name: str, cell: str) -> bool:
    if cell.lower() in YES | NO:
        return cell.lower() in YES
    raise _refuse_cell(name.replace(" ", "_"), cell, _("Write yes or no."))


def _refuse_cell(column: str, cell: str, said: str) -> BadCell:
    values = {"column": column, "cell": cell, "said": said}
    return BadCell(_("%(column)s “%(cell)s”: %(said)s") % values)


def take_rest(subscriber: Subscriber, rest: Rest) -> None:
    """Write it into the row of whoever was confirmed just now; what they follow is not muted."""
    set_rest(subscriber, rest)
    subscriber.save(update_fields=["paused_until", *rest.switches])
    Interest.objects.bulk_create(
        [
            Interest(subscriber=subscriber, topic=topic, mode=Interest.Mode.MUTE, typed=topic.typed)
            for topic in Topic.objects.get_or_create_topics(rest.muted)
        ],
        ignore_conflicts=True,
    )


def set_rest(subscriber: Subscriber, rest: Rest) -> None:
    """Set what of it stands in the subscriber's own row, without saving."""
    subscriber.paused_until = rest.paused_until
    for column, is_wanted in rest.switches.items():
        setattr(subscriber, column, is_wanted)
