"""Deliver editions under fire, one provider after the other: `make campaign`.

MAILS says how many to each provider (by default a sixth of 100,000), SEED how the dice fall,
PROVIDERS which of them, and EVERY after how many seconds something befalls the service. Prints a
table; exit 1 where somebody was mailed twice or never, where a recovery took too long, or where
more is in doubt than a provider that tells nothing can explain.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

from tests.campaigns.delivery.names import CAN_TELL, PROVIDERS

MAILS = int(os.environ.get("MAILS", "16700"))
SEED = int(os.environ.get("SEED", "1"))
RECOVERED_WITHIN = 120.0  # seconds, of 95 in 100 recoveries
COLUMNS = (
    ("provider", "provider"),
    ("mails", "mails"),
    ("calls", "calls"),
    ("twice", "twice"),
    ("never", "never"),
    ("unknown", "unknown at first"),
    ("in_doubt", "in doubt at the end"),
    ("unmailed", "of these never accepted"),
    ("kills", "kills"),
    ("recovery", "recovery p95, s"),
    ("ending", "longest end after SIGTERM, s"),
    ("seconds", "seconds"),
)


def run_provider(name: str) -> dict[str, Any]:
    """In a process of its own, since settings are read once."""
    words = ["-m", "tests.campaigns.delivery.one_provider", name, str(MAILS), str(SEED)]
    done = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE, text=True)
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


def make_row(outcome: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of one provider."""
    kills = sum(n for deed, n in outcome["deeds"].items() if "killed" in deed)
    return {
        **outcome,
        "unknown": outcome["in_doubt_before_settling"],
        "kills": kills,
        "recovery": find_percentile(outcome["recoveries"], 0.95),
        "ending": max(outcome["endings"], default=0.0),
    }


def find_percentile(ordered: list[float], share: float) -> float:
    """The value below which that share of the ordered values lies; 0.0 of none."""
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1) if ordered else 0.0


def list_faults(row: dict[str, Any]) -> list[str]:
    """What must not be, as sentences."""
    name = row["provider"]
    faults = [
        f"{name}: {row[key]} {words}"
        for key, words in (
            ("twice", "were mailed twice"),
            ("never", "were never mailed"),
            ("said_sent_but_never", "are said to be sent and were not"),
            ("accepted_but_said_unsent", "were accepted and are said to be unsent"),
        )
        if row[key]
    ]
    if name in CAN_TELL and row["in_doubt"]:
        faults.append(f"{name}: {row['in_doubt']} are still in doubt, though it can tell")
    elif row["in_doubt"] and row["batch_size"] > 1:
        faults.append(f"{name}: a call without an answer leaves more than one mail in doubt")
    if row["recovery"] > RECOVERED_WITHIN:
        faults.append(f"{name}: recovery took {row['recovery']} s")
    return faults


def main() -> int:
    names = os.environ.get("PROVIDERS", ",".join(PROVIDERS)).split(",")
    if unknown := set(names) - set(PROVIDERS):
        sys.exit(f"PROVIDERS names {', '.join(unknown)}; it can be {', '.join(PROVIDERS)}.")
    rows, deeds = [], Counter[str]()
    for name in names:
        outcome = run_provider(name)
        deeds.update(outcome["deeds"])
        rows.append(make_row(outcome))
        print(json.dumps({k: v for k, v in rows[-1].items() if k != "recoveries"}), flush=True)
    print("\n| " + " | ".join(title for _, title in COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for row in rows:
        print("| " + " | ".join(f"{row[key]}" for key, _ in COLUMNS) + " |")
    print("\n| what befell it | times |\n|---|---|")
    for deed, count in sorted(deeds.items()):
        print(f"| {deed} | {count} |")
    faults = [fault for row in rows for fault in list_faults(row)]
    print("\n" + "\n".join(faults or ["Nobody twice, nobody never."]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
