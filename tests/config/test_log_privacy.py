"""No link of a subscriber and no address passes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.log_privacy import HIDDEN_ADDRESS, hide_private, hide_private_within
from subscribers import tokens
from tests.factories import NOW


@pytest.mark.parametrize(
    "token",
    [
        tokens.sign(tokens.PREFERENCES, 8),
        tokens.sign_dated(tokens.ACCOUNT, 8, NOW),
        tokens.sign_move(8, NOW, "ada@example.org"),
        "8.N4MmCVtiwGW6DYx3avPsts5rR1Ia-R3dhz99HIAowao",  # of an earlier release
    ],
)
def test_no_link_of_a_reader_is_told(token: str) -> None:
    assert hide_private(f"Bad: /any/{token}/html/") == "Bad: /any/…/html/"


@pytest.mark.parametrize(
    "page", ["preferences", "unsubscribe", "feedback", "move-back", "mail", "all"]
)
@pytest.mark.parametrize("change", ["{}=", "{}3D", "{}x", "{}.", "{}%2", "7%2e{}", "{}/more/1"])
def test_a_link_is_not_told_however_a_mail_program_broke_it(page: str, change: str) -> None:
    token = tokens.sign(tokens.PREFERENCES, 8)
    said = hide_private(f"GET /{page}/{change.format(token)} 404")
    assert token[1:] not in said
    assert said == f"GET /{page}/… 404"


def test_the_link_that_signs_staff_in_is_not_told() -> None:
    assert hide_private("GET /admin/reset/MQ/c1x-0a1b2c3d/ 200") == "GET /admin/reset/… 200"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("550 5.1.1 <Ada.Lovelace+papers@mail.example.org>: gone", "550 5.1.1 <{}>: gone"),
        ("{'ada@example.org': (550, b'no')}", "{}': (550, b'no')}}"),
        ("to=ada@localhost, next", "{}, next"),
        ("δοκιμή@παράδειγμα.δοκιμή, written", "{}, written"),
        ("<o'hara@example.org>", "<{}>"),
        ("bounces+ada=example.org@mail.example", "{}"),
        ('"Ada L"@example.org said', "{} said"),
        ("ada@[192.0.2.1] said", "{} said"),
        ("mailto:ada@example.org?subject=x", "mailto:{}?subject=x"),
        ("GET /?email=ada%40example.org&x=1", "GET {}&x=1"),
        ("bob\\nada@example.org", "bob\\{}"),
        ("postgres://offprint:secret@db:5432/offprint", "postgres://offprint:{}:5432/offprint"),
    ],
)
def test_what_looks_like_an_address_is_hidden(text: str, hidden: str) -> None:
    assert hide_private(text) == hidden.format(HIDDEN_ADDRESS)


@pytest.mark.parametrize("text", ["Edition 2026-04-22: sent 3", "3 @ 5", "a price of 40%", ""])
def test_what_holds_no_address_stays_as_it_is(text: str) -> None:
    assert hide_private(text) == text


@given(st.emails(), st.text(max_size=20), st.text(max_size=20))
def test_whatever_stands_around_an_address(email: str, before: str, after: str) -> None:
    assert email not in hide_private(f"{before} <{email}> {after}")


def test_fields_are_searched_however_deep_and_stay_json() -> None:
    value = {"a@b.org": ["c@d.org", ("e@f.org", 1.5, None, True)], "error": ValueError("g@h.org")}
    hidden = hide_private_within(value)
    assert hidden == {
        HIDDEN_ADDRESS: [HIDDEN_ADDRESS, [HIDDEN_ADDRESS, 1.5, None, True]],
        "error": HIDDEN_ADDRESS,
    }
    assert "@" not in json.dumps(hidden)
