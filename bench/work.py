"""One piece of work in a process of its own: python -m bench.work NAME '{"option": 1}'

So memory is that of the piece alone, and settings are read anew. The last line printed is what came
of it as one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.memory import limit_arenas

ROOT = Path(__file__).resolve().parent.parent


class WorkFailed(Exception):
    """A piece of work could not be done; the message is the last that it said."""


@dataclass(frozen=True)
class Work:
    """A piece of work that runs."""

    name: str
    process: subprocess.Popen[str]

    def finish(self) -> dict[str, Any]:
        """What came of it, once it has ended. Raises WorkFailed."""
        output, errors = self.process.communicate()
        if self.process.returncode:
            said = errors.strip().splitlines()[-1:] or ["it ended without a word"]
            raise WorkFailed(f"{self.name}: {said[0]}")
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
        return found


def start_work(env: dict[str, str], name: str, **options: Any) -> Work:
    command = [sys.executable, "-W", "ignore", "-m", "bench.work", name, json.dumps(options)]
    process = subprocess.Popen(
        command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return Work(name, process)


def do_work(env: dict[str, str], name: str, **options: Any) -> dict[str, Any]:
    """Do it and wait. Raises WorkFailed."""
    return start_work(env, name, **options).finish()


def list_works() -> dict[str, Callable[..., dict[str, Any]]]:
    """Every piece of work by its name."""
    from bench import days, growth, idle, newcomers, plain, plans, ready, site, stages  # noqa: PLC0415 (after django.setup)

    return {
        "fill": growth.fill_all,
        "fill_followers": growth.fill_followers,
        "fill_papers": growth.fill_recent_papers,
        "past": stages.live_past_days,
        "ingest": stages.run_ingest,
        "score": stages.run_score,
        "match": stages.run_match,
        "note_news": stages.note_news,
        "compose": stages.run_compose,
        "deliver": stages.run_deliver,
        "plan_again": stages.plan_again,
        "new_topic": newcomers.run_new_topic,
        "first_digest": newcomers.run_first_digest,
        "sizes": stages.measure_sizes,
        "idle": idle.run_idle_minutes,
        "plans": plans.find_sequential_scans,
        "days": days.live_days,
        "plain": plain.run_variant,
        "ready": ready.hand_over_ready,
        "fill_site": site.fill_site,
        "migrate": site.migrate,
    }


def main(name: str, options: dict[str, Any]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 (reads the settings)

    django.setup()
    limit_arenas()  # as workers do
    if "folder" in options:
        options["folder"] = Path(options["folder"])
    print(json.dumps(list_works()[name](**options)))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
