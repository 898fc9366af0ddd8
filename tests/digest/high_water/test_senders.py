"""Whose mail an address sends is remembered, in the database and beside the high-water mark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from digest.high_water.senders import note_sender, read_present_sender, read_senders
from digest.models import MailSender

pytestmark = pytest.mark.django_db


def test_either_place_tells_what_the_other_has_lost(
    django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "News <Digest@bücher.example>"
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            note_sender(read_present_sender())
            note_sender("Shop@example.org", is_ours=False)
    [path] = Path(settings.HIGH_WATER_DIR).glob("*.senders")
    lines = ["ours digest@xn--bcher-kva.example", "others shop@example.org"]
    assert path.read_text().splitlines() == lines
    settings.DEFAULT_FROM_EMAIL = "new@example.net"
    kept = path.read_text()
    for lose in (MailSender.objects.all().delete, path.unlink):
        lose()
        senders = read_senders()
        assert senders.are_ours("Digest@bücher.example")
        assert senders.are_ours("new@example.net")
        assert (senders.are_ours("shop@example.org"), senders.is_unknown("shop@example.org")) == (
            (False, False)
        )
        path.write_text(kept)
        note_sender("digest@bücher.example")
        note_sender("shop@example.org", is_ours=False)


def test_what_is_said_last_counts_and_half_a_line_is_passed_over(
    django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        note_sender("a@example.org", is_ours=False)
        note_sender("a@example.org")
    [path] = Path(settings.HIGH_WATER_DIR).glob("*.senders")
    path.write_bytes(path.read_bytes() + b"ou\xff\n\nours\n")
    MailSender.objects.all().delete()
    assert read_senders().are_ours("a@example.org")
    assert read_senders().is_unknown("") is False


def test_only_an_unknown_address_at_a_domain_of_ours_may_be_ours() -> None:
    note_sender("digest@example.org")
    note_sender("shop@example.org", is_ours=False)
    senders = read_senders()
    asked = ["x@example.org", "shop@example.org", "x@example.net", "digest@example.org"]
    assert [senders.may_be_ours(one) for one in asked] == [True, False, False, True]


@pytest.mark.parametrize("half", [b"ours x@exam", b"oth", b"others gr\xc3"])
def test_what_is_said_after_half_a_line_is_a_line_of_its_own(
    half: bytes, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        note_sender("a@example.org")
    [path] = Path(settings.HIGH_WATER_DIR).glob("*.senders")
    path.write_bytes(path.read_bytes() + half)
    with django_capture_on_commit_callbacks(execute=True):
        note_sender("grüße@bücher.example")
    MailSender.objects.all().delete()
    assert read_senders().are_ours("a@example.org")
    assert read_senders().are_ours("Grüße@xn--bcher-kva.example")


def test_what_holds_no_address_is_nobodys_digest_and_nothing_to_ask_about() -> None:
    senders = read_senders()
    assert (senders.are_ours("shop"), senders.may_be_ours("shop"), senders.is_unknown("shop")) == (
        (False, False, False)
    )
