"""What a poll comes to: a state and a sentence, whatever became of each document."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.ingest.conclude import conclude_poll
from digest.ingest.poll import Poll
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.ingest.store import StoredChanges
from digest.models import Source
from tests.factories import NOW

ENTRY = ParsedEntry("g1", "url:https://lab.example.org/1", "A post", "https://lab.example.org/1")
BUSY = FetchError("It asks us to slow down (429).", status=429)


def poll(kind: str = "feed", **fields: object) -> Poll:
    made = Poll(Source(kind=kind, url="https://lab.example.org/feed", title="A lab"), NOW)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_what_came_in_is_counted_in_a_sentence() -> None:
    stored = StoredChanges(new=1, updated=2, replacements=1, new_guids=frozenset({"g1"}))
    made = poll(answered=1, documents=[ParsedDocument((ENTRY,))], stored=stored)
    assert conclude_poll(made) == (
        Source.State.HEALTHY,
        "1 new paper, 2 known papers updated, 1 replacement.",
    )


def test_a_source_without_anything_new_is_well() -> None:
    made = poll(answered=1, documents=[ParsedDocument((ENTRY,))])
    assert conclude_poll(made) == (Source.State.HEALTHY, "Nothing new since the last poll.")


def test_nothing_read_is_a_failure_with_the_hosts_reason() -> None:
    assert conclude_poll(poll(error=BUSY)) == (Source.State.FAILING, str(BUSY))
    gone = FetchError("The feed is gone for good (410).", status=410)
    assert conclude_poll(poll(error=gone)) == (Source.State.STOPPED, str(gone))
    assert conclude_poll(poll(problems=["It is no feed."]))[0] == Source.State.FAILING


def test_what_is_lacking_beside_what_was_read_is_counted() -> None:
    cut = ParsedDocument((ENTRY,), is_whole=False, problem="The feed was cut short.")
    state, sentence = conclude_poll(poll(answered=1, documents=[cut], error=BUSY))
    assert state == Source.State.PARTIAL
    assert sentence.startswith(f"{BUSY} (And 1 more such.) ")


@pytest.mark.parametrize(
    ("error", "faults", "is_over"),
    [
        (None, 0, False),
        (FetchError("It failed.", status=500), 1, False),
        (FetchError("It failed.", status=500), 2, True),
        (BUSY, 1, True),
        (FetchError("Later.", status=503, retry_after=timedelta(minutes=1)), 1, True),
        (FetchError("Later.", status=503, retry_after=timedelta(0)), 1, False),
    ],
)
def test_a_host_that_asks_for_a_pause_or_fails_twice_is_left(
    error: FetchError | None, faults: int, is_over: bool
) -> None:
    assert poll(error=error, faults=faults).is_over is is_over
