"""Made-up papers leave when a live source has brought papers."""

from __future__ import annotations

from typing import Any

import pytest

from digest.ingest import ingest_due, stage
from digest.ingest.poll import Poll
from digest.ingest.sample_rows import remove_sample
from digest.ingest.store import StoredChanges
from digest.models import Paper, Source
from tests.factories import NOW, make_paper, make_source

pytestmark = pytest.mark.django_db
SAMPLE = "https://sample.offprint.invalid/notes.atom"


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A live source whose polls bring `new` papers, by its title."""
    Source.objects.all().delete()

    def answer(source: Source, now: Any) -> Poll:
        poll = Poll(source, now, answered=1)
        poll.stored = StoredChanges(new=int(source.title))
        return poll

    monkeypatch.setattr(stage, "poll_source", answer)
    monkeypatch.setattr(stage, "conclude_poll", lambda _: (Source.State.HEALTHY, ""))
    return make_source(title="0")


def test_they_leave_when_a_live_source_brings_papers(live: Source) -> None:
    sample = make_source(url=SAMPLE, is_active=False)
    made_up, real = make_paper(sample), make_paper(live)
    ingest_due(NOW)
    assert Paper.objects.count() == 2, "an answer without papers takes nothing away"
    Source.objects.filter(pk=live.pk).update(title="1", next_fetch_at=None)
    ingest_due(NOW)
    assert list(Paper.objects.all()) == [real]
    assert not Source.objects.filter(url=SAMPLE).exists()
    assert made_up.pk != real.pk


def test_a_paper_that_a_live_source_mentions_too_stays(live: Source) -> None:
    sample = make_source(url=SAMPLE, is_active=False)
    paper = make_paper(sample)
    live.entries.create(paper=paper, guid="x", published_at=NOW, seen_at=NOW)
    assert remove_sample() == 0
    assert Paper.objects.get() == paper
