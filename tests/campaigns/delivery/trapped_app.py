"""The Celery application with traps: `celery -A tests.campaigns.delivery.trapped_app worker`.

Where the file that TRAP names holds the name of a step, the first process that comes to it takes
the file away and dies on the spot, as by `kill -9`. A call ends here after ten seconds and not
after a minute, so that one that trickles does not fill the whole campaign; the variable
CALL_SECONDS may say otherwise.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import django

from config.celery import app

django.setup()

from digest.compose import stage as compose_stage  # noqa: E402
from digest.deliver import hand_over, stage  # noqa: E402
from digest.deliver.provider import provider_calls  # noqa: E402
from digest.deliver.provider.pause_watch import PauseWatch  # noqa: E402
from digest.deliver.provider.send import Provider  # noqa: E402
from subscribers.limits.call_limit import CallLimit  # noqa: E402

__all__ = ["STEPS", "app"]

CALL_SECONDS = float(os.environ.get("CALL_SECONDS", "10"))
TRAP = Path(os.environ.get("TRAP", "/nonexistent/trap"))
# The step's name: where it is, and whether the process dies before or after it.
STEPS: dict[str, tuple[Any, str, bool]] = {
    "a run begins": (stage, "start_run", True),
    "rows are claimed": (hand_over, "claim", True),
    "a turn is taken": (hand_over, "take_turn", True),
    "about to be marked as begun": (hand_over, "begin_calls", False),
    "marked as begun": (hand_over, "begin_calls", True),
    "a call is written down": (provider_calls, "keep_call", True),
    "rows are named by their call": (provider_calls, "note_call", True),
    "the call was made": (Provider, "send_messages", True),
    "about to be marked with the result": (hand_over, "mark_results", False),
    "marked with the result": (hand_over, "mark_results", True),
    "a pause is begun or ended": (PauseWatch, "note_results", True),
    "rows are given back": (hand_over, "give_back", True),
    "a run ends": (stage, "end_run", False),
    "deliveries are composed": (compose_stage, "_make_deliveries", True),
}


def _step_into(step: str) -> None:
    """Die here where the trap is set for this step; only one process does."""
    with suppress(OSError):
        if TRAP.read_text() == step:
            TRAP.rename(TRAP.with_suffix(".sprung"))
            os.kill(os.getpid(), signal.SIGKILL)


def _set_trap(step: str, owner: Any, name: str, *, is_after: bool) -> None:
    inner: Callable[..., Any] = getattr(owner, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        if not is_after:
            _step_into(step)
        result = inner(*args, **kwargs)
        if is_after:
            _step_into(step)
        return result

    setattr(owner, name, trapped)


if "TRAP" in os.environ:
    for _step, (_owner, _name, _is_after) in STEPS.items():
        _set_trap(_step, _owner, _name, is_after=_is_after)
CallLimit.__init__.__defaults__ = (CALL_SECONDS,)  # type: ignore[misc]
