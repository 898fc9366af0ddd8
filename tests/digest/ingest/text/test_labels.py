"""Labelled lines and link words, taken off and kept for what they say."""

from __future__ import annotations

import pytest

from digest.ingest.text.labels import drop_closing, read_labels


def test_labels_are_read_and_taken_off() -> None:
    said = read_labels(
        [
            "Authors: Ada Lunt; Bo Karr",
            "DOI: 10.5555/x",
            "Published online: 22 April 2026",
            "Prose.",
        ]
    )
    assert (said.authors, said.doi, said.date) == (
        "Ada Lunt; Bo Karr",
        "10.5555/x",
        "22 April 2026",
    )
    assert said.lines == ["Prose."]


def test_labels_that_follow_one_another_on_one_line_are_parted() -> None:
    said = read_labels(["By: Lunt, Ada Abstract: We count gulls. Keywords: gulls"])
    assert said.authors == "Lunt, Ada"
    assert said.is_labelled


@pytest.mark.parametrize(
    "label", ["Abstract", "ABSTRACT:", "摘要", "【摘要】", "<摘要>", "Zusammenfassung:"]
)
def test_what_stands_before_the_label_of_the_abstract_is_none(label: str) -> None:
    lines = ["Something else", f"{label}我们数海鸥。" if label[-1] in "】>" else label]
    said = read_labels([*lines, "We count."])
    assert said.is_labelled
    assert "Something else" not in said.lines


def test_words_of_a_sentence_are_no_labels() -> None:
    line = "We study one number: how many gulls nest, by language: Dutch, type: old, key: none."
    assert read_labels([line]).lines == [line]


def test_headings_that_lost_their_space_are_headings() -> None:
    said = read_labels(["SignificanceGulls matter. AbstractWe count gulls on roofs."])
    assert said.lines == ["We count gulls on roofs."]


@pytest.mark.parametrize("line", ["Read more", "PDF", "HTML | XML | PDF", "[link] [comments]"])
def test_link_words_go(line: str) -> None:
    assert read_labels([line]).lines == []


def test_closing_notices_go() -> None:
    text = "We count. © 2026 The Society. All rights reserved. https://doi.org/10.5555/x"
    assert drop_closing(text) == "We count."
