"""Feeds are parsed in a child process that can be killed; this is the parent's side of it.

What a document costs is counted in seconds of the processor: a busy machine does not add to them.
The clock on the wall only ends a child that gets no processor at all, which is no fault of the
document.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

from django.utils.translation import gettext as _

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.charset import convert_to_utf8
from digest.ingest.sources.parsed import Unreadable

# Fifteen times what the processor may take: a machine on which that is not enough is overloaded.
WALL_SECONDS = 120.0


class MachineBusy(Exception):
    """The child had no chance to read the document; the message says so in a sentence."""


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

    Of `content_type`, the answer's header, only the charset is believed.

    Raises Unreadable, with a sentence, when the child worked too long, grew too large or fell over;
    MachineBusy when it was not done after `wall_seconds` although it had not worked so long.
    """
    order = {
        "url": url,
        "cpu_seconds": cpu_seconds,
        "memory_bytes": memory_bytes,
    }
    try:
        child = subprocess.run(
            # Isolated: no environment, no user's packages, no modules from the working directory.
            [sys.executable, "-I", feedparser_child.__file__],
            input=json.dumps(order).encode() + b"\n" + convert_to_utf8(body, content_type),
            capture_output=True,
            timeout=wall_seconds,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MachineBusy(
            _("This machine was too busy to read the document within %(seconds)s seconds.")
            % {"seconds": f"{wall_seconds:g}"}
        ) from error
    if child.returncode:
        raise Unreadable(_explain_failure(child, cpu_seconds))
    document: dict[str, Any] = json.loads(child.stdout)
    return document


def _explain_failure(child: subprocess.CompletedProcess[bytes], cpu_seconds: int) -> str:
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return _(
            "The document takes more than %(seconds)s seconds to read, so reading it was "
            "stopped. It may be broken, or made to do harm."
        ) % {"seconds": f"{cpu_seconds:g}"}
    if child.returncode == feedparser_child.OUT_OF_MEMORY:
        return _("The document needs too much memory to be read, so reading it was stopped.")
    last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return _("The document brings the feed parser down (%(said)s).") % {
        "said": last[:120] or child.returncode
    }
