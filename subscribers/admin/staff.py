"""Django's own admin of users and groups, in unfold's look, and the log of what they did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminEmailInputWidget

from subscribers.admin.lists import NamedList, ReadOnlyAdmin, column

admin.site.unregister(User)
admin.site.unregister(Group)


ROLES_EXPLAINED = _(
    "An Operator may do all but accounts, an Editor sources and topics; a Reader sees no "
    "address of anybody. Whoever has none can sign in, and sees nothing."
)


class NewStaffForm(UserCreationForm):  # type: ignore[misc]
    """A colleague with what they may do, on one page; nobody but staff has an account here."""

    email = forms.EmailField(
        label=_("Email"),
        required=False,
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("A link goes there when they forget the password; without one nothing does."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=_("Role"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=ROLES_EXPLAINED,
    )


class ChangedBySuperusers:
    """Accounts and groups: whoever may change one could give themselves every other right."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_everything(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return _may_everything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return _may_everything(request)


def _may_everything(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


@admin.register(User)
class StaffAdmin(ChangedBySuperusers, DjangoUserAdmin, NamedList):  # type: ignore[misc,type-arg]
    """Whoever has done something is not deleted, since the log would go too: untick Active."""

    form = UserChangeForm
    list_display = ["username", "email", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    filter_titles = {"is_active": _("May they sign in?"), "groups": _("Their role")}
    add_form = NewStaffForm
    add_fieldsets = ((None, {"fields": ("username", "email", "groups", "password1", "password2")}),)
    change_password_form = AdminPasswordChangeForm
    # A role is what somebody may do: single rights are for groups. Dates of fact are not typed.
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (_("What they may do"), {"fields": ("is_active", "groups", "is_superuser")}),
        (_("Since when"), {"fields": ("date_joined", "last_login")}),
    )
    readonly_fields = ("date_joined", "last_login")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Whoever has rights of their own, given before, keeps them in sight."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or not obj.user_permissions.exists():
            return shown
        return (*shown, (_("Single rights"), {"fields": ("user_permissions",)}))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name == "groups":
            options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
            field = db_field.formfield(**options)
            field.label, field.help_text = _("Role"), ROLES_EXPLAINED
            return field
        return super().formfield_for_manytomany(db_field, request, **options)

    def count_in_words(self, count: int) -> str:
        return ngettext("%(count)s account", "%(count)s accounts", count) % {"count": f"{count:,}"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups")

    @column(_("Role"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("may do everything")
        return ", ".join(group.name for group in user.groups.all()) or gettext("none")

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_allowed: bool = super().has_delete_permission(request, obj)
        return is_allowed and obj is not None and not LogEntry.objects.filter(user=obj).exists()


@admin.register(Group)
class GroupAdmin(ChangedBySuperusers, DjangoGroupAdmin, NamedList):  # type: ignore[misc]
    pass


@admin.register(LogEntry)
class StaffLogAdmin(ReadOnlyAdmin):
    """Who did what, when; the rows are named by number, since the log must hold no address."""

    list_display = ["action_time", "user", "row", "said"]
    list_filter = ["action_flag", ("content_type", admin.RelatedOnlyFieldListFilter)]
    filter_titles = {
        "action_flag": _("Was it added, changed or deleted?"),
        "content_type": _("What it was done to"),
    }
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username__exact", "change_message", "object_repr"]
    search_help_text = _("A whole user name, or part of what was done")
    ordering = ("-action_time", "-pk")
    sortable_by = ["action_time"]
    fields = ["action_time", "user", "row", "said"]

    @column(_("What"))
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()

    @column(_("On"))
    def row(self, entry: LogEntry) -> SafeString:
        """The row's number, which leads to it as long as it is there."""
        kind: Any = entry.content_type
        try:
            name = f"admin:{kind.app_label}_{kind.model}_change"
            url = reverse(name, args=[entry.object_id])
        except (AttributeError, NoReverseMatch):  # of a model that is gone
            return format_html("{}", entry.object_repr)
        classes = "text-primary-600 dark:text-primary-500"
        return format_html('<a class="{}" href="{}">{}</a>', classes, url, entry.object_repr)
