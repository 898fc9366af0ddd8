"""The three groups of staff that are shipped, and what each may see and do.

They are what stands here after each migration: for another mixture make a group of your own. What
somebody may not see is shown to them nowhere (config/admin_look.py leaves it out of the sidebar).
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

# Papers and what is made of them; nothing of anybody.
_LOOK_AT_PAPERS = {
    *("digest.view_source", "digest.view_paper", "digest.view_entry", "digest.view_snapshot"),
    *("digest.view_match", "digest.view_edition", "subscribers.view_topic"),
}
_EDIT_SOURCES_AND_TOPICS = {
    *("digest.add_source", "digest.change_source", "digest.delete_source"),
    *("subscribers.add_topic", "subscribers.change_topic", "subscribers.delete_topic"),
}
_LOOK_AFTER_PEOPLE_AND_MAIL = {
    *("subscribers.view_subscriber", "subscribers.add_subscriber"),
    *("subscribers.change_subscriber", "subscribers.delete_subscriber"),
    *("subscribers.view_interest", "subscribers.add_interest"),
    *("subscribers.change_interest", "subscribers.delete_interest"),
    *("subscribers.view_suppression", "subscribers.add_suppression"),
    "subscribers.delete_suppression",
    *("subscribers.view_sitelook", "subscribers.change_sitelook"),
    *("digest.change_edition", "digest.view_delivery", "digest.change_delivery"),
    *("digest.view_providerevent", "digest.view_domainpause", "digest.delete_domainpause"),
    *("digest.view_managementtoken", "digest.add_managementtoken"),
    "digest.delete_managementtoken",
    *("digest.view_webhook", "digest.add_webhook"),
    *("digest.change_webhook", "digest.delete_webhook"),
    *("admin.view_logentry", "axes.view_accessattempt", "axes.delete_accessattempt"),
}

ROLES: dict[str, frozenset[str]] = {
    "Operator": frozenset(_LOOK_AT_PAPERS | _EDIT_SOURCES_AND_TOPICS | _LOOK_AFTER_PEOPLE_AND_MAIL),
    "Editor": frozenset(_LOOK_AT_PAPERS | _EDIT_SOURCES_AND_TOPICS),
    "Reader": frozenset(_LOOK_AT_PAPERS),
}


def ship_roles(**_: Any) -> None:
    """Make the groups what they are here; called after each migration."""
    known = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.select_related("content_type")
    }
    for name, permissions in ROLES.items():
        group, _is_new = Group.objects.get_or_create(name=name)
        group.permissions.set([known[one] for one in sorted(permissions) if one in known])
