"""Write the tables of docs/promises.md anew from the guards: `python -m tests.write_promises`.

What stands between the tables is written by hand and stays.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.promises import GUARDS, Guard

DOCUMENT = Path(__file__).parent.parent / "docs" / "promises.md"
HEAD = "| guard | kept in | test | removed by |\n|---|---|---|---|\n"
TABLE = re.compile(r"(^## (\d+)\. .*?\n)\| guard .*?\n\n", re.MULTILINE | re.DOTALL)
SHOWN_CHARS = 80


def fill_tables(document: str) -> str:
    """The document with a row for every guard, below its promise."""
    return TABLE.sub(lambda found: f"{found[1]}{make_table(int(found[2]))}\n", document)


def make_table(promise: int) -> str:
    return HEAD + "".join(_make_row(guard) for guard in GUARDS if guard.promise == promise)


def _make_row(guard: Guard) -> str:
    tests = []
    for test in guard.tests:
        path, _, name = test.partition("::")
        tests.append(f"`{name.rpartition('::')[2]}` in {path}" if name else path)
    return f"| {guard.name} | {guard.path} | {', '.join(tests)} | {_describe_removal(guard)} |\n"


def _describe_removal(guard: Guard) -> str:
    """What stands in the guard's place, on one line."""
    instead = " ".join(guard.instead.split())
    if not instead or instead == "pass":
        return "leaving it out"
    shown = instead if len(instead) <= SHOWN_CHARS else f"{instead[:SHOWN_CHARS]}…"
    return f"`{shown}`".replace("|", "\\|")


if __name__ == "__main__":
    DOCUMENT.write_text(fill_tables(DOCUMENT.read_text()))
