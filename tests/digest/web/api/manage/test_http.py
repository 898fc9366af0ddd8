"""Who may ask what: no token, an ended one, one without the scope, an owner without the right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from digest.models import ManagementToken, Source
from digest.models.management_tokens import SCOPES, hash_secret
from digest.roles import ROLES
from digest.web.api.manage.urls import urlpatterns
from subscribers.models import Subscriber
from tests.digest.web.api.manage.asking import (
    ROOT,
    SPEC,
    Script,
    make_operator,
    make_script,
    make_token,
)
from tests.factories import allow, make_source, make_subscriber

pytestmark = pytest.mark.django_db


def test_without_a_token_nothing_is_told(client: Client) -> None:
    make_subscriber(email="ada@example.org")
    client.force_login(make_operator())  # a cookie is no token
    for secret in (None, "", "Bearer", "Basic x", "Bearer offprint_wrong", "Bearer é"):
        headers = {} if secret is None else {"Authorization": secret}
        answer = client.get(f"{ROOT}subscribers", headers=headers)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "token" in answer.json()["detail"]


def test_a_token_that_was_ended_or_has_expired_or_whose_owner_left_is_none() -> None:
    owner = make_operator()
    (ended, one), (_, two) = make_token(), make_token(expires_at=timezone.now() - timedelta(1))
    three = make_script(owner=make_operator("left"))
    Script(one).get("token")
    ended.delete()
    Script(one).get("token", 401)
    Script(two).get("token", 401)
    three.get("token")
    make_operator("left").__class__.objects.filter(username="left").update(is_staff=False)
    three.get("token", 401)
    assert owner.is_active


def test_of_a_secret_only_the_hash_is_kept() -> None:
    token, secret = make_token()
    kept = ManagementToken.objects.values().get()
    assert secret not in str(kept)
    assert (kept["secret_hash"], kept["hint"]) == (hash_secret(secret), secret[:13])
    assert secret not in str(token)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_token_does_what_its_scopes_name_and_nothing_else(scope: str) -> None:
    script = make_script(scopes=[scope])
    room, _, verb = scope.partition(":")
    for other in ("subscribers", "topics", "suppressions", "editions", "sources"):
        script.get(other, 200 if (other, verb) == (room, "read") else 403)
    for other in ("subscribers", "topics", "suppressions", "sources"):
        script.post(other, {"x": 1}, 422 if (other, verb) == (room, "write") else 403)
    assert (
        "lacks the scope"
        in script.get("editions" if room != "editions" else "topics", 403)["detail"]
    )


def test_a_token_never_does_what_its_owner_may_not() -> None:
    subscriber, source = make_subscriber(), make_source()
    editor = make_operator("editor", is_superuser=False)
    editor.groups.add(Group.objects.get(name="Editor"))
    script = make_script(owner=editor)
    assert "lacks the permission" in script.get("subscribers", 403)["detail"]
    script.ask("DELETE", f"subscribers/{subscriber.pk}", status=403)
    script.post(f"subscribers/{subscriber.pk}/unsubscribe", status=403)
    script.post(f"sources/{source.pk}/pause")
    assert Subscriber.objects.get().is_active
    assert not Source.objects.get(pk=source.pk).is_active
    scopes = {scope.permission for scope in SCOPES.values()}
    assert scopes <= ROLES["Operator"]


def test_answers_are_kept_by_nobody_and_read_by_no_other_site() -> None:
    _, secret = make_token()
    bearer = {"Authorization": f"Bearer {secret}", "Origin": "https://elsewhere.example"}
    for answer in (
        Client().get(f"{ROOT}topics", headers=bearer),
        Client().get(f"{ROOT}topics"),
    ):
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer


def test_too_many_requests_of_one_token_leave_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = make_script(), make_script()
    allow(monkeypatch, "MANAGEMENT", 2)
    assert [one.get("token") and 200, one.get("topics") and 200] == [200, 200]
    assert "Try again in" in one.get("token", 429)["detail"]
    other.get("token")


def test_wrong_tokens_are_counted_and_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    script = make_script()
    allow(monkeypatch, "WRONG_TOKENS", 1)
    assert [Client().get(f"{ROOT}token").status_code for _ in range(2)] == [401, 429]
    script.get("token")


def test_that_a_token_is_in_use_is_noted_now_and_then() -> None:
    token, secret = make_token()
    Script(secret).get("token")
    token.refresh_from_db()
    first = token.last_used_at
    Script(secret).get("token")
    token.refresh_from_db()
    assert first is not None
    assert token.last_used_at == first


def test_other_methods_and_addresses_are_refused_in_a_sentence() -> None:
    script = make_script()
    assert "GET, POST" in script.ask("PUT", "subscribers", status=405)["detail"]
    assert "openapi.json" in script.get("nothing", 404)["detail"]
    assert "There are: poll" in script.post("sources/1/explode", status=404)["detail"]
    assert "no subscriber 99" in script.get("subscribers/99", 404)["detail"]
    script.get(f"subscribers/{10**30}", 404)


def test_the_document_names_every_address_and_each_operation_its_scope() -> None:
    documented = {path.removeprefix(ROOT).split("{")[0].split("/")[0] for path in SPEC["paths"]}
    routed = {str(one.pattern).split("/")[0] for one in urlpatterns} - {""}
    assert documented == routed
    for path, operations in SPEC["paths"].items():
        for method, operation in operations.items():
            if method != "parameters" and not path.endswith("/token"):
                assert operation["description"].rpartition("Scope: ")[2].rstrip(".") in SCOPES


def test_a_large_body_is_refused_in_json() -> None:
    assert "bytes at most" in make_script().post("topics", {"query": "x" * 300_000}, 413)["detail"]
