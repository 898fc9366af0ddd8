"""Where in the admin an alarm's first step is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from digest.models import Edition, OperatorAlarm


@dataclass(frozen=True)
class ShownAlarm:
    """What is wrong, and the page to begin at; without words where the admin has none for it."""

    sentence: str
    words: str = ""
    url: str = ""


def show_alarms(alarms: Iterable[OperatorAlarm], may: Callable[[str], bool]) -> list[ShownAlarm]:
    """Each with the page that its sentence speaks of, where this member of staff may see it."""
    lasting = list(alarms)
    editions = {str(one.date): one.pk for one in _find_editions(lasting)}
    return [ShownAlarm(one.sentence, *_find_page(one.kind, editions, may)) for one in lasting]


def _find_editions(alarms: list[OperatorAlarm]) -> list[Edition]:
    dates = [day for one in alarms if (day := _read_date(one.kind))]
    return list(Edition.objects.filter(date__in=dates)) if dates else []


def _read_date(kind: str) -> str:
    """The date that some kinds end with, as in `edition-2026-04-17`."""
    try:
        return f"{date.fromisoformat(kind[-10:])}"
    except ValueError:
        return ""


def _find_page(kind: str, editions: dict[str, int], may: Callable[[str], bool]) -> tuple[str, str]:
    if kind.startswith("source-") and may("digest.view_source"):
        pk = kind.removeprefix("source-")
        return _("The source"), reverse("admin:digest_source_change", args=[pk])
    edition = editions.get(_read_date(kind))
    if edition and kind.startswith("edition-"):
        return _("The edition"), reverse("admin:digest_edition_change", args=[edition])
    if may("digest.view_delivery"):
        deliveries = reverse("admin:digest_delivery_changelist")
        if edition:
            return _("Its deliveries"), f"{deliveries}?edition={edition}"
        if kind in ("complaints", "bounces"):
            return _("Deliveries"), deliveries
    return "", ""
