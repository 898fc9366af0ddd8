"""A passkey gets its owner in, and nobody whom a page that looks like ours asked for it."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken

from config import passkeys
from subscribers.models import MOST_PASSKEYS, Passkey
from tests.authenticator import Authenticator
from tests.factories import NOW
from tests.second_step import (
    SET_UP,
    STEP,
    add_passkey,
    begin,
    compute_code,
    enter,
    sign_in,
    sign_in_elsewhere,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.mark.usefixtures("device")
def test_the_first_passkey_comes_with_recovery_codes_and_others_leave_them(client: Client) -> None:
    codes = set(StaticToken.objects.values_list("token", flat=True))
    assert len(codes) == 10
    assert add_passkey(client, Authenticator(), " Key\non the\tring ")["Location"] == SET_UP
    assert add_passkey(client, Authenticator(), "")["Location"] == SET_UP
    assert [str(one) for one in Passkey.objects.all()] == ["Laptop", "Key on the ring", "Passkey 3"]
    assert set(StaticToken.objects.values_list("token", flat=True)) == codes


def test_it_gets_in_again_and_again(device: Authenticator) -> None:
    for n in range(1, 3):
        with time_machine.travel(NOW + timedelta(hours=n), tick=False):
            other = sign_in_elsewhere()
            assert enter(other, device)["Location"] == "/admin/"
            assert other.get("/admin/").status_code == 200
    row = Passkey.objects.get()
    assert (row.sign_count, row.last_used_at) == (device.count, NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "http://evil.localhost:8000"},
        {"origin": "https://localhost:8000"},
        {"site": "evil.example"},
        {"is_verified": False},
        {"in_frame": True},
        {"key": Authenticator().key},
        {"credential_id": b"of nobody"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_answer_that_was_made_elsewhere_gets_nobody_in(
    device: Authenticator, wrong: dict[str, Any]
) -> None:
    other = sign_in_elsewhere()
    answer = enter(other, dataclasses.replace(device, **wrong))
    assert str(passkeys.WRONG) in answer.content.decode()
    assert other.get("/admin/").status_code == 302
    assert Passkey.objects.get().last_used_at is None


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "wrong", [{"origin": "http://localhost:8001"}, {"site": "a"}, {"is_verified": False}]
)
def test_none_is_made_for_another_site_or_without_asking_for_its_owner(
    client: Client, wrong: dict[str, Any]
) -> None:
    sign_in(client)
    assert str(passkeys.WRONG) in add_passkey(client, Authenticator(**wrong)).content.decode()
    assert not Passkey.objects.exists()


def test_a_question_is_answered_once_and_soon_and_by_whom_it_was_put_to(
    client: Client, device: Authenticator
) -> None:
    other, third = sign_in_elsewhere(), sign_in_elsewhere()
    question = other.post(f"{STEP}question/").json()
    answer = {"answer": device.sign_in(question)}
    assert str(passkeys.EXPIRED) in third.post(STEP, answer).content.decode()
    third.post(f"{STEP}question/")
    assert str(passkeys.WRONG) in third.post(STEP, answer).content.decode()
    session = dict(other.session)
    assert other.post(STEP, answer).status_code == 302
    for late in (timedelta(), timedelta(seconds=passkeys.CHALLENGE_SECONDS + 1)):
        with time_machine.travel(NOW + late, tick=False):
            assert str(passkeys.EXPIRED) in third.post(STEP, answer).content.decode()
    # As if both had come at once, and neither had seen that the other took the question.
    racer = sign_in_elsewhere()
    racing = racer.session
    racing["passkey_question"] = session["passkey_question"]
    racing.save()
    device.count = 0
    Passkey.objects.update(sign_count=0)
    said = racer.post(STEP, {"answer": device.sign_in(question)}).content.decode()
    assert str(passkeys.EXPIRED) in said
    with time_machine.travel(NOW, tick=False):
        late_one = third.post(f"{STEP}question/").json()
    with time_machine.travel(NOW + timedelta(seconds=301), tick=False):
        said = third.post(STEP, {"answer": device.sign_in(late_one)}).content.decode()
        assert str(passkeys.EXPIRED) in said
    # A question to make one is none to sign in with, and the reverse.
    assert client.get("/admin/").status_code == 200
    asked = client.post(f"{SET_UP}question/").json()
    mixed = third.session
    mixed["passkey_question"] = client.session["passkey_question"]
    mixed.save()
    assert (
        str(passkeys.EXPIRED)
        in third.post(STEP, {"answer": device.sign_in(asked)}).content.decode()
    )


def test_a_copy_that_counts_from_before_is_refused(device: Authenticator) -> None:
    copy = dataclasses.replace(device)
    assert enter(sign_in_elsewhere(), device).status_code == 302
    assert str(passkeys.COPIED) in enter(sign_in_elsewhere(), copy).content.decode()
    assert enter(sign_in_elsewhere(), device).status_code == 302


def test_a_passkey_that_counts_nothing_is_one_too(client: Client, ada: User) -> None:
    sign_in(client)
    device = Authenticator(count=0)
    add_passkey(client, device)
    for _ in range(2):
        assert enter(sign_in_elsewhere(), device).status_code == 302
    assert Passkey.objects.get(user=ada).sign_count == 0


def test_one_that_is_removed_opens_nothing_and_ends_its_sessions(
    client: Client, device: Authenticator
) -> None:
    other = Authenticator()
    add_passkey(client, other)
    first, second = Passkey.objects.all()
    elsewhere = sign_in_elsewhere()
    enter(elsewhere, device)
    assert elsewhere.get("/admin/").status_code == 200
    client.post(SET_UP, {"remove": str(first.pk)})
    assert list(Passkey.objects.all()) == [second]
    assert elsewhere.get("/admin/")["Location"].startswith(STEP)
    assert str(passkeys.WRONG) in enter(elsewhere, device).content.decode()
    assert enter(elsewhere, other).status_code == 302
    elsewhere.post(SET_UP, {"remove": str(second.pk)})
    assert not Passkey.objects.exists()
    assert not StaticToken.objects.exists()  # with the last of them all of it ends


def test_nobody_removes_anothers(client: Client, device: Authenticator) -> None:
    eve = get_user_model().objects.create_user("eve", password="x", is_staff=True)
    foreign = Client()
    foreign.force_login(eve)
    for which in (str(Passkey.objects.get().pk), "0", "-1", "²", "9" * 40, "9" * 5000, "app"):
        said = foreign.post(SET_UP, {"remove": which}).content.decode()
        assert "no such second step" in said
    assert Passkey.objects.count() == 1
    assert str(passkeys.TAKEN) in add_passkey(foreign, device).content.decode()
    assert client.get("/admin/").status_code == 200


def test_where_a_second_step_is_required_a_passkey_is_one_and_the_last_stays(
    client: Client, device: Authenticator, settings: Any
) -> None:
    settings.STAFF_SECOND_STEP = "required"
    said = client.post(SET_UP, {"remove": str(Passkey.objects.get().pk)}).content.decode()
    assert "this is your only one" in said
    assert Passkey.objects.count() == 1
    assert enter(sign_in_elsewhere(), device).status_code == 302
    fresh = Client()
    fresh.force_login(get_user_model().objects.create_user("eve", is_staff=True))
    assert fresh.get("/admin/")["Location"].startswith(SET_UP)
    add_passkey(fresh, Authenticator())
    assert fresh.get("/admin/").status_code == 200


def test_that_the_app_is_the_only_way_is_said_where_browsers_make_no_passkeys_too(
    client: Client, ada: User, settings: Any
) -> None:
    settings.SITE_URL, settings.STAFF_SECOND_STEP = "http://192.0.2.1", "required"
    client.force_login(ada)
    begin(client)
    said = client.post(SET_UP, {"remove": "app"}).content.decode()
    assert "this is your only one" in said


def test_app_and_passkey_stand_side_by_side_and_either_is_removed(
    client: Client, device: Authenticator, ada: User
) -> None:
    begin(client)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        other = sign_in_elsewhere()
        assert "six digits" in other.get(STEP).content.decode()
        assert other.post(STEP, {"code": compute_code(ada)}).status_code == 302
    client.post(SET_UP, {"remove": "app"})
    third = sign_in_elsewhere()
    assert "six digits" not in third.get(STEP).content.decode()
    assert enter(third, device).status_code == 302


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    "answer",
    [
        "", "{", "[]", "null", '"x"', "1", "{}", '{"rawId": 1}', "[" * 9_000, "x" * 30_000,
        '{"rawId": "AA", "response": {}}', '{"rawId": "AA", "response": []}',
        json.dumps({"rawId": "AA", "type": "public-key", "response": {
            "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}),
        json.dumps({"rawId": "AA", "type": "public-key", "response": {
            "clientDataJSON": "W10", "attestationObject": "gA" * 4000}}),
        '"\\ud800"', '{"rawId": "\\ud800", "response": {}}', "\u0000",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_gets_a_sentence(client: Client, answer: str) -> None:
    client.post(f"{SET_UP}question/")
    assert str(passkeys.WRONG) in client.post(SET_UP, {"answer": answer}).content.decode()
    other = sign_in_elsewhere()
    other.post(f"{STEP}question/")
    assert str(passkeys.WRONG) in other.post(STEP, {"answer": answer}).content.decode()


@pytest.mark.usefixtures("device")
def test_what_is_asked_names_no_person_and_is_kept_nowhere(client: Client) -> None:
    asked = client.post(f"{SET_UP}question/")
    question = asked.json()["publicKey"]
    assert "no-store" in asked["Cache-Control"]
    assert question["rp"] == {"id": "localhost", "name": "localhost"}
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert {one["alg"] for one in question["pubKeyCredParams"]} == set(passkeys.ALGORITHMS)
    assert [one["id"] for one in question["excludeCredentials"]] == [
        Passkey.objects.get().credential_id
    ]
    other = sign_in_elsewhere()
    asked = other.post(f"{STEP}question/").json()["publicKey"]
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert other.get(f"{STEP}question/").status_code == 405
    assert other.post(f"{SET_UP}question/").status_code == 302  # the first step alone adds no key


def test_nobody_is_asked_who_is_not_signed_in_or_has_none(client: Client, ada: User) -> None:
    for page in (STEP, SET_UP):
        assert client.post(f"{page}question/").status_code == 403
    client.force_login(ada)
    assert client.post(f"{STEP}question/").status_code == 404
    client.force_login(get_user_model().objects.create_user("eve"))
    assert client.post(f"{SET_UP}question/").status_code == 403


def test_there_is_an_end_to_how_many_one_has(client: Client, ada: User) -> None:
    sign_in(client)
    for _ in range(MOST_PASSKEYS):
        add_passkey(client, Authenticator())
    assert client.post(f"{SET_UP}question/").status_code == 409
    assert Passkey.objects.filter(user=ada).count() == MOST_PASSKEYS


@pytest.mark.parametrize(
    ("site", "origin", "are_possible"),
    [
        ("https://papers.example.org", "https://papers.example.org", True),
        ("https://Papers.example.org:443/", "https://papers.example.org", True),
        ("https://papers.example.org:8443", "https://papers.example.org:8443", True),
        ("http://localhost:8000", "http://localhost:8000", True),
        ("http://papers.example.org", "http://papers.example.org", False),
        ("https://192.0.2.1", "https://192.0.2.1", False),
    ],
)
def test_whether_browsers_make_them_goes_by_the_address_of_the_site(
    settings: Any, site: str, origin: str, are_possible: bool
) -> None:
    settings.SITE_URL = site
    assert (passkeys.find_origin(), passkeys.are_possible()) == (origin, are_possible)


def test_without_a_script_the_page_says_what_works(
    client: Client, device: Authenticator, settings: Any
) -> None:
    other = sign_in_elsewhere()
    assert "needs JavaScript" in other.get(STEP).content.decode()
    page = client.get(SET_UP).content.decode()
    assert "An app, below, works without" in page
    assert "<script>" not in page
    assert " onclick" not in page
    assert device.origin in page
    settings.SITE_URL = "http://192.0.2.1"
    assert "Browsers make passkeys only for" in client.get(SET_UP).content.decode()
