"""What became of the lines of one list, and its rejected lines as a file to mend.

The command and the admin go through a list by this.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO

from subscribers.lists.import_chunk import import_lines
from subscribers.lists.import_csv import (
    Fate,
    ImportRules,
    Outcome,
    find_address,
    says_confirmed,
)
from subscribers.lists.import_file import Line

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t")


@dataclass
class Tally:
    """Takes the lines, some at a time, and counts their fates."""

    rules: ImportRules
    fates: Counter[Outcome] = field(default_factory=Counter)
    unheard: int = 0  # said to have confirmed, and asked nevertheless
    # In a trial, where nothing is written: what became of the line before with the same address.
    seen: dict[str, Outcome] = field(default_factory=dict)

    def take(self, lines: Sequence[Line], now: datetime) -> list[Fate]:
        """Import these lines, or try to: the fate of each, and why where it was rejected."""
        fates = import_lines(lines, now, self.rules)
        return [self._count(line, *fate) for line, fate in zip(lines, fates, strict=True)]

    def _count(self, line: Line, fate: Outcome, reason: str) -> Fate:
        if self.rules.is_trial and fate in (Outcome.ASKED, Outcome.CONFIRMED):
            fate = self._judge_again(find_address(line), fate)
        self.fates[fate] += 1
        is_asked = not self.rules.is_consent_given and fate is Outcome.ASKED
        self.unheard += is_asked and says_confirmed(line)
        return fate, reason

    def note_seen(self, line: Line) -> None:
        """Of a line that an earlier run of the same trial has taken, and did not reject."""
        is_vouched = self.rules.is_consent_given and says_confirmed(line)
        self._judge_again(find_address(line), Outcome.CONFIRMED if is_vouched else Outcome.ASKED)

    def _judge_again(self, address: str, fate: Outcome) -> Outcome:
        """What becomes of it after the lines before: who was only asked may be confirmed yet."""
        before = self.seen.get(address)
        if before and (before == Outcome.CONFIRMED or fate == Outcome.ASKED):
            return Outcome.KNOWN
        self.seen[address] = fate
        return fate


def write_rejects(
    columns: list[str], rejects: Iterable[tuple[int, list[str], str]]
) -> Iterator[str]:
    """The lines of a CSV file: each rejected line as it stands, its number, and the reason."""
    yield _write_row([*columns, "line", "problem"])
    for number, cells, reason in rejects:
        padding = [""] * (len(columns) - len(cells))
        yield _write_row([*map(_disarm_formula, cells), *padding, str(number), reason])


def _write_row(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _disarm_formula(cell: str) -> str:
    """A cell that a spreadsheet would run when the rejected lines are opened there."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell
