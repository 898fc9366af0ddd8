"""Stage 3. Bring papers to normal form, and write down which topics are in them, and why.

A match is what `subscribers.topics.find` accepts: the topic stands in the paper as typed, or in
another number, ending or spelling, or as an acronym's other form. Near matches never get here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from digest.garbage import collect_seldom
from digest.match.first_reach import match_recent
from digest.match.followed_topics import FollowedTopics
from digest.match.learned import Learned, learn_day, read_acronyms_version, store_acronyms
from digest.match.match_rows import MatchRow, add_matches, make_match_row, write_matches
from digest.match.new_topics import KEPT_FOR, match_new_topics
from digest.match.paper_text import read_paper
from digest.match.process_cache import process_cache
from digest.match.senses import has_due_senses, renew_senses
from digest.match.word_index import store_words
from digest.models import Match, Paper
from digest.models.row_updates import update_rows
from subscribers.models import Topic
from subscribers.topics import Reading, TopicIndex, find_topic

__all__ = ["MatchReport", "learn_day", "match_for_first_digest", "match_papers"]
_PAPERS_AT_ONCE = 200
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


@collect_seldom()
def match_papers(
    now: datetime, progress: Progress | None = None, *, is_awaited: bool = False
) -> MatchReport:
    """Match new and changed papers with all topics, and new topics with the papers of 30 days.

    Safe to run twice and by several processes at once. `progress` is told how many papers of how
    many are done. `is_awaited`: somebody waits for a first digest; what another run can do, which
    is to learn from papers, to learn senses anew and to drop what is old, is left to the minute's.
    """
    papers = matches = withdrawn = 0
    total = Paper.objects.unmatched().count()
    learned = _learn_from_papers(now) if total else None
    followed = FollowedTopics()
    while learned:
        done, written, deleted = _match_next_papers(now, learned, followed)
        if not done:
            break
        papers, matches, withdrawn = papers + done, matches + written, withdrawn + deleted
        if progress:
            progress(min(papers, total), total)
    topics, written = _match_new_topics(now, learned, is_awaited=is_awaited)
    report = MatchReport(papers, topics, matches + written, withdrawn)
    if is_awaited:
        return report
    if has_due_senses(now):
        renew_senses(now, learned or _learn_from_papers(now))
    return replace(report, dropped=_drop_old_matches(now))


def match_for_first_digest(subscriber_id: int, now: datetime) -> frozenset[int]:
    """Match what one subscriber's first digest asks for; return their topics that are ready for it.

    They stay unmatched, since older papers are left to the next run. Where papers wait to be
    matched, or nothing was learned of any yet, all is matched as the next run would.
    """
    if Paper.objects.unmatched().exists() or not read_acronyms_version():
        match_papers(now, is_awaited=True)
        return frozenset()
    return match_recent(subscriber_id, now, process_cache.get_learned(now))


def _match_new_topics(
    now: datetime, learned: Learned | None, *, is_awaited: bool = False
) -> tuple[int, int]:
    if not Topic.objects.followed().unmatched().exists():
        return 0, 0  # most minutes: then the papers need not teach anything
    if learned is None and is_awaited and read_acronyms_version():
        learned = process_cache.get_learned(now)  # yesterday's, just after midnight
    return match_new_topics(now, learned or _learn_from_papers(now))


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


def _match_next_papers(
    now: datetime, learned: Learned, followed: FollowedTopics
) -> tuple[int, int, int]:
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
        followed.read(set().union(*candidates))
        rows = list(_make_rows(papers, readings, candidates, followed))
        stored = _read_stored_matches(papers)
        withdrawn = _withdraw_untrue_matches(stored, rows, index)
        new = [row for row in rows if row[:2] not in stored]
        written = add_matches(new, now)
        if len(new) < len(rows):  # of papers whose text changed
            written += write_matches([row for row in rows if row[:2] in stored], now)
        update_rows(papers, ["normal_form", "matched_at"])
        store_words(papers)
    return len(papers), written, withdrawn


def _make_rows(
    papers: Sequence[Paper],
    readings: Iterable[Reading],
    candidates: Sequence[set[int]],
    topics: FollowedTopics,
) -> Iterator[MatchRow]:
    """The matches of these papers with those of each paper's candidates that it holds."""
    for paper, reading, topic_ids in zip(papers, readings, candidates, strict=True):
        for topic_id in sorted(topic_ids):
            topic = topics.get(topic_id)
            if topic and (match := find_topic(topic, reading)):
                yield make_match_row(paper.pk, topic_id, match)


def _read_stored_matches(papers: list[Paper]) -> dict[tuple[int, int], int]:
    """The ids of the papers' matches, by paper and topic."""
    rows = Match.objects.filter(paper__in=papers).values_list("pk", "paper_id", "topic_id")
    return {(paper_id, topic_id): pk for pk, paper_id, topic_id in rows}


def _withdraw_untrue_matches(
    stored: Mapping[tuple[int, int], int], rows: list[MatchRow], index: TopicIndex
) -> int:
    """Delete the stored matches that the papers' present text does not bear out."""
    if not stored:
        return 0
    true = {row[:2] for row in rows}
    # A topic this index does not know yet was matched by another worker: leave it alone.
    untrue = [pk for pair, pk in stored.items() if pair[1] in index and pair not in true]
    return Match.objects.filter(pk__in=untrue).delete()[0] if untrue else 0
