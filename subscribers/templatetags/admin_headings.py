"""What pages of the admin are headed: by the names of the sidebar, not by those of the code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


def read_sidebar() -> dict[str, str]:
    """The name of each list in the sidebar by its address."""
    groups = settings.UNFOLD["SIDEBAR"]["navigation"]
    return {str(one["link"]): str(one["title"]) for group in groups for one in group["items"]}


@register.filter
def headed(parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts of a heading without the app, each list by its name in the sidebar."""
    known, kept, root = read_sidebar(), [], reverse("admin:index")
    for part in parts:
        link = str(part.get("link") or "")
        if link and "/" not in link.removeprefix(root).strip("/"):  # of an app: /admin/auth/
            continue
        kept.append(part | {"title": known.get(link, part["title"])})
    return kept
