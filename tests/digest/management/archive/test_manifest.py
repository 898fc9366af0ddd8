"""What a backup says of itself, and what it does not tell."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from digest.management.archive.manifest import ArchiveError, Manifest, make_fingerprint
from tests.factories import NOW

MANIFEST = Manifest(
    engine="sqlite",
    made_at=NOW.isoformat(),
    release="0.2.0",
    key_fingerprint="0" * 16,
    installation="0a84b499-daa4-4786-b691-5efbd6309e68",
    calls={"3": 17},
    migrations=["digest.0001_initial"],
)


def test_it_comes_back_as_it_was() -> None:
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST
    assert MANIFEST.call_numbers == {3: 17}


def test_a_key_is_known_again_by_a_fingerprint_that_does_not_hold_it() -> None:
    key = "a-secret-key-of-this-site"
    assert make_fingerprint(key) == make_fingerprint(key)
    assert make_fingerprint(key) != make_fingerprint(f"{key}.")
    assert len(make_fingerprint(key)) == 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"format": 1, "engine": "sqlite"}),
        replace(MANIFEST, installation="nobody").to_json(),
        replace(MANIFEST, made_at="yesterday").to_json(),
    ],
)
def test_what_is_no_manifest_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ArchiveError, match=r"none of Offprint's"):
        Manifest.from_json(text)


def test_one_of_a_later_release_is_said_to_be_so() -> None:
    with pytest.raises(ArchiveError, match="later release"):
        Manifest.from_json(replace(MANIFEST, format=99).to_json())
