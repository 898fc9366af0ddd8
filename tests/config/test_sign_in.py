"""Guessing is slowed down before a password is hashed, and keeps nobody out who belongs in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from config import sign_in
from digest.management import first_run
from tests.factories import allow

pytestmark = [pytest.mark.django_db, pytest.mark.cached]
PASSWORD = "a long one that nobody guesses"


@pytest.fixture
def admin() -> User:
    return get_user_model().objects.create_superuser("ada", "ada@example.org", PASSWORD)


def try_password(client: Client, password: str, network: str, name: str = "ada") -> Any:
    fields = {"username": name, "password": password}
    return client.post("/admin/login/?next=/admin/", fields, REMOTE_ADDR=network)


def is_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"] == "/admin/")


@pytest.mark.usefixtures("admin")
def test_five_wrong_tries_from_five_addresses_do_not_keep_the_right_person_out(
    client: Client,
) -> None:
    for n in range(5):
        assert not is_in(try_password(client, "wrong", f"192.0.2.{n}"))
    assert is_in(try_password(client, PASSWORD, "198.51.100.1"))


@pytest.mark.usefixtures("admin")
def test_behind_a_proxy_a_strangers_tries_lock_out_only_the_stranger(
    client: Client, settings: Any
) -> None:
    settings.PROXY_HOPS = 1
    fields = {"username": "ada", "password": "wrong"}
    for _ in range(6):
        answer = client.post("/admin/login/", fields, headers={"X-Forwarded-For": "192.0.2.1"})
    said = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "Wait an hour, sign in from a browser that you signed in with before" in said
    assert 'href="/admin/password_reset/"' in said
    fields["password"] = PASSWORD
    answer = client.post(
        "/admin/login/?next=/admin/", fields, headers={"X-Forwarded-For": "192.0.2.2"}
    )
    assert is_in(answer)


@pytest.mark.usefixtures("admin")
def test_who_tries_on_while_locked_out_is_locked_out_no_longer_for_it(client: Client) -> None:
    began = timezone.now()
    # Locked out by the fifth, after 16 minutes; the last wrong one comes after 36.
    for minutes in (*range(0, 40, 4), 80):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            word = PASSWORD if minutes == 80 else "wrong"
            answer = try_password(client, word, "192.0.2.1")
    assert is_in(answer)


@pytest.mark.usefixtures("that_wednesday")  # no minute ends meanwhile
@pytest.mark.usefixtures("admin")
def test_a_thousand_names_cost_no_more_hashes_than_the_limit_of_all(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    hashes = list[str]()

    def count_hash(_: Any, password: str, *__: Any, **___: Any) -> str:
        hashes.append(password)
        return "pbkdf2_sha256$1$salt$none"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", count_hash)
    for n in range(60):
        answer = try_password(client, "wrong", f"10.0.{n}.1", f"name{n}")
    assert 0 < len(hashes) <= sign_in.IN_ALL
    assert b"Too many tries to sign in" in answer.content


@pytest.mark.usefixtures("admin")
def test_a_known_device_gets_in_whatever_strangers_tried_with_that_name(client: Client) -> None:
    assert is_in(try_password(client, PASSWORD, "192.0.2.1"))
    client.cookies.pop("sessionid")
    stranger = Client()
    for n in range(sign_in.PER_NAME + 1):
        answer = try_password(stranger, "wrong", f"203.0.113.{n}")
    assert b"Too many tries" in answer.content
    assert not is_in(try_password(Client(), PASSWORD, "203.0.113.99"))
    assert is_in(try_password(client, PASSWORD, "203.0.113.99"))
    cookie = client.cookies[sign_in.DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == "/admin/"


@pytest.mark.usefixtures("admin")
def test_a_device_that_only_says_it_is_known_is_a_stranger(client: Client) -> None:
    client.cookies[sign_in.DEVICE_COOKIE] = "0" * 64
    for n in range(sign_in.PER_NAME + 1):
        answer = try_password(client, "wrong", f"203.0.113.{n}")
    assert b"Too many tries" in answer.content


@pytest.mark.usefixtures("admin")
def test_the_tries_of_one_device_are_not_those_of_another(client: Client) -> None:
    """Whoever learned the password has a device by it, and keeps nobody else's out with that."""
    assert is_in(try_password(client, PASSWORD, "192.0.2.1"))
    thief = Client()
    assert is_in(try_password(thief, PASSWORD, "203.0.113.1"))
    for each in (client, thief):
        each.cookies.pop("sessionid")
    for n in range(sign_in.PER_DEVICE + 1):
        answer = try_password(thief, "wrong", f"203.0.113.{n}")
    assert b"Too many tries" in answer.content
    assert is_in(try_password(client, PASSWORD, "192.0.2.1"))


@pytest.mark.usefixtures("admin")
def test_a_device_stays_the_same_one_when_it_signs_in_again(client: Client) -> None:
    cookies = set()
    for _ in range(2):
        try_password(client, PASSWORD, "192.0.2.1")
        client.cookies.pop("sessionid")
        cookies.add(client.cookies[sign_in.DEVICE_COOKIE].value)
    assert len(cookies) == 1
    get_user_model().objects.create_user("eve", password=PASSWORD, is_staff=True)
    try_password(client, PASSWORD, "192.0.2.1", "eve")
    assert client.cookies[sign_in.DEVICE_COOKIE].value not in cookies


@pytest.mark.usefixtures("admin")
def test_a_link_by_mail_gets_in_and_leads_to_our_own_host_alone(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert b"/admin/password_reset/" in client.get("/admin/login/").content
    answer = client.post(
        "/admin/password_reset/", {"email": "ada@example.org"}, headers={"Host": "evil.example"}
    )
    assert answer.status_code == 302
    [letter] = mail.outbox
    [link] = re.findall(r"https?://\S+", str(letter.body))
    assert link.startswith(settings.SITE_URL)
    form = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    path = form.redirect_chain[-1][0]
    weak = {"new_password1": "password", "new_password2": "password"}
    assert b"too common" in client.post(path, weak).content
    new = {"new_password1": "quite another one", "new_password2": "quite another one"}
    assert client.post(path, new)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("admin")
def test_links_are_mailed_a_few_an_hour_and_nobody_learns_who_has_an_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        client.post("/admin/password_reset/", {"email": email})["Location"]
        for email in ["ada@example.org"] * (sign_in.LINKS_PER_NAME + 2) + ["who@example.org"]
    ]
    assert len(set(answers)) == 1
    assert len(mail.outbox) == sign_in.LINKS_PER_NAME
    allow(monkeypatch, "LINKS", 0)
    answer = client.post("/admin/password_reset/", {"email": "ada@example.org"})
    assert b"Too many requests for a link" in answer.content


def test_the_password_that_was_printed_asks_to_be_changed_until_it_is(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    password = first_run.make_admin()
    assert password
    try_password(client, password, "192.0.2.1", first_run.ADMIN)
    assert b"Change it now" in client.get("/admin/").content
    admin = get_user_model().objects.get(username=first_run.ADMIN)
    admin.set_password(PASSWORD)
    admin.save()
    try_password(client, PASSWORD, "192.0.2.1", first_run.ADMIN)
    assert b"Change it now" not in client.get("/admin/").content
    assert (tmp_path / sign_in.ONE_TIME_FILE).stat().st_mode & 0o777 == 0o600


def test_a_session_ends_after_twelve_hours(admin: User, client: Client, settings: Any) -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
    client.force_login(admin)
    assert client.session.get_expiry_age() == 12 * 3600
