"""Stage 3. Bring papers to normal form, and write down which topics are in them, and why.

A match is what `subscribers.topics.find` accepts: the topic stands in the paper as typed, or in
another number, ending or spelling, or as an acronym's other form. Near matches never get here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from digest.match.index_cache import add_topics
from digest.match.learned import Learned, store_acronyms
from digest.match.process_cache import process_cache
from digest.match.word_index import store_words
from digest.models import Match, Paper
from digest.models.papers import WHERE_CHARS, join_found_words
from digest.models.row_updates import update_rows
from subscribers.models import Topic
from subscribers.topics import Reading, Text, TopicIndex, find_topic, parse_once, read_text

KEPT_FOR = timedelta(days=30)
_PAPERS_AT_ONCE = 200
_TOPICS_AT_ONCE = 5_000
_ROWS_AT_ONCE = 1_000
_DROPPED_AT_ONCE = 20_000  # a minute, which is 28.8 million a day

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MatchReport:
    """What one run came to."""

    papers: int = 0  # compared with all topics
    topics: int = 0  # new ones, compared with the papers of the last 30 days
    matches: int = 0  # new ones
    withdrawn: int = 0  # no longer true of a paper whose text changed
    dropped: int = 0  # older than 30 days


def match_papers(now: datetime, progress: Progress | None = None) -> MatchReport:
    """Match new and changed papers with all topics, and new topics with the papers of 30 days.

    Safe to run twice and by several processes at once. `progress` is told how many papers of how
    many are done.
    """
    papers = matches = withdrawn = 0
    total = Paper.objects.unmatched().count()
    learned = _learn_from_papers(now) if total else None
    while learned:
        done, written, deleted = _match_next_papers(now, learned)
        if not done:
            break
        papers, matches, withdrawn = papers + done, matches + written, withdrawn + deleted
        if progress:
            progress(min(papers, total), total)
    topics, written = _match_new_topics(now, learned)
    return MatchReport(papers, topics, matches + written, withdrawn, _drop_old_matches(now))


def _drop_old_matches(now: datetime) -> int:
    """Delete some of the matches of 30 days before the newest paper; return how many.

    So many in each minute that a day's are gone within an hour or two, and none takes long.

    Not of 30 days before `now`: a clock that is a year ahead would take them all.
    """
    newest = Paper.objects.order_by("-pk").values_list("first_seen_at", flat=True).first()
    horizon = min(now, newest or now) - KEPT_FOR
    old = Match.objects.filter(made_at__lt=horizon).order_by("made_at")
    ids = list(old.values_list("pk", flat=True)[:_DROPPED_AT_ONCE])
    return Match.objects.filter(pk__in=ids).delete()[0]


def _learn_from_papers(now: datetime) -> Learned:
    store_acronyms(now)
    return process_cache.get_learned(now)


# New and changed papers.


def _match_next_papers(now: datetime, learned: Learned) -> tuple[int, int, int]:
    """Match the next papers; return how many, the matches written, the matches withdrawn."""
    with transaction.atomic():
        # Another worker takes others, and no source changes their text meanwhile.
        locked = Paper.objects.unmatched().select_for_update(skip_locked=True)
        papers = list(locked.order_by("pk")[:_PAPERS_AT_ONCE])
        if not papers:
            return 0, 0, 0
        # After the papers: a topic made before one of them arrived must be in the index.
        index = process_cache.get_topic_index()
        readings = [read_paper(paper, learned) for paper in papers]
        candidates = []
        for paper, reading in zip(papers, readings, strict=True):
            paper.normal_form, paper.matched_at = reading.normal_form, now
            form, text = paper.normal_form, reading.text
            candidates.append(index.find_candidates(form, text, learned.acronyms))
        rows = _make_matches(papers, readings, candidates, now)
        withdrawn = _withdraw_untrue_matches(papers, rows, index)
        written = _write_matches(rows)
        update_rows(papers, ["normal_form", "matched_at"])
        store_words(papers)
    return len(papers), written, withdrawn


def read_paper(paper: Paper, learned: Learned) -> Reading:
    """Read a paper once, for any number of topics."""
    return read_text(paper_to_text(paper), learned.acronyms, learned.statistics)


def paper_to_text(paper: Paper) -> Text:
    """Return what of a paper is searched for topics."""
    return Text(
        paper.title,
        paper.abstract,
        tuple(map(str, paper.authors)),
        paper.organization,
        tuple(map(str, paper.categories)),
    )


def _make_matches(
    papers: Sequence[Paper],
    readings: Iterable[Reading],
    candidates: Sequence[set[int]],
    now: datetime,
) -> list[Match]:
    """The matches, not saved, of these papers with those of each paper's candidates it holds."""
    queries = _read_followed_queries(set().union(*candidates))
    return [
        Match(
            paper=paper,
            topic_id=topic_id,
            strength=match.strength,
            where=join_found_words(match.words)[:WHERE_CHARS],
            made_at=now,
        )
        for paper, reading, topic_ids in zip(papers, readings, candidates, strict=True)
        for topic_id in sorted(topic_ids & queries.keys())
        if (match := find_topic(parse_once(queries[topic_id]), reading))
    ]


def _read_followed_queries(topic_ids: set[int]) -> dict[int, str]:
    """The queries of those topics that somebody follows: the index keeps neither."""
    followed, ids = Topic.objects.followed().order_by(), sorted(topic_ids)
    return {
        pk: query
        for start in range(0, len(ids), _TOPICS_AT_ONCE)
        for pk, query in followed.filter(pk__in=ids[start : start + _TOPICS_AT_ONCE]).values_list(
            "pk", "query"
        )
    }


def _withdraw_untrue_matches(papers: list[Paper], rows: list[Match], index: TopicIndex) -> int:
    """Delete the stored matches that the papers' present text does not bear out."""
    true = {(row.paper_id, row.topic_id) for row in rows}
    stored = Match.objects.filter(paper__in=papers).values_list("pk", "paper_id", "topic_id")
    # A topic this index does not know yet was matched by another worker: leave it alone.
    untrue = [pk for pk, *pair in stored if pair[1] in index and tuple(pair) not in true]
    return Match.objects.filter(pk__in=untrue).delete()[0] if untrue else 0


def _write_matches(rows: list[Match]) -> int:
    """Write the matches and return how many are new; the others keep their date."""
    if not rows:
        return 0
    topics = {row.topic_id for row in rows}
    # An admin may have deleted a topic since the index was made.
    topics = set(Topic.objects.filter(pk__in=topics).values_list("pk", flat=True))
    rows = [row for row in rows if row.topic_id in topics]
    same = Match.objects.filter(paper__in={row.paper_id for row in rows}, topic__in=topics)
    known = set(same.values_list("paper_id", "topic_id"))
    Match.objects.bulk_create(
        rows,
        batch_size=_ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["topic", "paper"],
        update_fields=["strength", "where"],
    )
    return len({(row.paper_id, row.topic_id) for row in rows} - known)


# New topics.


def _match_new_topics(now: datetime, learned: Learned | None) -> tuple[int, int]:
    """Match topics never matched with the papers of 30 days; return how many, and the matches."""
    topics = written = 0
    new = Topic.objects.followed().unmatched().order_by("pk")
    while rows := list(new.values_list("pk", "query", "anchor")[:_TOPICS_AT_ONCE]):
        learned = learned or _learn_from_papers(now)
        index = TopicIndex()
        add_topics(index, rows)
        for candidates in _find_recent_candidates(now, index, learned):
            written += _match_candidates(candidates, learned, now)
        topics += Topic.objects.filter(pk__in=[pk for pk, *_ in rows]).update(matched_at=now)
    return topics, written


def _find_recent_candidates(
    now: datetime, index: TopicIndex, learned: Learned
) -> Iterator[dict[int, set[int]]]:
    """Papers first seen in the last 30 days that may hold topics of the index, and which."""
    recent = Paper.objects.filter(first_seen_at__gt=now - KEPT_FOR).order_by("pk")
    last = 0
    while papers := list(recent.filter(pk__gt=last).defer("summary")[:_PAPERS_AT_ONCE]):
        last = papers[-1].pk
        candidates = {paper.pk: _find_candidates(paper, index, learned) for paper in papers}
        yield {pk: topics for pk, topics in candidates.items() if topics}


def _find_candidates(paper: Paper, index: TopicIndex, learned: Learned) -> set[int]:
    text, form = paper_to_text(paper), paper.normal_form
    if paper.matched_at is None:
        # Another worker may be at it, with an index that lacks these topics.
        form = read_text(text).normal_form
    return index.find_candidates(form, text, learned.acronyms)


def _match_candidates(candidates: dict[int, set[int]], learned: Learned, now: datetime) -> int:
    """Write the matches of these papers, by id, with the topics that may be in each."""
    if not candidates:
        return 0
    with transaction.atomic():
        locked = Paper.objects.filter(pk__in=candidates).select_for_update()
        papers = list(locked.order_by("pk"))
        readings = (read_paper(paper, learned) for paper in papers)
        topics = [candidates[paper.pk] for paper in papers]
        return _write_matches(_make_matches(papers, readings, topics, now))
