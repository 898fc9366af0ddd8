"""Settling what is in doubt: mails whose call got no answer end as sent, or are mailed again.

The provider is asked where it can be: about each mail where it finds one by our key
(doubt_look_ups.py), else for its list of all mails, which is read once for all that
is in doubt (doubt_list.py). Where neither can be, but its reports are seen to come,
a mail that is reported by none of them for long was never accepted. What nothing tells stays in
doubt for an admin.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from digest.deliver.delivery_runs import end_run, start_run
from digest.deliver.doubt.doubt_list import ListReader, is_listed
from digest.deliver.doubt.doubt_look_ups import LookUps
from digest.deliver.doubt.doubts import CHUNK, DoubtRun, put_off, select_due
from digest.deliver.provider.message_search import SEARCHES
from digest.deliver.provider.pause import find_pause
from digest.deliver.provider.send import Provider
from digest.high_water.hold import find_hold

RUN_SECONDS = 15.0  # then another run goes on, so that other calls have their turn


def settle_doubts(
    now: datetime,
    seconds: float = RUN_SECONDS,
    is_ending: Callable[[], bool] = lambda: False,
    on_more: Callable[[float], None] = lambda _: None,
) -> Counter[str]:
    """Settle what can be settled at `now`, for so many seconds; safe to run twice and at once.

    Counts by the status given; "asked" counts those that were looked for. `on_more` is told in how
    many seconds another run should follow, where one should. Asks nothing while the provider wants
    a pause, nor while another run is at it, and ends where it refuses to be asked.
    """
    with Provider() as provider:
        traits, esp_name = provider.traits, provider.esp_name
    pause = find_pause(traits.name, now)
    if (
        find_hold()
        or (pause and pause.until > now)
        or not select_due(traits.provider, now).exists()
    ):
        return Counter()
    row = start_run(f"{traits.provider} doubts"[:64], now, connections=1, limit=1)
    if row is None:
        return Counter()
    run = DoubtRun(now, row, traits, esp_name, time.monotonic() + seconds, is_ending)
    try:
        wait = _settle_due(run)
    finally:
        end_run(row.pk)
    if wait is not None:
        on_more(wait)
    return run.done


def _settle_due(run: DoubtRun) -> float | None:
    """Seconds until another run should follow; None where the next minute's is enough."""
    if run.esp_name in SEARCHES:
        return 0.0 if LookUps(run).make_all() else None
    if is_listed(run.esp_name):
        return ListReader(run).read_on()
    while run.may_go_on():
        rows = list(select_due(run.traits.provider, run.now)[:CHUNK])
        if not rows:
            return None
        put_off(rows, run.now)
        run.settle_by_reports(rows)
    return 0.0
