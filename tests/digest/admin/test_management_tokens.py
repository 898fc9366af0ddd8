"""A token is made in the admin, shown once, seen by its owner alone, and ended by deleting it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from digest.models import ManagementToken
from tests.digest.admin.pages import address, text
from tests.digest.web.api.manage.asking import Script, make_operator, make_token

pytestmark = pytest.mark.django_db
NEW = {"name": "nightly sync", "scopes": ["topics:read", "sources:read"], "ends_on": ""}


def add(staff: Client, **fields: Any) -> Any:
    return staff.post(address(ManagementToken, "add"), NEW | fields)


def test_a_new_token_is_shown_once_and_works_until_it_is_deleted(staff: Client) -> None:
    answer = add(staff)
    [secret] = re.findall(r'value="(offprint_[\w-]{43})"', text(answer))
    assert "no-store" in answer["Cache-Control"]
    token = ManagementToken.objects.get()
    assert (token.owner.username, token.scopes) == ("noether", NEW["scopes"])
    for page in (address(ManagementToken), address(ManagementToken, "change", token.pk)):
        shown = text(staff.get(page))
        assert token.hint in shown
        assert secret not in shown
    assert "last used" in text(staff.get(address(ManagementToken))).lower()
    Script(secret).get("topics")
    Script(secret).get("subscribers", 403)
    staff.post(address(ManagementToken, "delete", token.pk), {"post": "yes"})
    Script(secret).get("topics", 401)
    assert LogEntry.objects.filter(object_repr__startswith="nightly sync (offprint_").count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scopes": []}, "Tick at least one thing"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
        ({"ends_on": "2020-01-01"}, "not in the future"),
    ],
)
def test_what_is_no_token_comes_back_as_a_sentence(
    staff: Client, fields: dict[str, Any], said: str
) -> None:
    assert said in text(add(staff, **fields))
    assert not ManagementToken.objects.exists()


def test_operators_see_their_own_tokens_alone(client: Client) -> None:
    theirs, _ = make_token(name="of another")
    operator = make_operator("lovelace", is_superuser=False)
    operator.groups.add(Group.objects.get(name="Operator"))
    mine, _ = make_token(operator, name="of mine")
    client.force_login(operator)
    shown = text(client.get(address(ManagementToken)))
    assert ("of mine" in shown, "of another" in shown) == (True, False)
    assert (
        client.post(address(ManagementToken, "delete", theirs.pk), {"post": "yes"}).status_code
        == 302
    )
    assert ManagementToken.objects.count() == 2
    assert client.post(address(ManagementToken, "change", mine.pk), NEW).status_code == 403


def test_nothing_but_the_secret_comes_after_a_token_is_made(staff: Client) -> None:
    page = text(staff.get(address(ManagementToken, "add")))
    assert 'name="_save"' in page
    assert 'name="_continue"' not in page
    assert 'name="_addanother"' not in page
