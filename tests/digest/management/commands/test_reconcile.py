"""`manage.py reconcile`, as an operator types it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.high_water.hold import find_hold, name_installation, read_counts, start_hold
from digest.models import Delivery, MailSender
from tests.factories import NOW, make_delivery
from tests.provider_keys import use_provider
from tests.provider_server import provider_server

pytestmark = pytest.mark.django_db
AT_ONE = "--now=2026-04-22T13:00"


def reconcile(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("reconcile", AT_ONE, *words)
    return capsys.readouterr().out


def hold_it() -> None:
    start_hold(name_installation(), read_counts(), NOW)


def test_where_nothing_is_held_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing is held" in reconcile(capsys)


def test_a_dry_run_shows_the_counts_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_delivery()
    hold_it()
    said = reconcile(capsys, "--sent-until=2026-04-22T12:30", "--dry-run")
    assert "1 digest, of which 1 were planned in the backup and 0" in said
    assert "that was a dry run" in said
    assert Delivery.objects.planned().count() == 1
    assert find_hold()
    assert "The hold is over." in reconcile(capsys, "--sent-until=2026-04-22T12:30")
    assert find_hold() is None


def test_what_waits_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    make_delivery()
    hold_it()
    said = reconcile(capsys, "--sent-until=2026-04-22T11:00")
    assert "1 digest of the backup left nothing behind: they are sent now." in said


def test_a_provider_that_cannot_be_asked_is_told_with_what_to_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hold_it()
    with pytest.raises(CommandError, match=r"no list of messages.*--sent-until"):
        reconcile(capsys)
    assert find_hold()


@pytest.mark.parametrize(
    ("said", "answer"), [("2026-04-22T14:00", "still to come"), ("noon", "--sent-until")]
)
def test_a_time_that_cannot_be_meant_is_refused(
    said: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_it()
    with pytest.raises(CommandError, match=answer):
        reconcile(capsys, f"--sent-until={said}")


def test_mails_from_an_address_that_nobody_knows_are_asked_about_before_anything_leaves(
    capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "News <new@example.org>"
    hold_it()
    had, had_not = make_delivery(), make_delivery()
    with provider_server() as server:
        use_provider("resend", server, settings)
        for row, sender in ((had, "old@before.example"), (had_not, "shop@example.net")):
            to = row.subscriber.email
            mail = {"to": [to], "subject": "News", "from": f"N <{sender}>"}
            server.book.accepted.append(mail | {"Metadata": {"delivery": str(row.key)}})
        server.book.accepted_at = "2026-04-22T12:20:00+00:00"
        with pytest.raises(CommandError, match=r"old@before.example \(1 mail\), shop@example.net"):
            reconcile(capsys, "--now=2026-04-22T14:00")
        assert (find_hold() is None, Delivery.objects.sent().count()) == (False, 0)
        with pytest.raises(CommandError, match=r"knows: old@before.example \(1 mail\)\. D"):
            reconcile(capsys, "--now=2026-04-22T14:00", "--other-sender=shop@example.net")
        said = reconcile(capsys, "--now=2026-04-22T14:00", "--our-sender=old@before.example")
    assert "1 digest, of which 1 were planned in the backup" in said
    assert [row.pk for row in Delivery.objects.sent()] == [had.pk]
    assert find_hold() is None
    assert set(MailSender.objects.values_list("address", "is_ours")) == {
        ("old@before.example", True),
        ("shop@example.net", False),
    }


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--our-sender", "News"], "“News” is no address of a sender"),
        (["--other-sender", "a@b@c.example"], "is no address of a sender"),
        (["--our-sender", f"{'x' * 60}@{'y.' * 200}example"], "is no address of a sender"),
        (
            ["--our-sender", "N <A@bücher.example>", "--other-sender", "a@xn--bcher-kva.example"],
            "a@xn--bcher-kva.example is said to be ours and not ours",
        ),
    ],
)
def test_a_sender_that_cannot_be_meant_is_refused(
    words: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_it()
    with pytest.raises(CommandError, match=answer):
        reconcile(capsys, *words)
    assert not MailSender.objects.exists()


def test_what_is_said_of_senders_is_remembered_with_a_name_and_where_nothing_is_held(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--our-sender", "Daily, News <Old@before.example>", "--our-sender=offprint@localhost")
    reconcile(capsys, *words, "--dry-run")
    assert not MailSender.objects.exists()
    assert "What you say of senders is remembered." in reconcile(capsys, *words)
    assert set(MailSender.objects.values_list("address", "is_ours")) == {
        ("old@before.example", True),
        ("offprint@localhost", True),
    }
