"""The accounts of staff, as a superuser sees and changes them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_an_account_has_a_role_and_no_dates_to_type(admin_client: Client) -> None:
    colleague = User.objects.create(username="noether", is_staff=True)
    url = reverse("admin:auth_user_change", args=[colleague.pk])
    page = admin_client.get(url).content.decode()
    assert "a Reader sees no address of anybody" in page
    for name in ("date_joined_0", "last_login_0", "user_permissions", "is_staff"):
        assert f'name="{name}"' not in page
    editor = Group.objects.get(name="Editor")
    typed = {"username": "noether", "email": "e@example.org", "is_active": "on"}
    assert admin_client.post(url, typed | {"groups": [editor.pk]}).status_code == 302
    colleague.refresh_from_db()
    assert list(colleague.groups.all()) == [editor]
    assert (colleague.is_staff, colleague.is_superuser) == (True, False)


def test_rights_of_their_own_stay_in_sight(admin_client: Client) -> None:
    colleague = User.objects.create(username="noether", is_staff=True)
    colleague.user_permissions.add(Permission.objects.get(codename="view_source"))
    page = admin_client.get(reverse("admin:auth_user_change", args=[colleague.pk]))
    assert 'name="user_permissions"' in page.content.decode()


def test_the_line_below_counts_accounts(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:auth_user_changelist")).content.decode()
    assert "1 account</div>" in page
    User.objects.create(username="noether")
    page = admin_client.get(reverse("admin:auth_user_changelist")).content.decode()
    assert "2 accounts</div>" in page
