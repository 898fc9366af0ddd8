"""A link proves one thing about one subscriber, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import Signer

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
def test_a_link_is_signed_as_django_signs_it(purpose: str, settings: Any) -> None:
    plain = Signer(key=settings.SECRET_KEY, salt=purpose, sep=".")
    assert tokens.sign(purpose, 7) == plain.sign("7")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key"
    assert tokens.sign(purpose, 7) != plain.sign("7")
    assert tokens.read(purpose, plain.sign("7")) == 7  # made with the key of before


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
    "damage", [lambda t: t[:-1], lambda t: f"8{t[1:]}", lambda t: t * 0, str.upper]
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
