"""One run at a time settles what is in doubt, whichever way its provider can be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.delivery_runs import start_run
from digest.deliver.doubt import doubt_runs
from digest.deliver.doubt.doubt_runs import settle_doubts
from digest.models import DeliveryRun
from tests.digest.deliver.doubtful_mails import count_by_status, make_doubtful, make_reported
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _mailjet(settings: Any) -> None:
    """A provider that cannot be asked, and that reports."""
    settings.EMAIL_BACKEND = "anymail.backends.mailjet.EmailBackend"
    settings.ANYMAIL = {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "key"}


def report_many() -> None:
    make_doubtful(1)
    make_reported(20)


def test_while_another_run_is_at_it_nothing_is_done() -> None:
    [row] = make_doubtful(1)
    other = start_run("Mailjet doubts", NOW + HOUR, 1)
    settle_doubts(NOW + HOUR)
    row.refresh_from_db()
    assert row.retry_at is None
    assert DeliveryRun.objects.get() == other
    # It was killed, and has said nothing since.
    settle_doubts(NOW + HOUR + MINUTE)
    row.refresh_from_db()
    assert row.retry_at is not None


def test_a_run_that_fails_is_no_longer_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    make_doubtful(1)
    monkeypatch.setattr(doubt_runs, "_settle_due", fail)
    with pytest.raises(RuntimeError):
        settle_doubts(NOW + HOUR)
    assert not DeliveryRun.objects.exists()


def test_silence_settles_all_that_it_can_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.deliver.doubt.doubt_runs.CHUNK", 2)
    report_many()
    make_doubtful(6)
    told: list[float] = []
    settle_doubts(NOW + 23 * HOUR, seconds=0.0, on_more=told.append)
    assert told == [0.0]
    settle_doubts(NOW + 23 * HOUR, on_more=told.append)
    assert count_by_status() == {"sent": 20, "planned": 7}
    assert told == [0.0]
