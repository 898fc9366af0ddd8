"""A link proves one thing about one subscriber, and nothing else."""

from __future__ import annotations

import string
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import Signer
from hypothesis import given
from hypothesis import strategies as st

from subscribers import tokens
from tests.factories import NOW

LASTING = [
    tokens.PREFERENCES,
    tokens.UNSUBSCRIBE,
    tokens.FEEDBACK,
    tokens.READING_LIST,
    tokens.READING_FEED,
]
PURPOSES = [tokens.CONFIRM, *LASTING]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_of_earlier_releases_is_read_as_django_signed_it(
    purpose: str, settings: Any
) -> None:
    before = Signer(key=settings.SECRET_KEY, salt=purpose, sep=".").sign("7-2")
    assert tokens.read_version(purpose, before) == (7, 2)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key"
    assert tokens.read(purpose, before) == 7


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_key_that_was_replaced_reads_its_links_as_long_as_it_is_kept(
    purpose: str, settings: Any
) -> None:
    before = tokens.sign(purpose, 7, 2)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key"
    assert tokens.read_version(purpose, before) == (7, 2)
    assert tokens.sign(purpose, 7, 2) != before
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read(purpose, before) is None


def test_nobody_reads_a_rows_number_an_address_or_whose_it_is_off_a_link() -> None:
    """Rows whose numbers are near have links that share nothing, and of equal length."""
    made = [tokens.sign(purpose, pk) for purpose in PURPOSES for pk in (7, 8, 1_000_007)]
    assert {len(token) for token in made} == {33}
    pieces = [{token[i : i + 5] for i in range(29)} for token in made]
    assert len(set().union(*pieces)) == sum(map(len, pieces))
    for token in (tokens.sign_move(7, NOW, "ada@example.org"), tokens.sign_dated("any", 7, NOW)):
        raw = urlsafe_b64decode(f"{token[1:]}===")
        assert b"ada" not in raw
        assert (7).to_bytes(6) not in raw


@pytest.mark.parametrize("version", [0, 1, 2**24 - 1])
@pytest.mark.parametrize("number", [0, 1, 7, 2**31, 2**48 - 1])
def test_a_link_says_what_was_put_in(number: int, version: int) -> None:
    token = tokens.sign(tokens.PREFERENCES, number, version)
    assert tokens.read_version(tokens.PREFERENCES, token) == (number, version)


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_~.=", max_size=50))
def test_nothing_that_was_not_made_here_is_a_link(typed: str) -> None:
    for token in (typed, f"~{typed}"):
        assert tokens.read(tokens.UNSUBSCRIBE, token) is None
        assert tokens.read_dated(tokens.CONFIRM, token) is None
        assert tokens.read_move(token) is None
        assert tokens.read_before(token, 7, "fewer", NOW) is None


def test_no_character_of_a_link_can_be_another() -> None:
    token = tokens.sign_move(7, NOW, "ada@example.org")
    for i in range(1, len(token)):
        other = "A" if token[i] != "A" else "B"
        assert tokens.read_move(f"{token[:i]}{other}{token[i + 1 :]}") is None
    assert tokens.read_move(f"{token}=") is None


def test_a_link_says_whom_it_is_for() -> None:
    assert tokens.read(tokens.UNSUBSCRIBE, tokens.sign(tokens.UNSUBSCRIBE, 7)) == 7


def test_a_mail_sent_again_has_the_same_links() -> None:
    assert tokens.sign(tokens.PREFERENCES, 7) == tokens.sign(tokens.PREFERENCES, 7)


@pytest.mark.parametrize("made", PURPOSES)
@pytest.mark.parametrize("used", LASTING)
def test_a_link_for_one_purpose_is_worthless_for_another(made: str, used: str) -> None:
    assert (tokens.read(used, tokens.sign(made, 7)) == 7) == (made == used)


def test_no_other_link_confirms() -> None:
    for purpose in LASTING:
        assert tokens.read_dated(tokens.CONFIRM, tokens.sign(purpose, 7)) is None


@pytest.mark.parametrize(
    "damage",
    [lambda t: t[:-1], lambda t: f"8{t[1:]}", lambda t: f"{t}A", lambda _: "", str.upper],
)
def test_a_forged_or_broken_link_says_nothing(damage: object) -> None:
    assert callable(damage)
    assert tokens.read(tokens.UNSUBSCRIBE, damage(tokens.sign(tokens.UNSUBSCRIBE, 7))) is None
    assert (
        tokens.read_dated(tokens.CONFIRM, damage(tokens.sign_dated(tokens.CONFIRM, 7, NOW))) is None
    )


def test_a_confirmation_link_works_for_48_hours() -> None:
    link = tokens.read_dated(tokens.CONFIRM, tokens.sign_dated(tokens.CONFIRM, 7, NOW))
    assert link is not None
    assert (link.subscriber_id, link.issued_at) == (7, NOW)
    assert not link.is_expired(NOW + timedelta(hours=48))
    assert link.is_expired(NOW + timedelta(hours=48, seconds=1))


def test_a_link_remembers_its_moment_to_the_microsecond() -> None:
    moment = NOW + timedelta(microseconds=123456)
    link = tokens.read_dated(tokens.CONFIRM, tokens.sign_dated(tokens.CONFIRM, 7, moment))
    assert link is not None
    assert link.issued_at == moment


@pytest.mark.parametrize("length", [1, 7_999, 8_001, 12_000, 400_000])
def test_an_endless_link_says_nothing(length: int) -> None:
    assert tokens.read(tokens.PREFERENCES, f"~{'A' * length}") is None
    assert tokens.read_before(f"~{'A' * length}", 7, "fewer", NOW) is None
