"""What `make run`'s web server takes from visitors: waitress itself takes rather more.

Waitress gathers requests without a thread, so slow visitors hold none. But it takes no connection
more when it has 100, and whoever sends a byte now and then may keep theirs for ever. And it reads
bodies in chunks, even where a length is said as well, and folded lines: what a proxy before it may
have read otherwise, so that the end of a body is another's request. Nothing of ours sends either.
"""

from __future__ import annotations

import re
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

MOST_CONNECTIONS = 900  # below the 1,024 files that many systems let a process open
IDLE_SECONDS = 15  # nothing came or went
REQUEST_SECONDS = 60  # for a whole request, however steadily it comes
OPTIONS = {
    "connection_limit": MOST_CONNECTIONS + 50,
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": 5,
}
_CODED_OR_FOLDED = re.compile(rb"\n(?:[ \t]|transfer-encoding[ \t]*:)", re.IGNORECASE)


class PlainRequestParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads requests whose body has a length, and nothing that is folded or coded."""

    def parse_header(self, header_plus: bytes) -> None:
        if _CODED_OR_FOLDED.search(header_plus):
            raise ParsingError("Say with Content-Length how long the body is, and fold no lines.")
        super().parse_header(header_plus)


class PlainChannel(HTTPChannel):  # type: ignore[misc]
    parser_class = PlainRequestParser


# By file: whose connection it is, and when they began the request that is not whole yet. The next
# visitor may get the file of one who left.
Began = dict[int, tuple[Any, float]]


def close_slow(channels: dict[int, Any], began: Began, now: float) -> None:
    """Close what has taken too long, and the oldest where there are too many; `now` in seconds.

    `channels` are waitress's own, by file; `began` is kept from one call to the next.
    """
    unfinished = {
        file: channel
        for file, channel in channels.items()
        if getattr(channel, "requests", None) == [] and not channel.total_outbufs_len
    }
    for file in began.keys() - unfinished.keys():
        del began[file]
    for file, channel in unfinished.items():
        if file not in began or began[file][0] is not channel:
            began[file] = channel, now
    by_age = sorted(unfinished, key=lambda file: began[file][1])
    crowd = by_age[: max(0, len(channels) - MOST_CONNECTIONS)]
    late = [file for file in by_age if now - began[file][1] > REQUEST_SECONDS]
    for file in {*crowd, *late}:
        unfinished[file].will_close = True
