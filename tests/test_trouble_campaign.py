"""What `make trouble` makes of a provider's book; the run itself takes minutes and is no test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.campaigns.delivery.trouble import Phase, TimedBook, list_faults
from tests.provider_server import Call


def meet(book: TimedBook, name: str, moment: float, fault: str = "") -> None:
    book.calls.append(Call("/messages", {}, f"to={name}%40example.org".encode(), 1))
    book.met.append((moment, fault))


def make_rows(book: TimedBook, phase: str, asked: dict[str, float]) -> list[dict[str, Any]]:
    """Of a phase that ended at second 200."""
    named = {f"{phase}-{mail}": moment for mail, moment in asked.items()}
    return Phase(phase, book, asked=named, ended=200.0).make_rows()


def test_each_fault_that_was_met_is_in_the_book_beside_its_call() -> None:
    book = TimedBook()
    book.faults.extend(["500"])
    assert [book.next_fault(), book.next_fault()] == ["500", ""]
    assert [fault for _, fault in book.met] == ["500", ""]


def test_a_mail_has_left_with_the_first_call_that_was_not_refused() -> None:
    book = TimedBook()
    meet(book, "calm-letter-0", 1.0, "429")
    meet(book, "calm-letter-0", 9.0, "slow")
    meet(book, "calm-letter-0", 20.0)
    assert book.read_mails() == ({"calm-letter-0": 9.0}, {"calm-letter-0"})


def test_what_met_a_fault_counts_among_all_and_not_among_the_others() -> None:
    book = TimedBook()
    meet(book, "calm-digest-0", 5.0)
    meet(book, "calm-digest-1", 6.0, "500")
    rows = make_rows(book, "calm", {"digest-0": 0.0, "digest-1": 1.0})
    others, everyone = rows[0], rows[1]
    assert (others["mails"], others["on_time"], others["longest"]) == (1, 1.0, 5.0)
    assert (everyone["mails"], everyone["on_time"], everyone["longest"]) == (2, 0.5, 199.0)


@pytest.mark.parametrize(
    ("left", "says"),
    [
        ((10.0, 10.0), []),
        ((90.0, 10.0), ["Of the other digests 0.0% left on time in trouble, 100.0% in calm."]),
        (
            (10.0, 90.0),
            [
                "Of the other letters 0.0% left on time in trouble, 100.0% in calm.",
                "A letter waited 90.0 s in the troubled phase.",
            ],
        ),
    ],
)
def test_late_mails_are_faults(left: tuple[float, float], says: list[str]) -> None:
    rows = []
    for phase, moments in (("calm", (1.0, 1.0)), ("troubled", left)):
        book = TimedBook()
        meet(book, f"{phase}-digest-0", moments[0])
        meet(book, f"{phase}-letter-0", moments[1])
        rows += make_rows(book, phase, {"digest-0": 0.0, "letter-0": 0.0})
    assert list_faults(rows) == says
