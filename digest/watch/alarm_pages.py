"""The page of the admin on which an alarm's first step is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from digest.models import Edition


@dataclass(frozen=True)
class AlarmPage:
    """What a link to it says, its address on this site, and who may open it."""

    words: str
    url: str
    permission: str


def find_pages(kinds: Iterable[str]) -> dict[str, AlarmPage]:
    """The page to begin at by the kind of the alarm; none for what is mended elsewhere."""
    lasting = list(kinds)
    editions = {str(one.date): one.pk for one in _find_editions(lasting)}
    pages = {kind: _find_page(kind, editions) for kind in lasting}
    return {kind: page for kind, page in pages.items() if page}


def find_address(kind: str) -> str:
    """The whole address to open first: its page, or the admin's first page where it has none."""
    page = find_pages([kind]).get(kind)
    return f"{settings.SITE_URL}{page.url if page else reverse('admin:index')}"


def _find_editions(kinds: list[str]) -> list[Edition]:
    dates = [day for kind in kinds if (day := _read_date(kind))]
    return list(Edition.objects.filter(date__in=dates)) if dates else []


def _read_date(kind: str) -> str:
    """The date that some kinds end with, as in `edition-2026-04-17`."""
    try:
        return f"{date.fromisoformat(kind[-10:])}"
    except ValueError:
        return ""


def _find_page(kind: str, editions: dict[str, int]) -> AlarmPage | None:
    if kind.startswith("source-"):
        url = reverse("admin:digest_source_change", args=[kind.removeprefix("source-")])
        return AlarmPage(_("The source"), url, "digest.view_source")
    edition = editions.get(_read_date(kind))
    if edition and kind.startswith("edition-"):
        url = reverse("admin:digest_edition_change", args=[edition])
        return AlarmPage(_("The edition"), url, "digest.view_edition")
    deliveries = reverse("admin:digest_delivery_changelist")
    if edition:
        url = f"{deliveries}?edition={edition}"
        return AlarmPage(_("Its deliveries"), url, "digest.view_delivery")
    if kind in ("complaints", "bounces"):
        return AlarmPage(_("Deliveries"), deliveries, "digest.view_delivery")
    return None
