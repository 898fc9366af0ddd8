"""A list of 100,000 people with one bad line in a hundred, brought in and out on PostgreSQL.

In a database of its own (ROWS= for other sizes; half an hour and more): a worker tries the list
that was uploaded in the admin and brings it in; all are exported, deleted and imported again by the
command, which is then given the same file once more. Prints how far each was after which time, with
what memory, and what became of the lines. Ends with 1 where a bad line came in or a good one did
not, the second export is another file than the first, the second import changed anything, or memory
grew by more than 40 MB from a tenth of the way to its end. Nothing of yours is read or written.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench_apart import ROOT, run_apart  # beside this file

ROWS = int(os.environ.get("ROWS", "100000"))
BAD_EACH, STEPS, MOST_GROWTH_MB = 100, 10, 40
COLUMNS = ("email", "topics", "timezone", "send_hour", "cadence", "confirmed")
# One after the other, each bad line has one of these in the place of what it should say.
BAD: tuple[dict[str, str], ...] = (
    {"email": ""},
    {"email": "nobody-at-all"},
    {"timezone": "Mars/Olympus"},
    {"send_hour": "25"},
    {"cadence": "hourly"},
    {"topics": ""},
    {"confirmed": "perhaps"},
)
LISTS = "/admin/subscribers/subscriber/import/"


def main() -> None:
    run_apart(__file__, measure)


def measure() -> int:
    folder = Path(os.environ["VAR_DIR"])
    bad, people = sum(1 for n in range(ROWS) if is_bad(n)), folder / "people.csv"
    write_people(people)
    print(f"{ROWS:,} lines, {bad:,} of them bad, {people.stat().st_size / 1e6:.1f} MB")
    flaws = bring_in_by_admin(people, {"rejected": bad, "confirmed": ROWS - bad})
    first, second = folder / "first.csv", folder / "second.csv"
    export(first)
    delete_everybody()
    flaws += bring_in_by_command(first, f"{ROWS - bad} confirmed, 0 asked to confirm, 0 known")
    export(second)
    is_same = first.read_bytes() == second.read_bytes()
    print(f"exported, deleted, imported and exported again: {'the same' if is_same else 'OTHER'}")
    flaws += [] if is_same else ["the second export is another file"]
    flaws += bring_in_by_command(first, f" 0 confirmed, 0 asked to confirm, {ROWS - bad} known")
    export(second)
    flaws += [] if first.read_bytes() == second.read_bytes() else ["a second import changed rows"]
    print("\n".join(flaws) or "all as it should be")
    return len(flaws)


def is_bad(number: int) -> bool:
    return number % BAD_EACH == BAD_EACH // 2


def write_people(path: Path) -> None:
    from bench.topics import make_topics  # noqa: PLC0415

    topics = list(make_topics(2_000))
    zones = ("UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York")
    cadences = ("daily", "weekdays", "weekly")
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for n in range(ROWS):
            row = {
                "email": f"r{n}@uni{n % 400}.example",
                "topics": "; ".join(topics[(n * 7 + k * 131) % 2_000] for k in range(1 + n % 3)),
                "timezone": zones[n % 4],
                "send_hour": str(n % 24),
                "cadence": cadences[n % 3],
                "confirmed": "2025-11-03",
            }
            rows.writerow(row | (BAD[n // BAD_EACH % len(BAD)] if is_bad(n) else {}))


def bring_in_by_admin(people: Path, fates: dict[str, int]) -> list[str]:
    """Upload it, let a worker try it, press the button, and let a worker bring it in."""
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from subscribers.models import ListImport  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("bench", "", "x"))
    with people.open("rb") as file:
        page = client.post(LISTS, {"file": file, "consent": "elsewhere"}).headers["Location"]
    flaws = []
    for name in ("tried", "brought in"):
        print(f"{name} by a worker")
        flaws += run_worker()
        row = ListImport.objects.defer("text").get()
        told = client.get(page).content.decode()
        print(f"    {row.fates}; the page says {' '.join(re.findall('[0-9,]+ of [0-9,]+', told))}")
        flaws += [] if row.fates == fates else [f"{name}: {row.fates}"]
        client.post(page, {"go": "1"})
    rejects = b"".join(client.get(f"{page}rejects.csv")).decode().splitlines()
    print(f"    a file of {len(rejects) - 1:,} rejected lines, such as: {rejects[1]}")
    return flaws if len(rejects) - 1 == fates["rejected"] else [*flaws, "rejects are missing"]


def run_worker() -> list[str]:
    from django.utils import timezone  # noqa: PLC0415

    from subscribers.lists.import_chunk import CHUNK  # noqa: PLC0415
    from subscribers.lists.import_runs import run_imports  # noqa: PLC0415

    note, chunks = make_notes(os.getpid()), iter(range(ROWS))

    def keep_going() -> bool:
        note((next(chunks) - 1) * CHUNK)  # it is asked once before the list is claimed
        return True

    run_imports(timezone.now(), keep_going)
    return note(ROWS)


def bring_in_by_command(path: Path, expected: str) -> list[str]:
    print(f"import_subscribers --confirmed, {path.stat().st_size / 1e6:.1f} MB")
    command = ["manage.py", "import_subscribers", str(path), "--confirmed"]
    run = subprocess.Popen(
        [sys.executable, "-u", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    note, said = make_notes(run.pid), ""
    for said in run.stdout:
        if done := re.match(r"(\d+) lines of about", said):
            note(int(done[1]))
    print(f"    {said.strip()}")
    run.wait()
    flaws = note(ROWS)
    return flaws if expected in said else [*flaws, f"not {expected}: {said}"]


def make_notes(pid: int) -> Callable[[int], list[str]]:
    """Print a line for each tenth; the last call says whether memory grew meanwhile."""
    begun, worked, notes = time.monotonic(), read_work_seconds(pid), dict[int, float]()

    def note(done: int) -> list[str]:
        step = done * STEPS // ROWS
        if step not in notes and (memory := read_memory_mb(pid)):
            notes[step] = memory
            clock, work = time.monotonic() - begun, read_work_seconds(pid) - worked
            print(f"    {done:9,} lines {clock:7.0f} s {work:7.1f} s of work {memory:6.0f} MB")
            sys.stdout.flush()
        most = max(notes.values(), default=0.0)
        growth = most - notes.get(1, most)
        return [] if growth <= MOST_GROWTH_MB else [f"memory grew by {growth:.0f} MB"]

    return note


def read_work_seconds(pid: int) -> float:
    """What a processor has worked for a process so far; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_memory_mb(pid: int) -> float:
    """What is resident of a process; 0 of one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0


def export(path: Path) -> None:
    command = [sys.executable, "manage.py", "export_subscribers", str(path), "--replace"]
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print(f"exported in {time.monotonic() - begun:.0f} s")


def delete_everybody() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE subscribers_subscriber, subscribers_topic CASCADE")


if __name__ == "__main__":
    main()
