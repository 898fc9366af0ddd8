"""The better wording takes the place of the worse, whichever came first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.ingest.better_text import VERSION_OF_RECORD, Wording, choose_wording, read_wording
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper

OLD = Wording(
    "Slow robots", "We show that slow robots grasp nine cups in ten, more than any before.", 1
)
NEWER = Wording("Slow robots, but rarely", "We show that slow robots grasp one cup in ten.", 2)
CUT = replace(OLD, abstract="We show that slow robots grasp nine cups in…")
DIRTY = replace(
    OLD, abstract=f"Publication date: May 2026 Author(s): Ada Lunt Abstract: {OLD.abstract}"
)
BROKEN = replace(OLD, abstract=OLD.abstract.replace("any", "an\ufffd"))
LONGER = replace(OLD, abstract=f"{OLD.abstract} We say why, and how much it costs.")


def show(first: Wording, second: Wording) -> Wording:
    paper = Paper(title=first.title, abstract=first.abstract, text_version=first.version)
    choose_wording(paper, second)
    return Wording(paper.title, paper.abstract, paper.text_version)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (OLD, replace(OLD, abstract="")),
        (OLD, CUT),
        (OLD, DIRTY),
        (OLD, BROKEN),
        (LONGER, OLD),
        (NEWER, OLD),
        (NEWER, LONGER),
        (NEWER, replace(LONGER, version=0)),
        (OLD, replace(NEWER, abstract="We show that slow robots…")),
        (replace(NEWER, version=VERSION_OF_RECORD), OLD),
    ],
    ids=[
        "none",
        "cut",
        "labels",
        "broken",
        "shorter",
        "older",
        "longer",
        "unknown",
        "newer-but-cut",
        "preprint",
    ],
)
def test_the_better_wording_is_shown_whichever_came_first(better: Wording, worse: Wording) -> None:
    assert show(worse, better) == better
    assert show(better, worse) == better


def test_of_one_version_the_title_stays_unless_it_was_cut_or_broken() -> None:
    other = replace(LONGER, title="Slow robots!")
    assert show(OLD, other).title == OLD.title
    assert show(replace(OLD, title="Slow ro…"), LONGER).title == OLD.title
    assert show(replace(OLD, title="Slow <i>robots</i>"), LONGER).title == OLD.title


def test_a_journals_entry_and_a_replacement_are_newer_than_what_is_known() -> None:
    entry = ParsedEntry(guid="1", identifier="doi:10.1000/x", title="T", url="https://x.example")
    assert read_wording(entry).version == VERSION_OF_RECORD
    preprint = replace(entry, identifier="doi:10.1101/2026.04.01.123456", version=3)
    assert read_wording(preprint).version == 3
    replaced = replace(entry, identifier="arxiv:2604.00001", announce_type="replace")
    assert read_wording(replaced, 4).version == 5


def test_a_mark_of_retraction_comes_and_stays() -> None:
    marked = replace(OLD, title=f"RETRACTED: {OLD.title}", abstract="")
    assert show(OLD, marked) == replace(OLD, title=marked.title)
    assert show(marked, OLD) == replace(OLD, title=marked.title)
    assert show(replace(marked, title="[Withdrawn] Slow robots"), NEWER).title.startswith("[With")
    study = replace(NEWER, title="Retracted papers and who cites them")
    assert show(study, OLD).title == study.title
