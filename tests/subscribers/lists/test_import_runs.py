"""A list is tried, then brought in, a chunk at a time, and whoever takes over goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from subscribers.lists import import_runs
from subscribers.lists.import_runs import run_imports
from subscribers.models import ConsentEvent, ListImport, RejectedLine, Subscriber
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db
PEOPLE = "email,topics,confirmed\n" + "".join(
    f"reader{n}@example.org,RAG,yes\n" if n % 5 else f"reader{n},RAG,yes\n" for n in range(10)
)


def make_list(text: str = PEOPLE, **fields: Any) -> ListImport:
    columns = text.partition("\n")[0].split(",")
    known = {"name": "people.csv", "by": "noether", "columns": columns, "created_at": NOW}
    lines = text.count("\n") - 1
    return ListImport.objects.create(text=text, lines=lines, **(known | fields))


def go_on(row: ListImport) -> None:
    ListImport.objects.filter(pk=row.pk).update(is_trial=False, **row.fresh_start)
    row.rejects.all().delete()


def test_a_trial_says_what_would_be_and_writes_nobody() -> None:
    make_subscriber(email="reader1@example.org")
    row = make_list(PEOPLE + "reader2@example.org,agents,yes\n")
    assert run_imports(NOW) is False
    row.refresh_from_db()
    assert (row.state, row.done, row.text != "") == ("done", 11, True)
    assert row.fates == {"rejected": 2, "known already": 2, "asked to confirm": 7}
    assert row.unheard == 7
    assert list(row.rejects.values_list("number", flat=True)) == [2, 7]
    assert Subscriber.objects.count() == 1


def test_what_was_tried_is_brought_in_once_and_its_addresses_are_dropped() -> None:
    row = make_list(is_consent_given=True)
    run_imports(NOW)
    go_on(row)
    run_imports(NOW)
    row.refresh_from_db()
    assert (row.fates, row.text) == ({"rejected": 2, "confirmed": 8}, "")
    assert Subscriber.objects.active().count() == 8
    assert set(ConsentEvent.objects.values_list("by", flat=True)) == {"noether"}
    again = make_list(is_consent_given=True, is_trial=False)
    run_imports(NOW)
    again.refresh_from_db()
    assert again.fates == {"rejected": 2, "known already": 8}


def test_another_worker_goes_on_where_one_ended_and_counts_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 3)
    row = make_list(is_trial=False)
    turns = iter([True, True, True, False])
    assert run_imports(NOW, lambda: next(turns, False)) is True
    row.refresh_from_db()
    assert (row.state, row.done) == ("queued", 6)
    # A worker that dies says nothing, and its lease ends.
    later = NOW + timedelta(minutes=6)
    ListImport.objects.update(state="running", claimed_until=NOW + timedelta(minutes=5))
    assert run_imports(NOW) is False
    run_imports(later)
    row.refresh_from_db()
    assert (row.state, row.done, row.fates) == ("done", 10, {"rejected": 2, "asked to confirm": 8})
    assert Subscriber.objects.pending().count() == 8


def test_a_trial_in_two_runs_says_what_one_run_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 2)
    rows = ["ada@example.org,-x", "bob@example.org,RAG", "ada@example.org,RAG"]
    row = make_list("\n".join(["email,topics", *rows, "bob@example.org,RAG\n"]))
    turns = iter([True, True, False])
    assert run_imports(NOW, lambda: next(turns, False)) is True
    run_imports(NOW)
    row.refresh_from_db()
    assert row.fates == {"rejected": 1, "asked to confirm": 2, "known already": 1}


def test_a_chunk_that_fails_is_taken_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_list("email,topics\nada@example.org,RAG\nbob@example.org,RAG\n", is_trial=False)
    real = import_runs.Tally.take

    def die_after(self: Any, *args: Any) -> Any:
        assert len(real(self, *args)) == Subscriber.objects.count() == 2
        raise RuntimeError("the worker dies")

    monkeypatch.setattr(import_runs.Tally, "take", die_after)
    with pytest.raises(RuntimeError):
        run_imports(NOW)
    row.refresh_from_db()
    assert (row.done, Subscriber.objects.count()) == (0, 0)


def test_one_that_was_stopped_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 1)
    row = make_list(is_trial=False)
    seen: list[int] = []

    def stop_after_two() -> bool:
        seen.append(1)
        if len(seen) == 4:
            ListImport.objects.update(state="stopped")
        return True

    run_imports(NOW, stop_after_two)
    row.refresh_from_db()
    assert (row.state, row.done) == ("stopped", 2)


def test_after_three_days_nothing_of_a_list_is_left() -> None:
    make_list()
    run_imports(NOW)
    run_imports(NOW + timedelta(days=2))
    assert RejectedLine.objects.count() == 2
    run_imports(NOW + timedelta(days=4))
    assert not ListImport.objects.exists()
    assert not RejectedLine.objects.exists()


TWICE = [
    "email,topics\nada@example.org,RAG\nmailto:Ada@example.org,RAG\nAda <ada@example.org>,RAG\n",
    "email,topics\nada@bücher.example,RAG\nada@xn--bcher-kva.example,RAG\n",
    "email,topics,confirmed\nada@example.org,RAG,\nada@example.org,RAG,yes\nada@example.org,RAG,\n",
    "email,topics,confirmed\nada@example.org,RAG,0001-01-01T00:00:00+14:00\n",
    "email,topics,paused_until,confirmed\nada@example.org,RAG,9999-12-31T23:00:00-14:00,yes\n",
]


@pytest.mark.parametrize("chunk", [1, 500])
@pytest.mark.parametrize("is_consent_given", [True, False])
@pytest.mark.parametrize("text", TWICE)
def test_a_trial_judges_each_line_as_bringing_it_in_does(
    monkeypatch: pytest.MonkeyPatch, text: str, is_consent_given: bool, chunk: int
) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", chunk)
    row = make_list(text, is_consent_given=is_consent_given)
    turns = iter([True, False])
    while run_imports(NOW, lambda: next(turns, True)):
        pass
    row.refresh_from_db()
    tried, rejects = row.fates, list(row.rejects.values_list("number", "reason"))
    go_on(row)
    run_imports(NOW)
    row.refresh_from_db()
    assert (row.state, row.fates) == ("done", tried)
    assert list(row.rejects.values_list("number", "reason")) == rejects
