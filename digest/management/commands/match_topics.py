"""Find topics in a file of papers: pairs of topic, paper id and strength, one a line.

PAPERS.jsonl holds one paper a line: {"id", "title", "abstract"}, and where known "authors",
"organization" and "categories". TOPICS.txt holds one topic a line. Neither is written to the
database, and nothing in it is asked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from heapq import heappush, heappushpop
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from digest.management.clock import add_now, read_now
from subscribers.topics import (
    ParsedTopic,
    Reading,
    Text,
    TopicError,
    TopicIndex,
    count_stems,
    find_near,
    learn_acronyms,
    normal_form,
    parse,
    read,
)

# Near finds fill a topic's list up to this many papers, the strongest first.
NEAR_UP_TO = 200


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("papers", type=Path, metavar="PAPERS.jsonl")
        parser.add_argument("topics", type=Path, metavar="TOPICS.txt")
        add_now(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        read_now(options["now"])  # files do not change with the time, but a bad time is said
        topics = self._read_topics(options["topics"])
        papers = Papers(options["papers"])
        statistics = count_stems(normal_form(whole(text)) for _, text in papers)
        acronyms = learn_acronyms(whole(text) for _, text in papers)
        for problem in papers.problems.values():
            self.stderr.write(problem)
        shelf = Shelf(topics)
        console = Console(file=sys.stderr)
        silent = not console.is_terminal
        count = statistics.papers
        for paper_id, text in track(
            papers, "Matching", count, console=console, disable=silent, transient=True
        ):
            for topic, strength in shelf.ask(paper_id, read(text, acronyms, statistics)):
                self._write(topic, paper_id, strength)
        for topic, paper_id, strength in shelf.near():
            self._write(topic, paper_id, strength)

    def _write(self, topic: str, paper_id: str, strength: float) -> None:
        self.stdout.write(f"{topic}\t{paper_id}\t{strength:.6f}")

    def _read_topics(self, path: Path) -> dict[str, ParsedTopic]:
        topics: dict[str, ParsedTopic] = {}
        for number, line in _lines(path):
            try:
                topics[line] = parse(line)
            except TopicError as error:
                self.stderr.write(f"{path}, line {number}: {error}")
        return topics


class Papers:
    """A file of papers, read anew each time it is gone through, so that it may be of any size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # What comes through a pipe can be read once only.
        self._lines = None if path.is_file() or not path.exists() else list(_lines(path))
        self.problems: dict[int, str] = {}  # by line

    def __iter__(self) -> Iterator[tuple[str, Text]]:
        for number, line in _lines(self._path) if self._lines is None else self._lines:
            try:
                yield read_paper(line)
            except ValueError as error:
                self.problems[number] = f"{self._path}, line {number}: {error}"


def whole(text: Text) -> str:
    return f"{text.title}. {text.abstract}"


class Shelf:
    """All topics, and the near finds of each while the papers pass by."""

    def __init__(self, topics: dict[str, ParsedTopic]) -> None:
        self._lines = list(topics)
        self._topics = list(topics.values())
        self._index = TopicIndex()
        self._by_word: dict[str, list[int]] = {}
        self._found = [0] * len(topics)
        self._near: list[list[tuple[float, str]]] = [[] for _ in topics]
        for i, topic in enumerate(self._topics):
            self._index.add(i, topic)
            for stem in {s for term in topic.wanted if term.is_loose for s in term.stems}:
                self._by_word.setdefault(stem, []).append(i)

    def ask(self, paper_id: str, reading: Reading) -> Iterator[tuple[str, float]]:
        """Topics found in the paper, and how strongly; near ones are kept for later."""
        form = reading.normal_form
        candidates = self._index.candidates(form, reading.text, reading.acronyms)
        for stem in set(form.split()):
            candidates.update(self._by_word.get(stem, ()))
        for i in sorted(candidates):
            found = find_near(self._topics[i], reading)
            if found is None:
                continue
            if found.is_near:
                self._keep(i, found.strength, paper_id)
            else:
                self._found[i] += 1
                yield self._lines[i], found.strength

    def _keep(self, i: int, strength: float, paper_id: str) -> None:
        keep = heappush if len(self._near[i]) < NEAR_UP_TO else heappushpop
        keep(self._near[i], (strength, paper_id))

    def near(self) -> Iterator[tuple[str, str, float]]:
        """The strongest near finds of each topic, where it was not found in enough papers."""
        for line, found, near in zip(self._lines, self._found, self._near, strict=True):
            for strength, paper_id in sorted(near, reverse=True)[: max(0, NEAR_UP_TO - found)]:
                yield line, paper_id, strength


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
        _one(paper.get("abstract")),
        _many(paper.get("authors")),
        _one(paper.get("organization")),
        _many(paper.get("categories")),
    )


def _one(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _many(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(_one, value))) if isinstance(value, list) else ()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, with their numbers; CommandError if there is no such file."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
