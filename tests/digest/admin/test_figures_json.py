"""The dashboard as JSON: the same numbers, and to nobody more than they may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from digest.watch.daily_figures import update_figures
from tests.digest.flight.editions import make_edition
from tests.factories import make_reader, make_source

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/digest/edition/figures.json"


def read(client: Client) -> dict[str, Any]:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found: dict[str, Any] = answer.json()
    return found


def test_it_says_what_the_page_says(admin_client: Client) -> None:
    make_edition(3)
    reader = make_reader("robots")
    update_figures(timezone.now())
    found = read(admin_client)
    [edition] = found["editions"]
    assert edition["planned"] == edition["waiting"] == 3
    assert edition["seconds_left"] is None, "nothing leaves"
    assert len(found["days"]) == 30 == len(found["deliveries"]["complained"])
    assert found["topics"] == [{"topic": "robots", "followers": 1}]
    assert found["subscribers"]["active"][-1] == 4
    assert reader.email not in str(found)


def test_staff_get_only_what_they_may_see(client: Client) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    client.force_login(helper)
    assert client.get(ADDRESS).status_code == 403
    helper.user_permissions.add(Permission.objects.get(codename="view_source"))
    make_source(title="Feed of theirs")
    assert set(read(client)) == {"at", "counted_at", "days", "papers_by_source"}


def test_strangers_are_asked_to_sign_in_and_a_post_is_refused(
    client: Client, admin_client: Client
) -> None:
    client.logout()
    assert Client().get(ADDRESS).status_code == 302
    admin_client.force_login(User.objects.get(username="admin"))
    assert admin_client.post(ADDRESS).status_code == 405
