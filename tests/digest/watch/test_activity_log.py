"""Each edition, source and batch leaves one line, with ids and without a name."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest

from digest.compose import compose_due
from digest.deliver.provider.batch_line import log_call
from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.ingest import ingest_due
from digest.ingest import stage as ingest_stage
from digest.watch.activity_log import log_batch, log_edition, log_source
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader, make_source

DAY = date(2026, 4, 22)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The fields of each line so far."""
    caplog.set_level(logging.INFO, "offprint.activity")

    def read() -> list[dict[str, Any]]:
        return [vars(one) for one in caplog.records if one.name == "offprint.activity"]

    return read


def test_an_edition_is_one_line_with_its_counts(lines: Any) -> None:
    log_edition(DAY, {"planned": 2, "quiet": 1, "suppressed": 0}, 0.12345)
    [line] = lines()
    assert line["message"] == "Edition 2026-04-22 was composed for 3: planned 2, quiet 1."
    known = {name: line[name] for name in ("event", "edition", "planned", "quiet", "seconds")}
    assert known == {
        "event": "edition",
        "edition": "2026-04-22",
        "planned": 2,
        "quiet": 1,
        "seconds": 0.123,
    }
    assert "suppressed" not in line


def test_a_source_is_one_line_with_its_sentence(lines: Any) -> None:
    log_source(7, "healthy", {"new": 3, "updated": 0}, 1.5, "Three new papers.")
    [line] = lines()
    assert line["message"] == "Source 7 is healthy (new 3, updated 0): Three new papers."
    assert (line["event"], line["source"], line["state"], line["new"]) == (
        *("source", 7, "healthy", 3),
    )


def test_a_batch_is_one_line_with_its_deliveries(lines: Any) -> None:
    log_batch([DAY, DAY], [4, 5], ["sent", "rejected"], "resend", 0.5)
    [line] = lines()
    assert line["message"] == (
        "Batch of 2 for 2026-04-22 to resend: sent 1, rejected 1 in 0.500 s (deliveries 4 to 5)."
    )
    assert (line["event"], line["editions"], line["deliveries"], line["outcomes"]) == (
        *("batch", ["2026-04-22"], [4, 5], {"sent": 1, "rejected": 1}),
    )


@pytest.mark.django_db
def test_a_call_is_told_from_its_rows_and_one_without_rows_is_not(lines: Any) -> None:
    delivery = make_delivery()
    log_call([], [], "resend", timedelta(0))
    log_call([delivery], [SendResult(Outcome.SENT)], "resend", timedelta(seconds=2))
    [line] = lines()
    assert (line["deliveries"], line["outcomes"], line["seconds"]) == (
        [delivery.pk],
        {"sent": 1},
        2,
    )


@pytest.mark.cached
@pytest.mark.django_db(transaction=True)  # it is told when all is written
def test_composing_tells_each_edition_once(lines: Any) -> None:
    make_match(make_paper(), "diffusion")
    make_reader("diffusion", next_digest_at=NOW)
    make_reader("robots", next_digest_at=NOW)
    compose_due(NOW)
    compose_due(NOW)
    [line] = [line for line in lines() if line["event"] == "edition"]
    assert (line["edition"], line["planned"], line["quiet"]) == ("2026-04-22", 1, 1)


@pytest.mark.django_db
def test_every_poll_tells_its_source_even_one_that_fails(
    lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(ingest_stage, "poll_source", fail)
    sources = {make_source(next_fetch_at=NOW).pk for _ in range(2)}
    ingest_due(NOW)
    told = [line for line in lines() if line["event"] == "source"]
    assert {line["source"] for line in told} >= sources
    assert {line["state"] for line in told} == {"failing"}
