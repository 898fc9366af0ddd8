"""Stage 1. Sources to entries, papers and snapshots.

    due source ─ claim ─▶ poll: turn ─ fetch ─ parse ─ store ─▶ state, sentence, next time

Whatever goes wrong with a source ends in that source's state; the others never notice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from digest.ingest import schedule
from digest.ingest.conclude import conclude_poll
from digest.ingest.poll import NOTE_CHARS, Poll, poll_source
from digest.ingest.sample_rows import remove_sample
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.host_rate_limit import HostBusy
from digest.ingest.sources.sandbox import MachineBusy
from digest.models import Source
from digest.watch.activity_log import log_source
from digest.watch.source_age import note_poll

log = logging.getLogger(__name__)

# A poll ends well within this; after it a claim is void, for its worker must have died.
CLAIM = timedelta(minutes=10)
MOVES_AFTER = 3
State = Source.State


@dataclass(frozen=True)
class IngestReport:
    """What one poll of one source came to."""

    source_id: int
    title: str
    state: str  # a Source.State
    sentence: str
    new: int = 0
    updated: int = 0
    replacements: int = 0
    skipped: int = 0
    was_asked: bool = True  # False: another worker had it, or its host; or this machine is too busy

    @property
    def is_failing(self) -> bool:
        return self.state in (State.FAILING, State.STOPPED)


def ingest_due(
    now: datetime, progress: Callable[[IngestReport], None] | None = None
) -> list[IngestReport]:
    """Ask every source that is due, the longest waiting first; `progress` hears of each at once."""
    due = Source.objects.due(now).order_by(F("next_fetch_at").asc(nulls_first=True), "pk")
    reports = []
    for source_id in list(due.values_list("pk", flat=True)):
        source = Source.objects.due(now).filter(pk=source_id).first()
        if source is None or not _claim_source(source, now):
            continue  # another worker was quicker
        report = _ingest_claimed(source, now)
        reports.append(report)
        if progress:
            progress(report)
    return reports


def ingest_source(source_id: int, now: datetime) -> IngestReport:
    """Ask one source now, due or not. Raises Source.DoesNotExist."""
    source = Source.objects.get(pk=source_id)
    if not _claim_source(source, now):
        sentence = _("Another worker is asking this source at the moment.")
        return IngestReport(source.pk, source.title, source.state, sentence, was_asked=False)
    return _ingest_claimed(source, now)


def _claim_source(source: Source, now: datetime) -> bool:
    """Take the source for this worker; False when another one changed its time in between."""
    unclaimed = Source.objects.filter(pk=source.pk, next_fetch_at=source.next_fetch_at)
    return bool(unclaimed.update(next_fetch_at=now + CLAIM))


def _ingest_claimed(source: Source, now: datetime) -> IngestReport:
    """Ask a source that is ours to ask, and tell the log what came of it."""
    began = time.monotonic()
    report = _poll_claimed(source, now)
    names = ("new", "updated", "replacements", "skipped")
    counts = {name: getattr(report, name) for name in names}
    state = report.state if report.was_asked else "busy"
    log_source(source.pk, state, counts, time.monotonic() - began, report.sentence)
    return report


def _poll_claimed(source: Source, now: datetime) -> IngestReport:
    try:
        poll = poll_source(source, now)
    except (HostBusy, MachineBusy) as busy:
        Source.objects.filter(pk=source.pk).update(next_fetch_at=now + schedule.BUSY_RETRY)
        return IngestReport(source.pk, source.title, source.state, str(busy), was_asked=False)
    except Exception as error:  # one bad source hurts only itself
        log.exception("Asking source %s (%s) failed", source.pk, source.url)
        sentence = _(
            "Offprint itself failed while reading this source (%(error)s); the log says where."
        ) % {"error": type(error).__name__}
        return _record_failure(source, now, State.FAILING, sentence, None)
    state, sentence = conclude_poll(poll)
    if state in (State.FAILING, State.STOPPED):
        return _record_failure(source, now, state, sentence, poll.error)
    return _record_success(poll, state, sentence)


def _record_failure(
    source: Source, now: datetime, state: State, sentence: str, error: FetchError | None
) -> IngestReport:
    failures = min(source.failures + 1, 1000)
    retry_after = error.retry_after if error else None
    stops = {"is_active": False} if state == State.STOPPED else {}
    _save_fields(
        source,
        state=state,
        note=sentence[:NOTE_CHARS],
        last_error=sentence[:NOTE_CHARS],
        failures=failures,
        next_fetch_at=schedule.schedule_after_failure(source, failures, now, retry_after),
        last_asked_at=now,
        **stops,
    )
    note_poll(source, now, was_read=False)
    return IngestReport(source.pk, source.title, state, sentence)


def _record_success(poll: Poll, state: State, sentence: str) -> IngestReport:
    source, stored = poll.source, poll.stored
    retry_after = poll.error.retry_after if poll.error else None
    fields: dict[str, Any] = {
        "state": state,
        "note": sentence[:NOTE_CHARS],
        "last_error": "",
        "failures": 0,
        "etag": source.etag,
        "last_modified": source.last_modified,
        "documents": source.documents,
        "freshness": source.freshness,
        "next_fetch_at": schedule.schedule_after_success(source, poll.now, retry_after),
        "last_asked_at": poll.now,
        "last_fetched_at": poll.now,
        "read_whole_at": source.read_whole_at,
    }
    if stored.new_guids:
        fields["last_new_at"] = poll.now
    _save_fields(source, **fields, **_follow_move(source, poll.moved_to))
    note_poll(source, poll.now, was_read=True)
    if stored.new and not source.is_sample:
        remove_sample()
    return IngestReport(
        source.pk,
        source.title,
        state,
        sentence,
        new=stored.new,
        updated=stored.updated,
        replacements=stored.replacements,
        skipped=poll.skipped,
    )


def _follow_move(source: Source, moved_to: str) -> dict[str, Any]:
    """A permanent redirect counts when three polls in a row were given the same one."""
    if source.kind == Source.Kind.HUGGINGFACE or len(moved_to) > 1000:
        return {}
    times = source.moved_times + 1 if moved_to and moved_to == source.moved_to else bool(moved_to)
    if times < MOVES_AFTER or Source.objects.filter(url=moved_to).exists():
        return {"moved_to": moved_to, "moved_times": min(times, MOVES_AFTER)}
    log.info("Source %s moved from %s to %s", source.pk, source.url, moved_to)
    return {"url": moved_to, "moved_to": "", "moved_times": 0}


def _save_fields(source: Source, **fields: Any) -> None:
    """Only these columns: an admin may have changed others meanwhile."""
    Source.objects.filter(pk=source.pk).update(**fields)
