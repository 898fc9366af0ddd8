"""What the sample is made of, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class SamplePaper:
    """A made-up paper; days count from 1 to 5, None where a source never mentions it."""

    number: int
    title: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    abstract: str
    day: int | None = None
    announce: str = "new"
    replaced: int | None = None
    listed: int | None = None
    votes: int = 0
    comments: int = 0
    organization: str = ""
    code: str = ""
    stars: int = 0
    summary: str = ""
    sleeper: bool = False


@dataclass(frozen=True)
class SampleNote:
    """A note of the sample's laboratory, with the number of the paper it links to, if any."""

    day: int
    hour: int
    title: str
    author: str
    text: str
    minute: int = 0
    about: int | None = None


@cache
def papers() -> tuple[SamplePaper, ...]:
    """All papers by number."""
    rows = [
        row for path in sorted(FOLDER.glob("papers_*.toml")) for row in _read_toml(path)["paper"]
    ]
    return tuple(sorted((_make_paper(row) for row in rows), key=lambda paper: paper.number))


@cache
def notes() -> tuple[SampleNote, ...]:
    """All notes, the oldest first."""
    rows = _read_toml(FOLDER / "notes.toml")["note"]
    return tuple(SampleNote(**{**row, "text": row["text"].strip()}) for row in rows)


def notes_title() -> str:
    return str(_read_toml(FOLDER / "notes.toml")["title"])


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _make_paper(row: dict[str, Any]) -> SamplePaper:
    folded = {
        "authors": tuple(row["authors"]),
        "categories": tuple(row["categories"]),
        "abstract": " ".join(row["abstract"].split()),
    }
    return SamplePaper(**{**row, **folded})
