"""The alarms of the admin's first page, each with the page on which its first step is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from digest.models import OperatorAlarm
from digest.watch.alarm_pages import find_pages


@dataclass(frozen=True)
class ShownAlarm:
    """What is wrong, and the page to begin at; without words where the admin has none for it."""

    sentence: str
    words: str = ""
    url: str = ""


def show_alarms(alarms: Iterable[OperatorAlarm], may: Callable[[str], bool]) -> list[ShownAlarm]:
    """Each with the page that its sentence speaks of, where this member of staff may see it."""
    lasting = list(alarms)
    pages = find_pages(one.kind for one in lasting)
    shown = {kind: (page.words, page.url) for kind, page in pages.items() if may(page.permission)}
    return [ShownAlarm(one.sentence, *shown.get(one.kind, ("", ""))) for one in lasting]
