"""Feeds are parsed in a child process that can be killed; this is the parent's side of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.parsed import Unreadable

WALL_SECONDS = 9.0


def parse_in_child(
    body: bytes,
    url: str,
    content_type: str = "",
    *,
    wall_seconds: float = WALL_SECONDS,
    cpu_seconds: int = feedparser_child.CPU_SECONDS,
    memory_bytes: int = feedparser_child.MEMORY_BYTES,
) -> dict[str, Any]:
    """Return what feedparser_child.read_feed makes of the bytes; `url` is the base of their links.

    Raises Unreadable, with a sentence, when the child took too long, grew too large or fell over.
    """
    order = {
        "url": url,
        "content_type": content_type,
        "cpu_seconds": cpu_seconds,
        "memory_bytes": memory_bytes,
    }
    try:
        child = subprocess.run(
            # Isolated: no environment, no user's packages, no modules from the working directory.
            [sys.executable, "-I", feedparser_child.__file__],
            input=json.dumps(order).encode() + b"\n" + body,
            capture_output=True,
            timeout=wall_seconds,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(_explain_timeout(wall_seconds)) from error
    if child.returncode:
        raise Unreadable(_explain_failure(child, cpu_seconds))
    document: dict[str, Any] = json.loads(child.stdout)
    return document


def _explain_failure(child: subprocess.CompletedProcess[bytes], cpu_seconds: int) -> str:
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return _explain_timeout(cpu_seconds)
    if child.returncode == feedparser_child.OUT_OF_MEMORY:
        return "The document needs too much memory to be read, so reading it was stopped."
    last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return f"The document brings the feed parser down ({last[:120] or child.returncode})."


def _explain_timeout(seconds: float) -> str:
    return (
        f"The document takes more than {seconds:g} seconds to read, so reading it was stopped. "
        "It may be broken, or made to do harm."
    )
