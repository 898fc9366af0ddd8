"""Which papers subscribers have had, or may have had, by their digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from digest.models import Delivery, Merger
from digest.models.paper_ids import PaperIds


def read_papers_sent(earliest: Mapping[int, datetime]) -> dict[int, set[int]]:
    """For each subscriber: ids of the papers in digests they have, or will have, since a moment.

    `earliest` maps a subscriber's id to the moment from which their digests are looked at. Those
    who are looked at from the same day on share a query.
    """
    sent: dict[int, set[int]] = {pk: set() for pk in earliest}
    if not sent:
        return sent
    by_day: dict[date, set[int]] = defaultdict(set)
    for pk, moment in earliest.items():
        by_day[moment.date()].add(pk)
    for ids in by_day.values():
        coming = Delivery.objects.coming().filter(subscriber_id__any_of=ids)
        coming = coming.filter(covers_until__gte=min(earliest[pk] for pk in ids))
        for pk, papers in coming.values_list("subscriber_id", PaperIds("contents")).iterator():
            sent[pk].update(papers)
    _add_merged(sent)
    return sent


def read_papers_perhaps_seen(subscriber_ids: Iterable[int]) -> dict[int, set[int]]:
    """For those with a digest in doubt: ids of its papers."""
    seen: dict[int, set[int]] = {}
    doubtful = Delivery.objects.in_doubt().filter(subscriber_id__any_of=set(subscriber_ids))
    for pk, papers in doubtful.values_list("subscriber_id", PaperIds("contents")).iterator():
        seen.setdefault(pk, set()).update(papers)
    if seen:
        _add_merged(seen)
    return seen


def _add_merged(papers_of: dict[int, set[int]]) -> None:
    """What proved to be another paper is that other one too."""
    rows = Merger.objects.filter(paper_id__any_of=set[int]().union(*papers_of.values()))
    merged = dict(rows.values_list("paper_id", "into_id"))
    if merged:
        for papers in papers_of.values():
            papers.update([merged[pk] for pk in papers if pk in merged])
