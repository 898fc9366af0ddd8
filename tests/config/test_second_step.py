"""A password alone opens nothing to whoever has a second step, or where one is needed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import second_step, second_step_set_up
from tests.factories import NOW
from tests.second_step import SET_UP, STEP, begin, compute_code, read_field, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


def test_whoever_set_it_up_is_asked_for_a_code_before_anything_is_shown(
    client: Client, ada: User
) -> None:
    sign_in(client)
    assert len(begin(client)) == 10
    assert client.get("/admin/").status_code == 200
    other = Client()
    with time_machine.travel(NOW.replace(hour=13), tick=False):
        assert sign_in(other).status_code == 302
        refused = other.get("/admin/subscribers/subscriber/?q=x")
        assert refused.status_code == 302
        where = urlsplit(refused["Location"])
        assert where.path == STEP
        assert other.get("/outbox/").status_code == 404
        assert other.post(SET_UP, {"end": "1"})["Location"].startswith(STEP)
        assert other.post(SET_UP, {"codes": "1"})["Location"].startswith(STEP)
        wanted = parse_qs(where.query)["next"][0]
        answer = other.post(STEP, {"code": compute_code(ada), "next": wanted})
        assert answer["Location"] == "/admin/subscribers/subscriber/?q=x"
        assert other.get("/admin/").status_code == 200


def test_no_code_is_taken_twice_and_a_wrong_one_says_so(client: Client, ada: User) -> None:
    sign_in(client)
    begin(client)
    other = Client()
    sign_in(other)
    code = compute_code(ada)  # of this moment, with which it was set up
    assert b"not the code of this moment" in other.post(STEP, {"code": code}).content
    assert b"Try again in 1 seconds" in other.post(STEP, {"code": "000000"}).content
    assert other.get("/admin/").status_code == 302


def test_whoever_knows_the_password_does_not_slow_its_owner_down_on_a_device_of_theirs(
    client: Client, ada: User
) -> None:
    sign_in(client)
    codes = begin(client)
    client.cookies.pop("sessionid")
    for n in range(6):  # the pause is half a minute by now
        with time_machine.travel(NOW.replace(hour=13, minute=n), tick=False):
            stranger = Client()
            sign_in(stranger)  # known by its password from here on, which is not enough
            stranger.post(STEP, {"code": "000000"})
            stranger.post(STEP, {"code": "aaaaaaaa"})
    with time_machine.travel(NOW.replace(hour=13, minute=5, second=1), tick=False):
        code = compute_code(ada)
        stranger.cookies.pop("sessionid")
        sign_in(stranger)
        assert b"Try again in" in stranger.post(STEP, {"code": code}).content
        assert b"Try again in" in stranger.post(STEP, {"code": codes[0]}).content
        sign_in(client)
        assert client.post(STEP, {"code": code})["Location"] == "/admin/"
        client.cookies.pop("sessionid")
        sign_in(client)
        assert client.post(STEP, {"code": codes[0]})["Location"] == "/admin/"


def test_a_known_device_has_a_few_tries_without_a_pause_and_then_as_everybody(
    client: Client, ada: User
) -> None:
    sign_in(client)
    begin(client)
    client.cookies.pop("sessionid")
    sign_in(client)
    with time_machine.travel(NOW.replace(hour=13), tick=False):
        said = [client.post(STEP, {"code": "000000"}).content for _ in range(7)]
    assert [b"Try again in" in one for one in said] == [False] * 6 + [True]
    device = TOTPDevice.objects.get(user=ada)
    assert device.throttling_failure_count == 1  # by the sixth alone


def test_each_recovery_code_gets_in_once(client: Client, ada: User) -> None:
    sign_in(client)
    codes = begin(client)
    for n, status in enumerate((302, 200)):
        other = Client()
        with time_machine.travel(NOW.replace(hour=13 + n), tick=False):
            sign_in(other)
            assert other.post(STEP, {"code": codes[0].upper()}).status_code == status
    assert StaticToken.objects.count() == 9
    fresh = client.post(SET_UP, {"codes": "1"}).content.decode()
    assert codes[1] not in fresh
    assert StaticToken.objects.count() == 10


def test_whoever_got_in_by_a_recovery_code_can_make_new_ones_and_go_on(
    client: Client, ada: User
) -> None:
    sign_in(client)
    codes = begin(client)
    other = Client()
    with time_machine.travel(NOW.replace(hour=13), tick=False):
        sign_in(other)
        other.post(STEP, {"code": codes[0]})
        assert b"recovery codes" in other.post(SET_UP, {"codes": "1"}).content
        assert other.get("/admin/").status_code == 200
    assert StaticToken.objects.filter(device__user=ada).count() == 10


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("code", ["", "\0abcdefg", "a-b", "' OR 1=1"])
def test_what_no_code_looks_like_is_a_wrong_one(client: Client, code: str) -> None:
    sign_in(client)
    begin(client)
    other = Client()
    sign_in(other)
    assert b"not the code of this moment" in other.post(STEP, {"code": code}).content


@pytest.mark.usefixtures("ada")
def test_where_it_is_required_nobody_does_anything_without(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_STEP = "required"
    sign_in(client)
    assert client.get("/admin/")["Location"].startswith(SET_UP)
    assert client.post("/admin/subscribers/topic/add/", {"query": "RAG"}).status_code == 302
    begin(client)
    assert client.get("/admin/").status_code == 200
    client.post(SET_UP, {"end": "1"})
    assert TOTPDevice.objects.count() == 1


def test_it_is_ended_by_its_owner_or_by_whoever_has_the_machine(
    client: Client, ada: User, capsys: Any
) -> None:
    sign_in(client)
    begin(client)
    assert client.post(SET_UP, {"end": "1"})["Location"] == "/admin/"
    assert not second_step.has_second_step(ada)
    begin(client)
    call_command("end_second_step", "ada")
    call_command("end_second_step", "ada")
    said = capsys.readouterr().out
    assert "ada has no second step any more" in said
    assert "ada had no second step." in said
    assert not StaticToken.objects.exists()
    with pytest.raises(CommandError, match="Nobody signs in as “eve”"):
        call_command("end_second_step", "eve")


def test_a_key_is_its_owners_for_an_hour_and_a_wrong_code_changes_nothing(
    client: Client, ada: User
) -> None:
    sign_in(client)
    begin(client)
    before = TOTPDevice.objects.get().key
    key = read_field(client.get(SET_UP), "key")
    assert b"not the code of this moment" in client.post(SET_UP, {"key": key, "code": "1"}).content
    theirs = second_step_set_up.signing.dumps([ada.pk + 1, "00" * 20], salt="config.second-step")
    code = f"{totp(bytes(20)):06}"
    client.post(SET_UP, {"key": theirs, "code": code})
    client.post(SET_UP, {"key": "forged", "code": code})
    assert TOTPDevice.objects.get().key == before


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "/", "/admin/../"]
)
def test_it_leads_nowhere_but_into_the_admin(client: Client, next_page: str) -> None:
    sign_in(client)
    answer = client.get(STEP, {"next": next_page})
    assert answer["Location"] in ("/admin/", "/admin/../")


def test_whoever_is_not_signed_in_is_asked_for_the_password_first(client: Client) -> None:
    for page in (STEP, SET_UP):
        assert client.get(page)["Location"].startswith("/admin/login/")


def test_nobody_looks_at_the_keys_of_others_in_the_admin(admin_client: Client) -> None:
    for page in ("otp_totp/totpdevice/", "otp_static/staticdevice/"):
        assert admin_client.get(f"/admin/{page}").status_code == 404


@pytest.mark.usefixtures("ada")
def test_the_picture_is_drawn_here_and_fits_the_policy(client: Client) -> None:
    sign_in(client)
    page = client.get(SET_UP)
    html = page.content.decode()
    assert "<svg" in html
    assert not re.search(r'(?:src|href)="https?://', html)
    assert "style=" not in html.partition('class="qr"')[2].partition("</div>")[0]
    assert "no-store" in page["Cache-Control"]
    assert "otpauth" not in html
