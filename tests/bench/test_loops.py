"""The plain loop and ours mail the same readers about as many of the same papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bench import plain, ready, stages
from bench.fill import fill_history, fill_readers
from bench.growth import fill_followers
from bench.sink import run_sink
from digest import compose
from digest.models import Delivery, Paper
from subscribers.models import Subscriber

TOPICS, PAPERS, READERS = 60, 160, 60


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_all_loops_mail_the_same_readers_the_same_papers(settings: Any, tmp_path: Path) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.CANARY_MINUTES = 0
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    with run_sink(tmp_path) as sink:
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": sink}
        fill_followers(TOPICS)
        stages.add_source(sink)
        assert stages.run_ingest(tmp_path, PAPERS, 0)["units"] == PAPERS // 8
        stages.run_score(0)
        assert stages.run_match(0)["matches"] > 0
        compose.compose_due(stages.DAY)
        fill_history(fill_readers(READERS, TOPICS), 2)
        # A plain loop knows nothing of papers from outside the topics, nor of feedback.
        Subscriber.objects.update(wants_everywhere=False)
        tuned = plain.run_variant("tuned", READERS, sink)
        marks = plain.run_variant("marks", READERS, sink)
        orm = plain.run_variant("orm", READERS, sink)
        composed = stages.run_compose()
        ours = stages.run_deliver(sink)
        if connection.vendor == "postgresql":  # its statements are PostgreSQL's
            least = ready.hand_over_ready(sink, READERS)
            assert [least[key] for key in ("units", "papers")] == [ours["units"], ours["papers"]]
            assert least["bytes"] == pytest.approx(ours["bytes"], rel=0.1)
    assert ours["units"] == composed["mails"] > READERS / 2
    assert (tuned["units"], tuned["papers"]) == (marks["units"], marks["papers"])
    # Ours knows acronyms and names, which stems do not, and the database knows not even stems.
    for loop in (tuned, orm):
        assert abs(loop["units"] - ours["units"]) <= 0.06 * READERS, (loop, ours)
        assert 0.9 <= loop["papers"] / ours["papers"] <= 1.1, (loop, ours)
    assert marks["bytes"] > tuned["bytes"]
    assert Paper.objects.count() == PAPERS // 8
    assert not Delivery.objects.planned().exists()
