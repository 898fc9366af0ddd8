"""Memory that the C library keeps for later, given back to the machine.

The first run reads a sample and composes a digest in the process that then serves for weeks, and a
worker's processes hand over tens of megabytes a second in several threads. glibc keeps what this
needed, and more in a separate arena for each thread
(https://man7.org/linux/man-pages/man3/mallopt.3.html, malloc_trim.3.html). Elsewhere nothing is
done.
"""

from __future__ import annotations

import ctypes
from typing import Any

ARENAS = 2  # for all threads; the interpreter runs one of them at a time
_M_ARENA_MAX = -8  # as in malloc.h


def limit_arenas() -> bool:
    """Let threads share a few arenas, from now on; whether the C library can."""
    return bool(_call("mallopt", _M_ARENA_MAX, ARENAS))


def release_memory() -> bool:
    """Give back what is free; whether anything was."""
    return bool(_call("malloc_trim", 0))


def _call(name: str, *values: int) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)(*values)
    except (OSError, TypeError, AttributeError):  # another C library, or none that can be asked
        return 0
