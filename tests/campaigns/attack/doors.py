"""Attacks on the doors: guessing at the admin's, forged links, and addresses that mislead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path

from bench.work import ROOT
from tests.campaigns.attack.odd import find_faults
from tests.campaigns.attack.site import Answer, Request, Site, make_network

NAME, PASSWORD = "ada", "a long one that nobody guesses"
TRIES = 100
HASHES_A_MINUTE = 20
LOGIN = "/admin/login/?next=/admin/"
_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def list_attacks() -> dict[str, Callable[[Site], bool]]:
    """Each attack by what is tried; whether the site held."""
    return {
        "five wrong sign-ins from five addresses, then the right one": let_the_right_one_in,
        f"{TRIES} names guessed at, each from a network of its own": bound_hashes,
        "a known device, after strangers tried its name too often": let_a_known_device_in,
        "the link for a lost password, to a host of the stranger's": mail_no_foreign_host,
        "forged links to preferences, feedback and account": refuse_forged_links,
        "a page in another site's frame, a plain-text sniff": send_headers,
        "odd addresses, hosts and heads, HTTP/1.0 and 1.1": answer_odd_requests,
        "a passkey's question, without signing in": ask_no_stranger,
    }


def make_admin(site: Site) -> None:
    env = os.environ | dict(site.env) | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput"]
    command += ["--username", NAME, "--email", "ada@example.org"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def try_password(site: Site, name: str, password: str, network: str, device: str = "") -> Answer:
    """Sign in as a browser does: with the form's token, and the cookie of a known device."""
    page = site.ask(Request("", "GET", LOGIN), network)
    cookie = SimpleCookie(page.headers.get("Set-Cookie", ""))["csrftoken"].value
    token = _FORM_TOKEN.search(page.text)
    fields = {"username": name, "password": password, "csrfmiddlewaretoken": token and token[1]}
    cookies = "; ".join([f"csrftoken={cookie}", *([f"offprint_device={device}"] if device else [])])
    return site.ask(Request("", "POST", LOGIN, fields, {"Cookie": cookies}), network)


def is_in(answer: Answer) -> bool:
    return answer.status == HTTPStatus.FOUND and answer.headers.get("Location") == "/admin/"


def let_the_right_one_in(site: Site) -> bool:
    for _ in range(5):
        try_password(site, NAME, "wrong", make_network())
    return is_in(try_password(site, NAME, PASSWORD, make_network()))


def bound_hashes(site: Site) -> bool:
    """Who is refused before the password was hashed reads so."""
    answers = [try_password(site, f"name{n}", "wrong", make_network()) for n in range(TRIES)]
    hashed = [one for one in answers if "Too many tries to sign in" not in one.text]
    # The minute may end on the way.
    return len(hashed) <= 2 * HASHES_A_MINUTE


def let_a_known_device_in(site: Site) -> bool:
    first = try_password(site, NAME, PASSWORD, make_network())
    if not is_in(first):  # the minute is still used up by the attack before
        return _wait_and_let_in(site)
    return _is_known_device_in(site, first)


def _wait_and_let_in(site: Site) -> bool:
    time.sleep(61)
    return _is_known_device_in(site, try_password(site, NAME, PASSWORD, make_network()))


def _is_known_device_in(site: Site, first: Answer) -> bool:
    device = re.search(r"offprint_device=(\w+)", first.headers.get("Set-Cookie", ""))
    for _ in range(15):
        try_password(site, NAME, "wrong", make_network())
    return bool(device) and is_in(
        try_password(site, NAME, PASSWORD, make_network(), device[1] if device else "")
    )


def mail_no_foreign_host(site: Site) -> bool:
    page = site.ask(Request("", "GET", "/admin/password_reset/"))
    cookie = SimpleCookie(page.headers.get("Set-Cookie", ""))["csrftoken"].value
    token = _FORM_TOKEN.search(page.text)
    fields = {"email": "ada@example.org", "csrfmiddlewaretoken": token and token[1]}
    headers = {"Cookie": f"csrftoken={cookie}", "Host": "evil.example"}
    site.ask(Request("", "POST", "/admin/password_reset/", fields, headers))
    return not any("evil.example" in text for text in _read_outbox(site))


def _read_outbox(site: Site) -> Iterator[str]:
    for file in Path(site.env["VAR_DIR"], "outbox").rglob("*.eml"):
        yield file.read_text(errors="replace")


def refuse_forged_links(site: Site) -> bool:
    signature = "A" * 43
    paths = [f"/{page}/1.{signature}/" for page in ("preferences", "feedback", "account")]
    return all(site.ask(Request("", "GET", path)).status == HTTPStatus.NOT_FOUND for path in paths)


def answer_odd_requests(site: Site) -> bool:
    faults = find_faults(site.port)
    for fault in faults:
        print(f"  {fault}")
    return not faults


def ask_no_stranger(site: Site) -> bool:
    paths = ("/admin/second-step/question/", "/admin/second-step/set-up/question/")
    return all(site.ask(Request("", "POST", path)).status == HTTPStatus.FORBIDDEN for path in paths)


def send_headers(site: Site) -> bool:
    headers = site.ask(Request("", "GET", "/subscribe/")).headers
    return (
        "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Cross-Origin-Resource-Policy"] == "same-origin"
        and "camera=()" in headers["Permissions-Policy"]
    )
