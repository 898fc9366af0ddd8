"""Print the first papers of each topic in the order of a digest, as a table to judge by hand.

TOPICS.txt holds one topic a line. All papers that were news in the days before --now are looked
through; nothing is written. docs/precision.md is made with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.compose.topic_news import Candidate
from digest.management.now_option import add_now, read_now
from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.models import Paper
from digest.models.papers import join_found_words
from subscribers.topics import (
    ParsedTopic,
    TopicError,
    TopicIndex,
    find_topic,
    parse_topic,
    read_text,
)

Row = tuple[Candidate, Paper]


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("topics", type=Path, metavar="TOPICS.txt")
        parser.add_argument("--first", type=int, default=5, help="papers of each topic (5)")
        parser.add_argument("--days", type=int, default=28, help="how far to look back (28)")
        add_now(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        topics = _read_topics(options["topics"])
        found = _find_all(topics, now - timedelta(days=options["days"]), now)
        for topic, rows in zip(topics, found, strict=True):
            in_order = sorted(rows, key=lambda row: row[0].order)[: options["first"]]
            self.stdout.write(f"\n### `{topic.query}`: {len(rows)} papers\n\n")
            self.stdout.write("| | paper | found | trend | strength |\n|---|---|---|---|---|\n")
            for place, (candidate, paper) in enumerate(in_order, 1):
                self.stdout.write(_format_row(place, candidate, paper))


def _format_row(place: int, candidate: Candidate, paper: Paper) -> str:
    title = f"{paper.title} ({paper.identifier})".replace("|", "\\|")
    found = candidate.where.replace("|", "\\|")
    return f"| {place} | {title} | {found} | {candidate.trend:.1f} | {candidate.strength:.1f} |\n"


def _read_topics(path: Path) -> list[ParsedTopic]:
    """The topics of a file; CommandError names the line that is none."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    topics = []
    for number, line in enumerate(lines, 1):
        try:
            topics += [parse_topic(line)] if line.strip() else []
        except TopicError as error:
            raise CommandError(f"{path}, line {number}: {error}") from error
    return topics


def _find_all(topics: list[ParsedTopic], since: datetime, until: datetime) -> list[list[Row]]:
    learned, index = process_cache.get_learned(until), TopicIndex()
    found: list[list[Row]] = [[] for _ in topics]
    for place, topic in enumerate(topics):
        index.add_topic(place, topic)
    for paper in _iterate_news(since, until):
        reading = read_text(paper_to_text(paper), learned.acronyms, learned.statistics)
        for place in index.find_candidates(reading.normal_form, reading.text, learned.acronyms):
            if one := find_topic(topics[place], reading):
                where, at = join_found_words(one.words), paper.news_at or until
                row = Candidate(paper.pk, paper.trend, one.strength, where, at, paper.first_seen_at)
                found[place].append((row, paper))
    return found


def _iterate_news(since: datetime, until: datetime) -> Iterator[Paper]:
    return Paper.objects.filter(news_at__gt=since, news_at__lte=until).order_by("pk").iterator()
