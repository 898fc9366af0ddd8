#!/usr/bin/env python3
"""What is read of a folder of feeds: entries, and how many have authors, abstract, DOI and date.

    .venv/bin/python scripts/survey_feeds.py FOLDER                   # a table, one line a feed
    .venv/bin/python scripts/survey_feeds.py FOLDER --sample 100      # entries beside their source

The sample is drawn with a fixed seed and prints each entry as it stands in the file and as it was
read, for an eye to compare. Run from a checkout, the script measures that checkout.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from digest.ingest.sources import feed  # noqa: E402
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable  # noqa: E402

SEED = 12
RAW_CHARS = 2600
_RAW_ENTRY = re.compile(
    rb"<(?:[\w.-]+:)?(?:item|entry)[\s>].*?</(?:[\w.-]+:)?(?:item|entry)\s*>", re.DOTALL
)
_SUFFIXES = {".xml", ".rss", ".atom", ".rdf", ".json", ""}


def main() -> None:
    """Print the table, or the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    read = list(_read_folder(options.folder))
    if options.sample:
        _print_sample(read, options.sample, options.seed)
    else:
        _print_table(read, options.folder)


def _read_folder(folder: Path) -> Iterator[tuple[Path, bytes, ParsedDocument | None]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in _SUFFIXES:
            body = path.read_bytes()
            try:
                yield (
                    path,
                    body,
                    feed.parse_document(body, f"https://feeds.example.org/{path.name}"),
                )
            except Unreadable:
                yield path, body, None


def _print_table(read: list[tuple[Path, bytes, ParsedDocument | None]], folder: Path) -> None:
    row = "{:46} {:>7} {:>7} {:>8} {:>6} {:>6}  {}"
    print(row.format("feed", "entries", "authors", "abstract", "doi", "dates", ""))
    total = [0] * 5
    for path, _, document in read:
        name = str(path.relative_to(folder))[-46:]
        if document is None:
            print(row.format(name, "-", "", "", "", "", "no feed"))
            continue
        counts = _count_fields(document.entries)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        print(row.format(name, *counts, document.problem))
    print(row.format("all", *total, ""))


def _count_fields(entries: tuple[ParsedEntry, ...]) -> list[int]:
    dois = sum(bool(entry.doi) or entry.identifier.startswith("doi:") for entry in entries)
    rest = (sum(bool(getattr(e, n)) for e in entries) for n in ("authors", "abstract"))
    return [len(entries), *rest, dois, sum(e.published_at is not None for e in entries)]


def _print_sample(
    read: list[tuple[Path, bytes, ParsedDocument | None]], size: int, seed: int
) -> None:
    pairs = [
        (path, raw, entry)
        for path, body, document in read
        if document
        for raw, entry in _pair_entries(body, document)
    ]
    chosen = random.Random(seed).sample(pairs, min(size, len(pairs)))
    for number, (path, raw, entry) in enumerate(chosen, start=1):
        print(f"===== {number} {path.name}\n{raw[:RAW_CHARS].decode('utf-8', 'replace')}")
        print("----- read")
        for name in ("title", "authors", "abstract", "doi", "identifier", "url", "published_at"):
            print(f"{name:13}{getattr(entry, name)}")


def _pair_entries(body: bytes, document: ParsedDocument) -> Iterator[tuple[bytes, ParsedEntry]]:
    """Each raw entry with what was read of it, told by the order in the file."""
    raws = _RAW_ENTRY.findall(body)
    if len(raws) == len(document.entries):
        yield from zip(raws, document.entries, strict=True)


if __name__ == "__main__":
    main()
