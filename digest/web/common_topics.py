"""Topics that find so much of a day that they say nothing of one of its papers.

Whoever makes such a topic public, “model” or “method”, would else have it named beside each paper,
with these words marked all over the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet, Value

from digest.models import Match, Paper
from digest.web.period_papers import make_day_text
from digest.web.periods import make_day

_SHARE = 10  # a tenth of a day's papers
FEWEST = 3  # on a day of a handful of papers one of them is a tenth
_DAYS_AT_ONCE = 100  # in one statement
_NEVER = date.min


def find_days(papers: Iterable[Paper]) -> dict[int, date]:
    """The day on which each paper was news, in UTC, by its id."""
    return {p.pk: p.news_at.date() if p.news_at else _NEVER for p in papers}


def find_common_topics(
    topic_ids: Collection[int], days: Collection[date]
) -> Mapping[date, set[int]]:
    """Those of the topics that find more than three papers and a tenth of a day, by the day.

    Few topics find as much in all weeks together, and only their days are looked at.
    """
    common: dict[date, set[int]] = defaultdict(set)
    papers = _count_papers(set(days) - {_NEVER}) if topic_ids else {}
    if not papers:
        return common
    least = min(map(find_most, papers.values()))
    found = Match.objects.filter(topic__in=topic_ids).order_by().values("topic_id")
    counted = found.annotate(papers=Count("pk")).filter(papers__gt=least)
    busy = Match.objects.filter(topic__in=counted.values("topic_id")).order_by()
    if len(papers) == 1:  # of most pages; then no paper's row has to be read for its day
        [day] = papers
        of_day = Paper.objects.filter(_lie_within([day], "news_at")).order_by().values("pk")
        counts = busy.filter(paper__in=of_day).values("topic_id").annotate(papers=Count("pk"))
        common[day].update(counts.filter(papers__gt=least).values_list("topic_id", flat=True))
        return common
    rows = busy.filter(_lie_within(papers, "paper__news_at"))
    by_day = rows.annotate(day=make_day_text("paper__news_at")).values_list("topic_id", "day")
    named = {f"{day}": day for day in papers}
    for topic_id, name, count in by_day.annotate(papers=Count("pk")):
        if count > find_most(papers[named[name]]):
            common[named[name]].add(topic_id)
    return common


def find_most(papers: int) -> int:
    """How many papers of a day of so many a topic may find, and still be named beside them."""
    return max(FEWEST, papers // _SHARE)


def _count_papers(days: Collection[date]) -> dict[date, int]:
    """All papers that were news on each of these days.

    Day by day the index of moments knows; grouped by day each row would be read.
    """
    ordered, counts = sorted(days), dict[date, int]()
    for start in range(0, len(ordered), _DAYS_AT_ONCE):
        some = ordered[start : start + _DAYS_AT_ONCE]
        rows = [_count_papers_of(place, day) for place, day in enumerate(some)]
        counts |= {some[place]: papers for place, papers in rows[0].union(*rows[1:], all=True)}
    return counts


def _count_papers_of(place: int, day: date) -> QuerySet[Paper, tuple[int, int]]:
    papers = Paper.objects.filter(_lie_within([day], "news_at")).order_by()
    rows = papers.annotate(place=Value(place)).values("place").annotate(papers=Count("*"))
    return rows.values_list("place", "papers")


def _lie_within(days: Iterable[date], field: str) -> Q:
    """That a moment is on one of these days; ranges, so that an index finds them."""
    spans = [make_day(day) for day in sorted(days)]
    ranges = [
        Q((f"{field}__gte", span.starts_at), (f"{field}__lt", span.ends_at)) for span in spans
    ]
    return reduce(or_, ranges, Q())
