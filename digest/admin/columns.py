"""Columns that several lists show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ago(moment: datetime | None) -> str:
    """A moment as a person would say it: "5 min ago", "just now", "in 2 h"; a dash for None."""
    if moment is None:
        return "–"
    gap = moment - timezone.now()
    if abs(gap) < timedelta(minutes=1):
        return _("just now") if gap <= timedelta(0) else _("within a minute")
    said = describe_span(abs(gap))
    return (
        _("in %(said)s") % {"said": said}
        if gap > timedelta(0)
        else _("%(said)s ago") % {"said": said}
    )


def describe_span(gap: timedelta) -> str:
    minutes = int(gap.total_seconds() // 60)
    if minutes < 90:
        return ngettext("%(minutes)s min", "%(minutes)s min", minutes) % {"minutes": minutes}
    return (
        ngettext("%(hours)s h", "%(hours)s h", minutes // 60) % {"hours": minutes // 60}
        if minutes < 48 * 60
        else _describe_days(minutes // (24 * 60))
    )


def _describe_days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def link(url: str, text: Any) -> SafeString:
    """A link out of the admin; only web addresses become one."""
    if not url.startswith(("http://", "https://", "/")):
        return format_html("{}", text)
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}" rel="noreferrer">{}</a>',
        url,
        text,
    )
