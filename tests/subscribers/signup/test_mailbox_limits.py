"""However an address is spelled, the person behind it gets few letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from subscribers import tasks
from subscribers.account import address
from subscribers.limits import rate_limits
from subscribers.models import Mailbox, Subscriber
from subscribers.signup import mailbox_limits, opt_in, send_confirmation
from subscribers.signup.wishes import Wishes
from tests.factories import NOW

DAY = timedelta(days=1)


def ask(email: str, now: Any = NOW) -> int:
    return opt_in.request_confirmation(email, Wishes(["RAG"]), now)


@pytest.mark.django_db
def test_ten_spellings_of_one_victim_get_one_letter_and_hold_nobody_up(mailoutbox: Any) -> None:
    for n in range(10):
        ask(f"victim+{n}@example.org")
    ask("ada@example.org")
    send_confirmation.send_waiting(NOW)
    assert len([m for m in mailoutbox if m.to[0].startswith("victim")]) == 1
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert not send_confirmation._find_waiting(NOW)


@pytest.mark.django_db
def test_a_row_that_was_cleared_away_does_not_begin_the_count_anew(mailoutbox: Any) -> None:
    for days in range(0, 60, 10):
        now = NOW + timedelta(days=days)
        Subscriber.objects.all().delete()
        send_confirmation.send_confirmation(ask("ada@example.org", now), now)
    assert len(mailoutbox) == mailbox_limits.BEFORE_SILENCE


@pytest.mark.django_db
def test_silence_ends_with_an_answer_or_after_ninety_days() -> None:
    for n in range(3):
        assert mailbox_limits.claim_mail("ada@example.org", NOW + n * DAY)
    assert not mailbox_limits.claim_mail("ada+x@example.org", NOW + 5 * DAY)
    mailbox_limits.note_answer("ada@example.org")
    assert mailbox_limits.claim_mail("ada@example.org", NOW + 5 * DAY)
    for days, kept in ((95, True), (96, False)):
        address.forget_unconfirmed(NOW + days * DAY)
        assert Mailbox.objects.exists() == kept


@pytest.mark.django_db
def test_sign_ups_of_strangers_use_up_no_mail_of_a_move() -> None:
    for n in range(3):
        assert mailbox_limits.claim_mail("ada@example.org", NOW + n * DAY)
    assert not mailbox_limits.claim_mail("ada@example.org", NOW + 3 * DAY)
    assert mailbox_limits.claim_mail("ada@example.org", NOW + 3 * DAY, mailbox_limits.MOVE)
    assert not mailbox_limits.claim_mail("ada+x@example.org", NOW + 3 * DAY, mailbox_limits.MOVE)
    mailbox_limits.note_answer("Ada@example.org")
    assert mailbox_limits.find_counts("ada@example.org").filter(letters_sent=0).count() == 2


@pytest.mark.django_db
def test_a_claim_given_back_leaves_no_trace_but_a_keyed_hash() -> None:
    assert mailbox_limits.claim_mail("ada@example.org", NOW)
    mailbox_limits.release_mail("ada@example.org", NOW)
    [mailbox] = Mailbox.objects.all()
    assert mailbox.letters_sent == 0
    assert "@" not in mailbox.fingerprint
    assert str(mailbox) == mailbox.fingerprint[:12]
    assert mailbox_limits.claim_mail("ada@example.org", NOW)


@pytest.mark.django_db
def test_a_domain_under_a_flood_waits_and_the_others_do_not(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAILS_PER_DOMAIN", 2)
    for n in range(5):
        ask(f"reader{n}@victim.example.org")
    for n in range(3):
        ask(f"reader{n}@gmail.com")
    send_confirmation.send_waiting(NOW)
    assert len(mailoutbox) == 5
    send_confirmation.send_waiting(NOW + timedelta(hours=1))
    assert len(mailoutbox) == 7


@pytest.mark.django_db
def test_whoever_does_not_confirm_is_forgotten_after_seven_days(mailoutbox: Any) -> None:
    old, late = NOW - timedelta(days=8), NOW - timedelta(days=6)
    for email in ("old@example.org", "again@example.org", "written@example.org", "in@example.org"):
        ask(email, old)
    Subscriber.objects.create(email="byhand@example.org")
    Subscriber.objects.update(created_at=old)
    ask("new@example.org", old)  # its row is of today
    ask("again@example.org", late)
    send_confirmation.send_confirmation(
        Subscriber.objects.get(email="written@example.org").pk, late
    )
    active = Subscriber.objects.get(email="in@example.org")
    active.confirm(old)
    active.confirmations.create(sent_at=old, wish=active.wishes)
    assert address.forget_unconfirmed(NOW) == 2
    left = set(Subscriber.objects.values_list("email", flat=True))
    assert left == {f"{name}@example.org" for name in ("again", "written", "in", "new")}
    active.refresh_from_db()
    assert (active.wishes, active.wish_asked_at) == ({}, None)
    assert not active.confirmations.exists()
    tasks.forget_unconfirmed()  # beat's call, months later
    left = set(Subscriber.objects.values_list("email", flat=True))
    assert left == {"in@example.org", "new@example.org"}
