"""How many visitors a web process takes in, so that its threads can open what they need.

A connection is an open file, as are a thread's connections to database and Redis. Where visitors
may take all that a process is allowed (1,024 by default under systemd, and in newer Docker), as
many idle ones leave a page nothing to be made with.
"""

from __future__ import annotations

import resource
from contextlib import suppress

MOST_CONNECTIONS = 1_000
FILES_OF_A_THREAD = 4  # database, Redis, a file, and one that a child of it reads from
FILES_OF_A_PROCESS = 100


def make_room(threads: int) -> int:
    """Raise this process's limit of open files, and its children's, to what is needed, if that may
    be; returns how many connections leave the threads theirs.
    """
    own = FILES_OF_A_PROCESS + threads * FILES_OF_A_THREAD
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + own
    if resource.RLIM_INFINITY != soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    # With fewer hardly any could be kept for its next request.
    return max(2 * threads, min(MOST_CONNECTIONS, soft - own))
