"""Nobody asks any more, and the clock goes on: no page, mail or endpoint says what is not known.

For 1, 3, 30 and 200 days without a poll, a table of who says what, and what nobody may say.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.compose import compose_due
from digest.compose.source_notes import SourceNotes
from digest.ingest.sources.arxiv_freshness import find_expected_day
from digest.models import Delivery, Edition, Source
from digest.watch import source_age
from tests.factories import NOW, make_paper, make_reader, make_source

pytestmark = pytest.mark.django_db
LAST = "22 April 2026, 12:00 UTC"
FALSE = [
    "No source announced anything new",
    "have not announced anything yet",
    "arXiv announces nothing on Saturdays",
    "a minute ago",
]


@pytest.fixture
def left_alone(settings: Any) -> Source:
    """A service whose sources were well, were read at NOW, and are asked by nobody since.

    It has no Redis, where beat and workers would have to say that they live.
    """
    settings.REDIS_URL = ""
    Source.objects.all().delete()
    source = make_source(
        kind="arxiv",
        title="arXiv cs.CL",
        state="healthy",
        last_asked_at=NOW,
        last_fetched_at=NOW,
        next_fetch_at=NOW + timedelta(minutes=45),
        freshness={"cs.CL": {"listed_on": find_expected_day(NOW).isoformat(), "new": 95}},
    )
    source_age.note_poll(source, NOW, was_read=True)
    make_paper(source, categories=["cs.CL"])
    return source


@pytest.mark.parametrize("days", [1, 3, 30, 200])
def test_nothing_false_is_said_after_so_many_days(
    left_alone: Source, admin_client: Client, days: int
) -> None:
    now = NOW + timedelta(days=days)
    yesterday = f"/papers/{now.date() - timedelta(days=1)}/"
    reader = make_reader("RAG", next_digest_at=now - timedelta(hours=3))
    Delivery.objects.create(
        edition=Edition.objects.create(date=now.date() - timedelta(days=1)),
        subscriber=reader,
        covers_until=now - timedelta(days=1) + timedelta(seconds=1),
        status="quiet",
        quiet_reason="no_match",
    )
    with time_machine.travel(now, tick=False):
        visitor = Client()
        said = {
            "the first page": visitor.get("/").content.decode(),
            "the page of yesterday": visitor.get(yesterday).content.decode(),
            "the page of today": visitor.get(f"/papers/{now.date()}/").content.decode(),
            "the admin's first page": admin_client.get("/admin/").content.decode(),
            "the admin's sources": admin_client.get("/admin/digest/source/").content.decode(),
        }
        for where, page in said.items():
            assert [false for false in FALSE if false in page] == [], where
        assert f"No source has been read since {LAST}" in said["the page of today"]
        assert f"No source has been read since {LAST}" in said["the first page"]
        assert f"Nobody has asked it since {LAST}" in said["the admin's sources"]
        assert "There is no sign of life from sources." in said["the admin's first page"]
        assert "An edition did not run: 1 reader should have had" in said["the admin's first page"]
        answer = visitor.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["sources"])
        compose_due(now)
        quiet = Delivery.objects.get(covers_until=now)
        assert quiet.quiet_reason == "not_read"
        assert "No source was read since the digest before" in quiet.digest.note
        notes = SourceNotes(now).list_notes(["cs.CL"], counts_votes=False)
        assert notes == ["arXiv: not asked since Wednesday 22 April"]


def test_when_somebody_has_asked_again_the_days_between_stay_unknown(left_alone: Source) -> None:
    """Whoever looks later must not read that nothing was announced while nobody asked."""
    now = NOW + timedelta(days=9)  # a Friday
    Source.objects.filter(pk=left_alone.pk).update(
        last_asked_at=now, last_fetched_at=now, next_fetch_at=now + timedelta(hours=1)
    )
    source_age.note_poll(left_alone, now, was_read=True)
    with time_machine.travel(now, tick=False):
        between = Client().get(f"/papers/{now.date() - timedelta(days=2)}/").content.decode()
        today = Client().get(f"/papers/{now.date()}/").content.decode()
        assert Client().get("/readyz").status_code == 200
    assert "No source could be read on this day" in between
    assert "have not announced anything yet, as of 1 May 2026, 12:00 UTC" in today
