"""A worker goes through the lists that staff bring in: some lines at a time, each chunk whole.

A chunk and how far it brought the list are one transaction, so that whoever takes over from a dead
worker goes on where it ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet

from subscribers.lists.import_cells import find_farewell
from subscribers.lists.import_chunk import CHUNK
from subscribers.lists.import_csv import ImportRules, Outcome
from subscribers.lists.import_file import Header, Line, read_lines
from subscribers.lists.import_tally import Tally
from subscribers.models import ListImport, RejectedLine

LEASE = timedelta(minutes=5)
KEPT_FOR = timedelta(days=3)
State = ListImport.State


def has_lists() -> bool:
    """Whether any list is kept, waiting or done."""
    return ListImport.objects.exists()


def run_imports(now: datetime, keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Go through what waits, while `keep_going` says so; whether anything is left.

    What is older than three days is forgotten, with every address that it holds.
    """
    ListImport.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    while keep_going() and (row := _claim_list(now)):
        _go_through(row, now, keep_going)
    return _select_waiting(now).exists()


def _select_waiting(now: datetime) -> QuerySet[ListImport]:
    orphaned = Q(state=State.RUNNING, claimed_until__lt=now)
    return ListImport.objects.filter(Q(state=State.QUEUED) | orphaned).order_by("pk")


def _claim_list(now: datetime) -> ListImport | None:
    """The oldest that waits, for us alone; None where there is none."""
    for pk in _select_waiting(now).values_list("pk", flat=True)[:5]:
        rows = _select_waiting(now).filter(pk=pk).order_by()
        if rows.update(state=State.RUNNING, claimed_until=now + LEASE):
            return ListImport.objects.get(pk=pk)
    return None


def _go_through(row: ListImport, now: datetime, keep_going: Callable[[], bool]) -> None:
    lines = read_lines(row.text, row.email_column, uses_tags=row.uses_tags)
    rules = make_rules(row, lines.header)
    tally = Tally(rules, Counter({Outcome(k): n for k, n in row.fates.items()}), row.unheard)
    rest = iter(lines)
    rejected = set(row.rejects.values_list("number", flat=True))
    for line in islice(rest, row.done):
        is_taken = line.number not in rejected and not find_farewell(line.others)
        if rules.is_trial and is_taken:
            tally.note_seen(line)
    while chunk := list(islice(rest, CHUNK)):
        if not keep_going():
            ListImport.objects.filter(pk=row.pk, state=State.RUNNING).update(state=State.QUEUED)
            return
        if not _take_chunk(row, chunk, tally, now):
            return
    ended = ListImport.objects.filter(pk=row.pk, state=State.RUNNING)
    # What was tried stays, to be brought in; it may have changed since it was read.
    dropped = {} if row.is_trial else {"text": ""}
    ended.update(state=State.DONE, finished_at=now, claimed_until=None, **dropped)


def make_rules(row: ListImport, header: Header) -> ImportRules:
    return ImportRules(
        header,
        tuple(row.topics),
        is_consent_given=row.is_consent_given,
        is_trial=row.is_trial,
        voucher=row.by,
    )


@transaction.atomic
def _take_chunk(row: ListImport, chunk: list[Line], tally: Tally, now: datetime) -> bool:
    """Take these lines, and note how far the list is.

    False where somebody stopped it, or was deleted from it: then it waits to be read anew.
    """
    own = ListImport.objects.filter(pk=row.pk, state=State.RUNNING)
    erasures = own.select_for_update().values_list("erasures", flat=True).first()
    if erasures != row.erasures:
        own.update(state=State.QUEUED)
        return False
    rejects = []
    for line, (fate, reason) in zip(chunk, tally.take(chunk, now), strict=True):
        if fate is Outcome.REJECTED:
            cells = [cell.replace("\0", "") for cell in line.cells]
            rejects.append(RejectedLine(of=row, number=line.number, cells=cells, reason=reason))
    RejectedLine.objects.bulk_create(rejects, ignore_conflicts=True)
    row.done += len(chunk)
    own.update(
        done=row.done,
        fates={fate.value: count for fate, count in tally.fates.items()},
        unheard=tally.unheard,
        claimed_until=now + LEASE,
    )
    return True
