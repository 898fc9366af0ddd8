"""What staff do to sign in with a second step: a password, a code of an app, or a passkey."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import second_step_set_up
from tests.authenticator import Authenticator

STEP, SET_UP, PASSWORD = "/admin/second-step/", "/admin/second-step/set-up/", "a long one, guess it"


def sign_in(client: Client) -> Any:
    fields = {"username": "ada", "password": PASSWORD}
    return client.post("/admin/login/?next=/admin/", fields)


def read_field(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.content.decode())
    assert found
    return found[1]


def compute_code(user: User) -> str:
    key = TOTPDevice.objects.get(user=user).bin_key
    return f"{totp(key):06}"


def begin(client: Client) -> list[str]:
    """Set up the second step as the page says; returns the recovery codes."""
    page = client.get(SET_UP)
    key = read_field(page, "key")
    _, secret = second_step_set_up.signing.loads(key, salt="config.second-step")
    answer = client.post(SET_UP, {"key": key, "code": f"{totp(bytes.fromhex(secret)):06}"})
    assert answer.status_code == 200
    return re.findall(r"<code>([a-z2-7]{8})</code>", answer.content.decode())


def add_passkey(client: Client, device: Authenticator, name: str = "Laptop") -> Any:
    question = client.post(f"{SET_UP}question/").json()
    return client.post(SET_UP, {"answer": device.register(question), "name": name})


def enter(client: Client, device: Authenticator) -> Any:
    question = client.post(f"{STEP}question/").json()
    return client.post(STEP, {"answer": device.sign_in(question), "next": "/admin/"})


def sign_in_elsewhere() -> Client:
    other = Client()
    sign_in(other)
    assert other.get("/admin/")["Location"].startswith(STEP)
    return other
