from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from digest.models import Edition
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = pytest.mark.django_db


def audit():
    """What it printed, line by line, and the sentence with which it ended in exit code 1."""
    out, failure = StringIO(), ""
    try:
        call_command("audit", now=NOW.isoformat(), stdout=out)
    except CommandError as error:
        failure = f"exit {error.returncode}: {error}"
    return out.getvalue().splitlines(), failure


def test_all_promises_hold_where_nothing_ever_happened():
    lines, failure = audit()
    assert (lines[0], lines[-1], failure) == ("No edition yet.", "All 7 promises hold.", "")
    assert [line.rpartition(": ")[2] for line in lines[1:-1]] == ["holds"] * 7


def test_every_edition_is_summed_up_the_latest_last():
    make_delivery(status="sent", sent_at=NOW)
    make_delivery()
    later = Edition.objects.create(date="2026-05-01")
    make_delivery(status="quiet", quiet_reason="no_match", contents={}, edition=later)
    lines, failure = audit()
    assert lines[:2] == [
        "2026-04-22: planned 1 = sent 1 + quiet 0 + suppressed 0 + failed 0 + expired 0"
        " + in doubt 0 (1 not decided yet)",
        "2026-05-01: planned 1 = sent 0 + quiet 1 + suppressed 0 + failed 0 + expired 0"
        " + in doubt 0",
    ]
    assert failure == ""


def test_a_broken_promise_is_named_and_ends_in_exit_code_1():
    delivery = make_delivery(status="sent", sent_at=NOW)
    Subscriber.objects.update(status="pending", confirmed_at=None)
    lines, failure = audit()
    assert (
        "Nobody unconfirmed, unsubscribed or suppressed is mailed: "
        f"BROKEN: 1 delivery sent where none was allowed: {delivery.pk}."
    ) in lines
    assert failure == "exit 1: 1 of 7 promises are broken."


def test_a_day_that_was_never_composed_is_noticed():
    make_subscriber(next_digest_at=NOW.replace(hour=6))
    lines, failure = audit()
    assert "Note: over two hours late, for 1 subscriber: is beat running?" in lines
    assert failure == ""
