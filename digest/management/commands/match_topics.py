"""Find topics in a file of papers: pairs of topic, paper id and strength, one a line.

PAPERS.jsonl holds one paper a line: {"id", "title", "abstract"}, and where known "authors",
"organization" and "categories". TOPICS.txt holds one topic a line. Neither is written to the
database, and nothing in it is asked. A topic's finds are followed by what is near it: its words
standing apart, and papers like those it was found in. With --as-digest the papers are those that
digests on each topic alone would take, in their order, and the number is that order.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from digest.management.file_digest import PAPERS_A_DAY, FileCandidates, list_digest_pairs
from digest.management.now_option import add_now, read_typed_moment
from digest.match.learned import Learned
from digest.match.topic_ranking import MOST, Pair, TopicRanking
from subscribers.topics import (
    Acronyms,
    ParsedTopic,
    Statistics,
    Text,
    TopicError,
    count_stems,
    learn_forms,
    normal_form,
    parse_topic,
    read_text,
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("papers", type=Path, metavar="PAPERS.jsonl")
        parser.add_argument("topics", type=Path, metavar="TOPICS.txt")
        parser.add_argument(
            "--most",
            type=int,
            default=MOST,
            help=f"papers of each topic ({MOST}); 0 for every find",
        )
        parser.add_argument(
            "--finds-only", action="store_true", help="what a digest would find, and nothing near"
        )
        parser.add_argument(
            "--as-digest",
            action="store_true",
            help="what digests would take of each topic, in the order in which they would have it",
        )
        parser.add_argument(
            "--day",
            type=int,
            default=PAPERS_A_DAY,
            metavar="PAPERS",
            help=f"with --as-digest: so many papers of the file are one day's ({PAPERS_A_DAY})",
        )
        add_now(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["now"] is not None:
            # Files do not change with the time, but a bad time is said.
            read_typed_moment(options["now"])
        if options["most"] < 0:
            raise CommandError("--most is a number of papers, or 0 for every find.")
        if options["day"] < 1:
            raise CommandError("--day is a number of papers, 1 or more.")
        topics = self._read_topics(options["topics"])
        papers = Papers(options["papers"])
        statistics = count_stems(normal_form(whole_text(text)) for _, text in papers)
        acronyms = learn_forms(whole_text(text) for _, text in papers)
        for problem in papers.problems.values():
            self.stderr.write(problem)
        learned = (acronyms, statistics)
        if options["as_digest"]:
            self._list_as_digest(papers, topics, learned, options["day"])
            return
        ranking = TopicRanking(topics, options["most"] or None)
        for paper_id, text in _track_progress(papers, "Matching", statistics.papers):
            ranking.match_paper(paper_id, read_text(text, *learned))
        if not options["finds_only"]:
            for paper_id, text in _track_progress(papers, "Comparing", statistics.papers):
                ranking.compare_paper(paper_id, read_text(text, *learned))
        self._write_pairs(ranking.list_pairs())
        self._report_left_out(ranking.count_left_out(), options["most"])

    def _list_as_digest(
        self,
        papers: Papers,
        topics: dict[str, ParsedTopic],
        learned: tuple[Acronyms, Statistics],
        a_day: int,
    ) -> None:
        source = FileCandidates(list(topics.values()), Learned(learned[1], learned[0]), a_day)
        for paper_id, text in _track_progress(papers, "Matching", learned[1].papers):
            source.add_paper(paper_id, read_text(text, *learned))
        self._write_pairs(list_digest_pairs(source, list(topics)))

    def _write_pairs(self, pairs: Iterable[Pair]) -> None:
        for topic, paper_id, strength in pairs:
            self.stdout.write(f"{topic}\t{paper_id}\t{strength:.6f}")

    def _report_left_out(self, held_back: dict[str, int], most: int) -> None:
        """Say on stderr what is not listed, and how to have it."""
        for topic, papers in held_back.items():
            self.stderr.write(f"“{topic}” is found in {most + papers} papers: {papers} left out.")
        if held_back:
            count = sum(held_back.values())
            self.stderr.write(f"{count} finds are left out; `--most 0` lists every one.")

    def _read_topics(self, path: Path) -> dict[str, ParsedTopic]:
        topics: dict[str, ParsedTopic] = {}
        for number, line in _read_lines(path):
            try:
                topics[line] = parse_topic(line)
            except TopicError as error:
                self.stderr.write(f"{path}, line {number}: {error}")
        return topics


def _track_progress(papers: Papers, what: str, count: int) -> Iterable[tuple[str, Text]]:
    console = Console(file=sys.stderr)
    silent = not console.is_terminal
    return track(papers, what, count, console=console, disable=silent, transient=True)


class Papers:
    """A file of papers, read anew each time it is gone through, so that it may be of any size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # What comes through a pipe can be read once only.
        self._read_lines = None if path.is_file() or not path.exists() else list(_read_lines(path))
        self.problems: dict[int, str] = {}  # by line

    def __iter__(self) -> Iterator[tuple[str, Text]]:
        for number, line in (
            _read_lines(self._path) if self._read_lines is None else self._read_lines
        ):
            try:
                yield read_paper(line)
            except ValueError as error:
                self.problems[number] = f"{self._path}, line {number}: {error}"


def whole_text(text: Text) -> str:
    return f"{text.title}. {text.abstract}"


def read_paper(line: str) -> tuple[str, Text]:
    """Return a paper's id and text from one line of JSON; ValueError says what is wrong."""
    try:
        paper = json.loads(line)
    except ValueError as error:
        raise ValueError(f"This is not JSON ({error}): the paper is left out.") from error
    if not isinstance(paper, dict) or not isinstance(paper.get("id"), str | int):
        raise ValueError('A paper is an object with an "id": it is left out.')
    if not isinstance(paper.get("title"), str):
        raise ValueError('The "title" is no text: the paper is left out.')
    return " ".join(str(paper["id"]).split()), Text(
        paper["title"],
        _text_or_empty(paper.get("abstract")),
        _texts_or_empty(paper.get("authors")),
        _text_or_empty(paper.get("organization")),
        _texts_or_empty(paper.get("categories")),
    )


def _text_or_empty(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts_or_empty(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(_text_or_empty, value))) if isinstance(value, list) else ()


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, with their numbers; CommandError if there is no such file."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
