"""Slow visitors of `make run`'s web server, closed in time: waitress itself waits for them.

Waitress gathers requests without a thread, so they hold none. But it takes no connection more when
it has 100, and whoever sends a byte now and then may keep theirs for ever.
"""

from __future__ import annotations

from typing import Any

MOST_CONNECTIONS = 900  # below the 1,024 files that many systems let a process open
IDLE_SECONDS = 15  # nothing came or went
REQUEST_SECONDS = 60  # for a whole request, however steadily it comes
OPTIONS = {
    "connection_limit": MOST_CONNECTIONS + 50,
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": 5,
}


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
