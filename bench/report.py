"""docs/scale.md: the last whole run in words, tables and charts, beside the run before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.charts import draw_bars, draw_line, format_value
from bench.summary import LIKE_PLAIN, PLANNED, RARELY, STAGES, add_cpu, divide_cpu, has
from bench.work import ROOT

Found = Mapping[str, Any]
DOCUMENT = ROOT / "docs" / "scale.md"
PICTURES = ROOT / "docs" / "pictures"
AXES = (
    ("readers", "Compose: CPU a reader, of ever more readers", "readers in the database"),
    ("history", "Compose: CPU a reader, after ever more days", "days of past mails"),
    ("topics", "Match: CPU a paper, with ever more topics", "topics"),
    ("papers", "A new topic: CPU, with ever more papers", "papers of the last 30 days"),
)
_HEAD = """# How fast it is, and how that grows

`make bench` measures this in one run and writes this page; `make bench QUICK=1` does the same on
small data in some minutes and writes nothing. Papers, topics and readers are made for it with the
word statistics of real abstracts (`bench/papers.py`, `bench/topics.py`, `bench/readers.py`), always
the same; PostgreSQL and Valkey are real, the email provider is a process on loopback that takes
everything. What is measured are the functions that Celery's tasks call. CPU is that of the
product's process and of all of PostgreSQL's; the provider's is not counted. Past mails go in by
COPY and hold papers that are no more; the eight days of papers and matches were read, scored and
matched by the product itself.
"""


def write_report(run: Found, last: Found | None) -> None:
    """Write the page and its charts. `last` is the run before, None where there is none."""
    PICTURES.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n".join(_write_lines(run, last)) + "\n", encoding="utf-8")


def _write_lines(run: Found, last: Found | None) -> Iterator[str]:
    found = run["chapters"]
    yield _HEAD
    yield "## The machine\n"
    yield from _write_table(("", ""), list(run["machine"].items()))
    yield from _write_figures(run["figures"], last["figures"] if last else {})
    if has(found, "day"):
        yield from _write_day(found["day"])
    yield from _write_growth(found)
    yield from _write_rest(found)
    yield from _write_failures(found)


def _write_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(_write_cell, row)) + " |"
    yield ""


def _write_cell(value: Any) -> str:
    if value is None:
        return "not measured"
    if isinstance(value, float):
        return format_value(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _write_figures(figures: Found, before: Found) -> Iterator[str]:
    yield "## The figures\n"
    rows = []
    for name, value in figures.items():
        old = before.get(name)
        if isinstance(value, Mapping):
            value = ", ".join(f"{workers}: {rate}" for workers, rate in value.items())
            old = ", ".join(f"{workers}: {rate}" for workers, rate in (old or {}).items())
        rows.append((f"`{name}`", value, old if old else "–"))
    yield from _write_table(("figure", "this run", "the run before"), rows)


def _write_day(day: Found) -> Iterator[str]:
    stages, plain = day["stages"], day["plain"]
    mails = stages["deliver"]["units"]
    yield f"## A day of {mails:,} mails\n"
    head = ("stage", "of", "wall s", "client CPU s", "PostgreSQL CPU s", "ms each", "queries")
    rows = [(name, *list_costs(stages[name])) for name in STAGES]
    yield from _write_table((*head, "rows", "WAL bytes", "peak MB"), rows)
    yield from _write_where(stages)
    yield "## Beside the plain loop\n"
    yield "`bench/plain.py` says what its three variants do, and what they lack.\n"
    loops = [("Offprint: deliver", stages["deliver"]), *plain.items()]
    if "ready" in day:
        yield "`bench/ready.py` is the least: it hands mails over whose bodies are ready.\n"
        loops.append(("ready", day["ready"]))
    columns = ("loop", "mails", "papers a mail", "bytes a mail", "client CPU s")
    yield from _write_table(
        (*columns, "PostgreSQL CPU s", "ms a mail"),
        [(name, *list_mail_costs(one)) for name, one in loops],
    )
    ours = sum(add_cpu(stages[name]) for name in ("match", "compose", "deliver")) / mails * 1000
    bars = [("Offprint, match to deliver", ours, True)]
    bars += [(f"plain, {name}", divide_cpu(one) or 0.0, False) for name, one in plain.items()]
    yield _save("scale-mail.svg", draw_bars("CPU a mail", bars, "ms"))
    yield "Bytes a reader in the database, with indexes:\n"
    yield from _write_table(("table", "bytes"), list(day["sizes"]["bytes"].items()))


def _write_where(stages: Found) -> Iterator[str]:
    """Which modules spend the CPU time of the three large stages, the client's part of it."""
    sampled = {name: stages[name] for name in LIKE_PLAIN if stages[name].get("where")}
    if not sampled:
        return
    yield "## Where the time goes\n"
    yield (
        "The client's CPU, looked at every five milliseconds (`bench/sampler.py`), by the module "
        "that spent it, itself or in a library that it called.\n"
    )
    for name, cost in sampled.items():
        each = cost["client"] / max(cost["units"], 1) * 1000
        bars = [(module, share * each, True) for module, share in cost["where"].items()]
        title = f"{name}: {format_value(each)} ms of client CPU each, by module"
        yield _save(f"scale-where-{name}.svg", draw_bars(title, bars, "ms"))


def list_costs(cost: Found) -> tuple[Any, ...]:
    """The cells of a stage."""
    times = (cost["wall"], cost["client"], cost["database"], divide_cpu(cost))
    return cost["units"], *times, cost["queries"], cost["rows"], cost["wal"], round(cost["peak_mb"])


def list_idle_costs(idle: Found) -> tuple[Any, ...]:
    """The cells of an idle minute."""
    minutes, database = idle["units"], idle["database"]
    in_database = None if database is None else database / minutes * 1000
    each = (idle["queries"] / minutes, idle["client"] / minutes * 1000, in_database)
    return idle["deliveries"], idle["calls"], *each


def list_mail_costs(cost: Found) -> tuple[Any, ...]:
    """The cells of a loop that mails."""
    papers = cost["papers"] / max(cost["units"], 1)
    times = (cost["client"], cost["database"], divide_cpu(cost))
    return cost["units"], papers, cost["bytes"], *times


def _write_growth(found: Found) -> Iterator[str]:
    yield "## Growth\n"
    for name, title, across in AXES:
        points = found.get(name)
        if not isinstance(points, list):
            continue
        head = (across, "done", "client CPU s", "PostgreSQL CPU s", "ms each", "peak MB")
        rows = [
            (p["at"], p["units"], p["client"], p["database"], divide_cpu(p), round(p["peak_mb"]))
            for p in points
        ]
        line = [(p["at"], divide_cpu(p) or 0.0) for p in points]
        yield _save(f"scale-{name}.svg", draw_line(title, line, across, "ms"))
        yield from _write_table(head, rows)


def _write_rest(found: Found) -> Iterator[str]:
    if has(found, "workers"):
        yield "## Workers\n\nMails a second of the wall clock, by how many deliver at once:\n"
        yield from _write_table(("workers", "mails a second"), list(found["workers"].items()))
    if isinstance(points := found.get("history"), list):
        yield "## A minute with nothing due\n"
        head = (
            "past deliveries",
            "calls of tasks",
            "queries",
            "client CPU ms",
            "PostgreSQL CPU ms",
        )
        yield from _write_table(head, [list_idle_costs(point["idle"]) for point in points])
    if isinstance(points := found.get("readers"), list):
        yield from _write_plans(points[-1])
    if has(found, "lab"):
        yield from _write_lab(found["lab"])
    if has(found, "days"):
        days = found["days"]
        yield f"## {days['units']} days in one process\n"
        yield f"Measured {days['on']}, after three weeks of papers alone. {days['mails']:,} mails;"
        yield "megabytes in use after each day:\n"
        yield ", ".join(f"{memory:.0f}" for memory in days["memory_mb"]) + ".\n"
    if has(found, "million"):
        yield from _write_million(found["million"])
    if has(found, "pages"):
        yield from _write_pages(found["pages"])


def _write_lab(lab: Found) -> Iterator[str]:
    yield f"## A lab of {lab['readers']:,} readers, on SQLite in one process\n"
    seconds = sum(cost["wall"] for cost in lab["stages"].values())
    yield f"From the list of a day to the last mail: {seconds:.0f} seconds.\n"
    head = ("stage", "of", "wall s", "CPU s", "ms each", "queries", "peak MB")
    rows = [
        (n, c["units"], c["wall"], c["client"], divide_cpu(c), c["queries"], round(c["peak_mb"]))
        for n, c in lab["stages"].items()
    ]
    yield from _write_table(head, rows)


def _write_million(million: Found) -> Iterator[str]:
    """One edition of very many readers, from the first who is due to the last mail."""
    stages = {name: million[name] for name in ("compose", "deliver")}
    minutes = sum(cost["wall"] for cost in stages.values()) / 60
    yield f"## An edition of {million['readers']:,} readers\n"
    yield (
        f"Measured {million['on']}: {million['workers']} workers handed {million['mails']:,} mails "
        f"over in {million['calls']:,} calls, {minutes:.0f} minutes after the first was due.\n"
    )
    head = ("stage", "of", "wall s", "client CPU s", "PostgreSQL CPU s", "ms each", "queries")
    rows = [(name, *list_costs(cost)) for name, cost in stages.items()]
    yield from _write_table((*head, "rows", "WAL bytes", "peak MB"), rows)


def _write_plans(point: Found) -> Iterator[str]:
    yield f"## Query plans at {point['at']:,} readers\n"
    yield "Which large tables a statement reads from end to end, as EXPLAIN tells:\n"
    rows = [
        (
            work,
            point["plans"][work]["statements"],
            ", ".join(point["plans"][work]["scanned"]) or "none",
        )
        for work in (*PLANNED, *RARELY)
    ]
    yield from _write_table(("what", "distinct statements", "tables"), rows)


def _write_pages(pages: Found) -> Iterator[str]:
    yield f"## Pages over {pages['papers']:,} papers\n"
    yield "gunicorn as in the Dockerfile, eight visitors at once on this machine.\n"
    rows = [
        (
            name,
            page["requests_per_second"],
            page["median_ms"],
            page["p95_ms"],
            page["server_cpu_ms"],
        )
        for name, page in pages.items()
        if isinstance(page, Mapping)
    ]
    head = ("page", "requests a second", "median ms", "95 % within ms", "server CPU ms")
    yield from _write_table(head, rows)
    bars = [(name, float(rate), name != "plain") for name, rate, *_ in rows]
    yield _save("scale-pages.svg", draw_bars("Requests a second", bars, ""))


def _write_failures(found: Found) -> Iterator[str]:
    failed = {name: one["failed"] for name, one in found.items() if "failed" in one}
    if failed:
        yield "## Not measured\n"
        yield from _write_table(("what", "why"), list(failed.items()))


def _save(name: str, picture: str) -> str:
    """Write a chart, and hand on the line that shows it."""
    Path(PICTURES / name).write_text(picture, encoding="utf-8")
    title = picture.partition('aria-label="')[2].partition('"')[0]
    return f"![{title}](pictures/{name})\n"
