"""What gunicorn reads from the folder it is started in; the command line has the last word."""

from typing import Any

limit_request_line = 8190  # bytes; the most it takes, for shared sets of topics (/subscribe/?t=…)


def post_worker_init(_worker: Any) -> None:
    """Each worker reads the papers for its searches, while it already answers."""
    from django.utils import timezone  # noqa: PLC0415 (the worker's own, after it has settings)

    from digest.match.warm_up import start_warm_up  # noqa: PLC0415

    start_warm_up(timezone.now())
