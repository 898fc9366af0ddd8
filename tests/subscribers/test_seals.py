"""Texts are sealed so that nobody else can read, forge or compare them."""

from __future__ import annotations

from typing import Any

import pytest

from subscribers.seals import SEALED, seal, unseal

TEXT = b"reader 41, \x00\xff"


def test_what_was_sealed_is_read_again_and_has_the_same_seal_every_time() -> None:
    assert unseal("letters", seal("letters", TEXT)) == TEXT
    assert seal("letters", TEXT) == seal("letters", TEXT)
    assert seal("letters", TEXT).startswith(SEALED)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 2_000])
def test_a_text_of_any_length_is_read_again(length: int) -> None:
    text = bytes(n % 251 for n in range(length))
    assert unseal("letters", seal("letters", text)) == text


def test_a_seal_for_one_purpose_is_worthless_for_another() -> None:
    assert unseal("letters", seal("lists", TEXT)) is None


def test_seals_of_one_text_for_two_purposes_have_nothing_in_common() -> None:
    one, other = seal("letters", TEXT), seal("lists", TEXT)
    assert sum(a == b for a, b in zip(one[1:], other[1:], strict=True)) < len(one) // 3


@pytest.mark.parametrize("place", range(1, 12))
def test_a_changed_character_ends_it(place: int) -> None:
    sealed = seal("letters", TEXT)
    other = "A" if sealed[place] != "A" else "B"
    assert unseal("letters", f"{sealed[:place]}{other}{sealed[place + 1 :]}") is None


@pytest.mark.parametrize("said", ["", "~", "~é", "~=", "~AAAA=", "~" + "A" * 20_000, "~A A"])
def test_what_is_no_seal_is_read_as_none(said: str) -> None:
    assert unseal("letters", said) is None


def test_a_seal_of_the_key_before_is_still_read(settings: Any) -> None:
    sealed = seal("letters", TEXT)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, which is as long as the one of before was"
    assert unseal("letters", sealed) == TEXT
    assert seal("letters", TEXT) != sealed
