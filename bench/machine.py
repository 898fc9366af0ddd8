"""The machine a run was made on, and what its processes use, as Linux tells in /proc."""

from __future__ import annotations

import os
import platform
import resource
import sys
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Places in /proc/PID/stat after the name, which may hold spaces and ends with a bracket.
PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def describe_machine() -> dict[str, str]:
    """What somebody must know to compare figures with those of another machine."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return {
        "processors": f"{os.cpu_count()} × {_read_field('cpuinfo', 'model name') or 'unknown'}",
        "memory": _read_field("meminfo", "MemTotal") or "unknown",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "programs that wanted a processor (1, 5, 15 minutes)": load,
        "niceness of this run": str(os.nice(0)),
    }


def _read_field(name: str, field: str) -> str:
    """A line of /proc/NAME by what stands before its colon; "" where there is none."""
    try:
        lines = (PROC / name).read_text().splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(field))
    return next(found, "")


def read_own_cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def read_peak_mb() -> float:
    """The most memory that this process had in use at once, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def find_parent(pid: int) -> int | None:
    """The parent of a process; None where /proc does not tell."""
    stat = _read_stat(pid)
    return int(stat[PARENT]) if stat else None


def read_family_cpu(pid: int) -> float | None:
    """CPU seconds of a process, its children, and those of them that ended; None without /proc."""
    own = _read_stat(pid)
    if own is None:
        return None
    ticks = sum(int(own[n]) for n in (USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM))
    for child in list_children(pid):
        if stat := _read_stat(child):
            ticks += int(stat[USER]) + int(stat[SYSTEM])
    return ticks / TICKS


def list_children(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return [child for child in pids if find_parent(child) == pid]


def _read_stat(pid: int) -> list[str] | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def read_memory_mb() -> float | None:
    """The memory that this process has in use now, in megabytes; None without /proc."""
    try:
        pages = int((PROC / "self" / "statm").read_text().split()[1])
    except OSError:
        return None
    return pages * resource.getpagesize() / 1e6


def find_largest_peak(pids: list[int]) -> float | None:
    """The largest of the peaks of these processes, in megabytes; None where /proc tells none."""
    peaks = []
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "status").read_text().splitlines()
        except OSError:
            continue
        peaks += [int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")]
    return max(peaks, default=None)
