"""Papers with the keywords that their own authors chose, and the topics these make.

A set is a file of JSON, one paper a line: {"id", "title", "abstract", "keywords"}, packed by gzip
or not. A keyword of enough papers is a topic, and the papers that bear it are its true ones.
Authors leave keywords out, so a precision is a lower bound: compare figures, do not read them
alone.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FEWEST_PAPERS = 8  # that bear a keyword, before it is a topic


@dataclass(frozen=True)
class LabelledPaper:
    """A paper, and the keywords that its authors chose."""

    id: str
    title: str
    abstract: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class LabelledSet:
    """Papers, and by topic as it is typed the ids of its true papers."""

    name: str
    papers: Sequence[LabelledPaper]
    truth: dict[str, frozenset[str]]


def read_labelled_set(path: Path, fewest: int = FEWEST_PAPERS) -> LabelledSet:
    """Read a file of papers; those without keywords are left out. OSError if it cannot be read."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    rows = [json.loads(line) for line in text.decode().splitlines() if line.strip()]
    papers = [
        LabelledPaper(
            str(row["id"]), row["title"], row.get("abstract") or "", tuple(row["keywords"])
        )
        for row in rows
        if row.get("keywords")
    ]
    return make_labelled_set(path.name, papers, fewest)


def make_labelled_set(name: str, papers: Sequence[LabelledPaper], fewest: int) -> LabelledSet:
    """The set of these papers, whose topics are the keywords of `fewest` papers or more.

    Keywords that differ only in case, hyphens or a plural s are one topic, in its usual spelling.
    """
    truth, spelled = defaultdict[str, set[str]](set), defaultdict[str, Counter[str]](Counter)
    for paper in papers:
        for keyword in paper.keywords:
            form = " ".join(_cut_plural(word) for word in split_words(keyword))
            truth[form].add(paper.id)
            spelled[form][" ".join(keyword.split())] += 1
    topics = (form for form in sorted(truth) if form and len(truth[form]) >= fewest)
    named = {spelled[form].most_common(1)[0][0]: frozenset(truth[form]) for form in topics}
    return LabelledSet(name, papers, named)


def split_words(text: str) -> list[str]:
    """The words of a text as the baseline counts them: runs of letters a to z and digits."""
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", text).casefold())


def _cut_plural(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def name_kind(topic: str) -> str:
    """What kind of topic it is: each is of the first kind that fits."""
    if any(re.search(r"[A-Z].*[A-Z]", word) for word in topic.split()):
        return "acronym or name in capitals"
    if "-" in topic:
        return "with a hyphen"
    return {1: "one word", 2: "two words"}.get(len(topic.split()), "three words and more")
