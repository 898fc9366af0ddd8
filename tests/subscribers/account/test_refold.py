"""A hash fits its key, or nothing is mailed until somebody says which is right."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from digest.deliver.after_restore import start_check
from digest.management.doctor.database import check_mailbox_key
from subscribers.account.refold import WRONG_KEY, has_other_key
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db


def test_with_another_key_nothing_is_delivered_and_refolding_knows_who_is_still_here(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ada", "bob+x", "carl+x", "gone"):
        make_subscriber(email=f"{name}@example.org")
    for name, reason in (("ada", "manual"), ("bob", "complaint"), ("carl+x", "bounce")):
        Suppression.objects.suppress(f"{name}@example.org", reason)
    assert not has_other_key()
    assert not list(check_mailbox_key(NOW))
    settings.MAILBOX_KEY = "another key"
    start_check.on_start()
    assert start_check.find_reason_to_wait() == WRONG_KEY
    assert WRONG_KEY in caplog.text
    [symptom] = check_mailbox_key(NOW)
    assert "refold_mailboxes" in symptom.remedy
    said = StringIO()
    call_command("refold_mailboxes", stdout=said)
    assert said.getvalue() == "4 addresses have another hash now.\n"
    assert Subscriber.objects.mailable().get().email == "gone@example.org"
    reasons = {
        email: Suppression.objects.about(email).get().reason
        for email in ("ada+z@example.org", "bob@example.org", "carl+x@example.org")
    }
    assert list(reasons.values()) == ["manual", "complaint", "bounce"]
    assert not Suppression.objects.about("carl@example.org").exists()
    assert start_check.find_reason_to_wait() == ""
    call_command("refold_mailboxes", stdout=said)
    assert "\n0 addresses" in said.getvalue()
