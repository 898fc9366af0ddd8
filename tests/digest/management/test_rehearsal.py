"""Days of news, lived through by the rehearsed readers, keep every promise."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from digest.management import rehearsal, rehearsal_profiles
from digest.models import Delivery, Snapshot, Source
from tests.factories import make_paper, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]
FRIDAY = date(2026, 4, 17)
SUBJECTS = ("RLHF with a reward model", "Dense retrieval", "Diffusion for video", "World models")


def test_three_days_of_news_keep_every_promise(outbox: Path) -> None:
    hf = make_source(kind="huggingface", state="healthy", note="31 new papers.")
    moments = rehearsal.list_moments(FRIDAY, 4)
    readers = rehearsal_profiles.sign_up_profiles(moments[0])

    def bring_in(now: Any) -> None:
        Source.objects.update(last_fetched_at=now)  # read, whatever was in it
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
