#!/usr/bin/env python3
"""Compare what two checkouts do: the proof that a refactoring changed nothing.

compare_checkouts.py OLD NEW [--replay PROGRAM] [--papers FILE --topics FILE] [--keep FOLDER]
compare_checkouts.py OLD --keep FOLDER [...]    asks OLD now, to be compared later

Each checkout lives some days for two dozen readers, in a folder and a database of its own. What it
said is compared: every mail, some hundred pages with their headers, what its commands print, the
matches it stored, and those of match_topics in the files given. scripts/comparable.py tells what is
left out of the comparison, and why. Exit status 1 where anything differs, where the HTML of the new
mails is larger, or where nothing was compared; 2 where a checkout could not be asked.

The days come from a program that replays captured days: one that serves them on loopback, takes
--port and --day, and is told of the next day by a POST to /clock?day=. Without it the days are
those of the bundled sample.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import date
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ask_checkouts import FIRST, KINDS, MOST_DAYS, SAMPLE_DAYS, CannotAsk, Said, ask_all
from comparable import describe_mail, describe_page, list_page_words, name_lots, read_body
from with_services import stop_on_termination

MOST_LINES = 60  # of each difference shown
Difference = tuple[str, list[str] | None, list[str] | None]  # of what, the old and the new lines


def main() -> int:
    options = read_options()
    stop_on_termination()
    # A page may hold bytes that are no text.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with TemporaryDirectory(prefix="offprint-compare-") as folder:
            said = ask_all(options, Path(folder))
    except CannotAsk as problem:
        print(problem, file=sys.stderr)
        return 2
    return compare(said[0], said[1], options) if options.new else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW", nargs="?")
    for name in ("old", "new"):
        parser.add_argument(f"--python-{name}", metavar="P", help="its .venv's, else this one")
        parser.add_argument(
            f"--database-{name}", metavar="URL", default="", help="an empty one; SQLite without"
        )
    parser.add_argument("--replay", type=Path, metavar="PROGRAM", help="a Python file")
    parser.add_argument("--days", type=int, metavar="N", help=f"{MOST_DAYS}, or {SAMPLE_DAYS}")
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST, metavar="DATE")
    parser.add_argument("--papers", type=Path, metavar="FILE", help="as match_topics reads them")
    parser.add_argument("--topics", type=Path, metavar="FILE")
    parser.add_argument("--only", default=",".join(KINDS), metavar="KINDS", help=",".join(KINDS))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what OLD said, reuse it")
    parser.add_argument("--words", action="store_true", help="pages by words and links alone")
    parser.add_argument("--leave-out", metavar="REGEX", help="of what is not to be compared")
    parser.add_argument("--show", type=int, default=5, metavar="N", help="differences shown; 5")
    parser.add_argument("--diff", type=Path, metavar="FILE", help="write all differences there")
    options = parser.parse_args()
    options.only = [kind for kind in KINDS if kind in options.only.split(",")]
    if not (options.new or options.keep):
        parser.error("Without NEW there is nothing to compare: name it, or a folder to --keep OLD.")
    if bool(options.papers) != bool(options.topics):
        parser.error("--papers and --topics go together.")
    return options


# -- comparing -------------------------------------------------------------------------------------


def compare(old: Said, new: Said, options: argparse.Namespace) -> int:
    """Print the table and the first differences; the exit status."""
    print(f"\n{'':12}{'old':>8}{'new':>8}{'differ':>8}")
    differ: list[Difference] = []
    compared = 0
    for kind in options.only:
        ours, theirs = (describe(said, kind, options) for said in (old, new))
        keys = list(dict.fromkeys([*ours, *theirs]))
        found = [key for key in keys if ours.get(key) != theirs.get(key)]
        print(f"{kind:12}{len(ours):8}{len(theirs):8}{len(found):8}")
        compared += len(keys)
        differ += [(f"{kind}: {key}", ours.get(key), theirs.get(key)) for key in found]
    is_larger = weigh_mails(old, new) if "mails" in options.only else False
    if "pages" in options.only:
        print(f"Questions to the database behind the pages: {old['queries']}, {new['queries']}.")
    show(differ, options.show, options.diff)
    return conclude(compared, len(differ), is_larger)


def show(differ: list[Difference], most: int, everything: Path | None) -> None:
    """Print the first differences, each shortened; write all of them whole to the file."""
    for difference in differ[:most]:
        lines = diff(*difference)
        print("\n" + "\n".join(lines[:MOST_LINES]))
        if len(lines) > MOST_LINES:
            print(f"… and {len(lines) - MOST_LINES} more lines")
    if everything:
        with everything.open("w", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for difference in differ for line in diff(*difference))


def conclude(compared: int, differ: int, is_larger: bool) -> int:
    if not compared:
        print("\nNothing was compared.")
    elif differ:
        print(f"\n{differ} of {compared} differ.")
    elif is_larger:
        print("\nNothing differs, but the new mails are larger.")
    else:
        print(f"\nNone of {compared} differs.")
    return 1 if differ or is_larger or not compared else 0


def describe(said: Said, kind: str, options: argparse.Namespace) -> dict[str, list[str]]:
    """The lines of everything of this kind, by what it is."""
    names = said["names"]
    readers: dict[str, Callable[[Any], list[str]]] = {
        "mails": describe_mail,
        "pages": list_page_words if options.words else describe_page,
    }
    read = readers.get(kind, str.splitlines)
    return {
        name_lots(key, names): name_lots("\n".join(read(value)), names).split("\n")
        for key, value in said[kind].items()
        if not (options.leave_out and re.search(options.leave_out, key))
    }


def diff(title: str, old: list[str] | None, new: list[str] | None) -> list[str]:
    if old is None or new is None:
        return [f"{title}: only in {'new' if old is None else 'old'}"]
    return [title, *unified_diff(old, new, "old", "new", lineterm="")]


def weigh_mails(old: Said, new: Said) -> bool:
    """Print how many bytes of HTML all mails have; whether the new ones have more."""
    ours, theirs = (
        sum(len(read_body(raw, "html").encode()) for raw in said["mails"].values())
        for said in (old, new)
    )
    print(f"Bytes of the mails' HTML: {ours:,}, {theirs:,} ({theirs - ours:+,}).")
    return theirs > ours


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
