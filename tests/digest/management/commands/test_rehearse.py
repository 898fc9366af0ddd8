"""Days are rehearsed for twenty readers: everybody has a mail or a reason, and faults are named."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from digest.management import rehearsal, rehearsal_profiles
from digest.models import Delivery, Paper, Snapshot, Source
from tests.factories import make_paper, make_source, make_subscriber

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 4, 17)
SUBJECTS = ("RLHF with a reward model", "Dense retrieval", "Diffusion for video", "World models")


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> Path:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    Source.objects.all().delete()
    return Path(settings.OUTBOX_DIR)


def rehearse(*args: str, first: str = "2026-04-17") -> str:
    out = StringIO()
    days = ["--first", first] if first else []
    call_command("rehearse", *days, *args, stdout=out, stderr=out)
    return out.getvalue()


def test_three_days_of_news_keep_every_promise(outbox: Path) -> None:
    hf = make_source(kind="huggingface", state="healthy", note="31 new papers.")
    moments = rehearsal.list_moments(FRIDAY, 4)
    readers = rehearsal_profiles.sign_up_profiles(moments[0])

    def bring_in(now: Any) -> None:
        for n, subject in enumerate(SUBJECTS if now.weekday() < 5 else ()):
            times = {"published_at": now, "first_seen_at": now, "news_at": now}
            paper = make_paper(hf, title=f"{subject}, day {now.day}", **times)
            Snapshot.objects.create(paper=paper, taken_at=now, upvotes=10 * n)

    for now in moments:
        rehearsal.live_through(now, bring_in)
    days, found = [now.date() for now in moments], rehearsal.read_deliveries()
    assert list(rehearsal.find_faults(readers, days, found, outbox)) == []
    table = rehearsal.make_table(readers, days, found).splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in table[2:]}
    assert rows["retrieval"] == ["1", "–", "–", "1", "2"]
    assert rows["narrow"] == ["none", "–", "–", "none", "0"]
    assert len(rows["graphs"]) == 3  # on weekends nothing is due to them

    _break_every_promise(found)
    said = " ".join(rehearsal.find_faults(readers, days, rehearsal.read_deliveries(), outbox))
    for fault in ("neither a mail nor a reason on", "no reason in words", "2 times", "one subject"):
        assert fault in said
    assert "A paper comes once to a subscriber: " in said


def _break_every_promise(found: rehearsal.Deliveries) -> None:
    first, *_, last = (d for d in found.values() if d.subscriber.email.startswith("retrieval"))
    quiet = next(d for d in found.values() if d.status == "quiet")
    Delivery.objects.filter(pk=quiet.pk).update(contents={"papers": []})
    Delivery.objects.filter(pk=last.pk).update(contents=first.contents)
    failed = next(
        d for d in found.values() if d.status == "sent" and d.pk not in (first.pk, last.pk)
    )
    Delivery.objects.filter(pk=failed.pk).update(status="failed", sent_at=None)
    own = Path(settings.OUTBOX_DIR)
    (own / f"{last.key}.eml").write_bytes((own / f"{first.key}.eml").read_bytes())
    found[last.subscriber_id, last.edition.date - timedelta(days=1)].delete()


def test_the_command_prints_the_table_and_where_the_mails_are() -> None:
    said = rehearse("--days", "2")
    assert len([line for line in said.splitlines() if line.endswith("  0")]) == 20
    assert "20 readers, 2 days, 0 mails" in said
    assert not Paper.objects.exists()


def test_without_a_first_day_the_bundled_sample_is_rehearsed() -> None:
    said = rehearse("--days", "1", first="")
    assert "Mon" in said
    assert re.search(r"20 readers, 1 days, [1-9]\d mails", said)
    with pytest.raises(CommandError, match="--tell needs --first as well"):
        rehearse("--tell", "http://127.0.0.1:9/{day}", first="")


def test_a_broken_promise_ends_it_with_an_error() -> None:
    make_source(state="stale", note="", is_active=False)
    with pytest.raises(CommandError, match=r"0 mails.* 1 broken promises"):
        rehearse("--days", "1")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--first", "Friday"], "“Friday” is not a day"),
        (["--tell", "http://127.0.0.1:9/clock?day={day}"], r"day=2026-04-17 could not be told"),
        (["--tell", "nonsense{day}"], "nonsense2026-04-17 could not be told"),
        (["--tell", "http://127.0.0.1:9/clock"], "“http://127.0.0.1:9/clock” does not say where"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(args: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        rehearse(*args)


def test_a_database_in_use_is_left_alone(settings: Any) -> None:
    make_subscriber()
    with pytest.raises(CommandError, match="has subscribers of its own"):
        rehearse()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with pytest.raises(CommandError, match="A rehearsal mails nobody"):
        rehearse()
