"""The groups of staff: those that are shipped stay as they are, others are made beside them."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from digest.roles import ROLES
from subscribers.admin.staff import GroupAdmin

admin.site.unregister(Group)


@admin.register(Group)
class ShippedGroupAdmin(GroupAdmin):
    """What is shipped is made anew by each migration, so that a change of it would not last."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        is_allowed: bool = super().has_change_permission(request, obj)
        return is_allowed and (obj is None or obj.name not in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        is_allowed: bool = super().has_delete_permission(request, obj)
        return is_allowed and (obj is None or obj.name not in ROLES)
