"""The figures that a run comes to, of what its chapters found; None where one was not measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Found = Mapping[str, Any]
STAGES = ("ingest", "score", "match", "compose", "deliver")
LIKE_PLAIN = ("match", "compose", "deliver")  # what the plain loop does too
FEW_PAPERS = 100_000  # a new topic is told of so many, or of the most there were
PLANNED = ("compose", "deliver", "idle minute")  # whose queries are explained
RARELY = ("an edition begins", "an hour begins")  # told apart, and not counted with these
PAGES = ("today", "day", "topic", "paper")
NOT_OURS = ("plain", "ready")  # what the product is compared with
KEYS = (
    *("cpu_ms_per_mail", "ratio_tuned_plain", "ratio_orm_plain", "ratio_marks_plain"),
    "ready_ms_per_mail",
    *("compose_growth", "compose_history_growth", "match_growth"),
    *("new_topic_cpu_ms", "new_topic_rest_cpu_ms", "first_digest_cpu_ms"),
    *("idle_db_ms", "idle_client_ms"),
    *("page_requests_per_second", "plain_page_requests_per_second", "peak_mb"),
    *("mails_per_second_by_workers", "queries_per_mail", "rows_per_mail", "wal_bytes_per_mail"),
    *("lab_seconds", "bytes_per_reader", "sequential_scans", "memory_growth"),
)


def add_cpu(cost: Found) -> float:
    """CPU seconds of client and database together."""
    return float(cost["client"] + (cost["database"] or 0.0))


def divide_cpu(cost: Found, units: int | None = None) -> float | None:
    """CPU milliseconds for each of the units of a cost; None where there were none."""
    count = units or cost["units"]
    return round(add_cpu(cost) / count * 1000, 4) if count else None


def divide(one: float | None, other: float | None) -> float | None:
    return round(one / other, 2) if one is not None and other else None


def sum_up(found: Found) -> dict[str, Any]:
    """The figures by their names, all of KEYS."""
    figures: dict[str, Any] = dict.fromkeys(KEYS)
    if has(found, "day"):
        figures |= _sum_up_day(found["day"])
    figures["compose_growth"] = measure_growth(found.get("readers"))
    figures["compose_history_growth"] = measure_growth(found.get("history"))
    if isinstance(points := found.get("readers"), list):
        plans = points[-1]["plans"]
        figures["sequential_scans"] = sum(len(plans[work]["scanned"]) for work in PLANNED)
    figures |= _sum_up_processes(found)
    figures["match_growth"] = measure_growth(found.get("topics"))
    if isinstance(points := found.get("papers"), list):
        few = [point for point in points if point["at"] <= FEW_PAPERS] or points[:1]
        figures["new_topic_cpu_ms"] = divide_cpu(few[-1])
        if rest := few[-1].get("rest"):  # which runs before this was told apart have not
            figures["new_topic_rest_cpu_ms"] = round(rest / few[-1]["units"] * 1000, 4)
    if has(found, "first_digest"):
        figures["first_digest_cpu_ms"] = divide_cpu(found["first_digest"], 1)
    if isinstance(found.get("history"), list):
        idle = found["history"][-1]["idle"]
        figures["idle_client_ms"] = round(idle["client"] / idle["units"] * 1000, 2)
        if idle["database"] is not None:
            figures["idle_db_ms"] = round(idle["database"] / idle["units"] * 1000, 2)
    if has(found, "pages"):
        pages = found["pages"]
        slowest = min(pages[name]["requests_per_second"] for name in PAGES)
        figures["page_requests_per_second"] = slowest
        figures["plain_page_requests_per_second"] = pages["plain"]["requests_per_second"]
    if has(found, "workers"):
        figures["mails_per_second_by_workers"] = found["workers"]
    figures["peak_mb"] = max((round(peak) for peak in list_peaks(found)), default=None)
    return figures


def has(found: Found, chapter: str) -> bool:
    """Whether a chapter was measured."""
    return chapter in found and "failed" not in found[chapter]


def _sum_up_processes(found: Found) -> dict[str, Any]:
    """Of what one process lives through: many days, or the day of a lab."""
    figures: dict[str, Any] = {}
    if has(found, "days"):
        figures["memory_growth"] = found["days"]["memory_growth"]
    if has(found, "lab"):
        walls = [cost["wall"] for cost in found["lab"]["stages"].values()]
        figures["lab_seconds"] = round(sum(walls), 1)
    return figures


def _sum_up_day(day: Found) -> dict[str, Any]:
    stages, plain = day["stages"], day["plain"]
    mails = stages["deliver"]["units"]
    like_plain = divide(sum(add_cpu(stages[name]) for name in LIKE_PLAIN) * 1000, mails)
    ratios = {
        f"ratio_{name}_plain": divide(divide_cpu(cost), like_plain) for name, cost in plain.items()
    }
    totals = {
        f"{name}_per_mail": divide(sum(cost[key] for cost in stages.values()), mails)
        for name, key in (("queries", "queries"), ("rows", "rows"), ("wal_bytes", "wal"))
    }
    whole = divide(sum(map(add_cpu, stages.values())) * 1000, mails)
    bytes_each = sum(day["sizes"]["bytes"].values())
    least = divide_cpu(day["ready"]) if "ready" in day else None  # not in runs of before
    each = {"cpu_ms_per_mail": whole, "ready_ms_per_mail": least, "bytes_per_reader": bytes_each}
    return ratios | totals | each


def measure_growth(points: Any) -> float | None:
    """The cost of one at the largest size, as a multiple of that at the smallest."""
    if not isinstance(points, list) or len(points) < 2:
        return None
    return divide(divide_cpu(points[-1]), divide_cpu(points[0]))


def list_peaks(found: Any) -> Iterable[float]:
    """Every peak of memory of the product's processes, in megabytes."""
    if isinstance(found, list):
        for one in found:
            yield from list_peaks(one)
    elif isinstance(found, Mapping):
        for name, value in found.items():
            if name == "peak_mb" and value:
                yield value
            elif name not in NOT_OURS:
                yield from list_peaks(value)
