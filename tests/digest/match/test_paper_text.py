"""A paper's row is read once, with all that is searched."""

from __future__ import annotations

import pytest

from digest.match.learned import Learned
from digest.match.paper_text import (
    TEXT_COLUMNS,
    paper_to_text,
    read_columns,
    read_paper,
    select_texts,
)
from digest.models import Paper
from subscribers.topics import Text, find_topic, learn_acronyms, parse_topic
from tests.factories import NOW, make_paper

NAMES = {"authors": ["Ada Adler"], "organization": "Northlight", "categories": ["cs.RO"]}


@pytest.mark.django_db
def test_all_that_is_searched_is_in_the_columns_that_are_named() -> None:
    make_paper(title="An LLM", abstract="Of words.", **NAMES)
    [paper] = Paper.objects.only(*TEXT_COLUMNS)
    text = paper_to_text(paper)
    assert text == Text("An LLM", "Of words.", ("Ada Adler",), "Northlight", ("cs.RO",))
    assert not paper.get_deferred_fields() & set(TEXT_COLUMNS)


def test_a_paper_is_read_with_what_other_papers_taught() -> None:
    learned = Learned(acronyms=learn_acronyms(["Large language models (LLM)"] * 3))
    paper = Paper(title="An LLM", **NAMES)
    assert find_topic(parse_topic("large language model"), read_paper(paper, learned))
    assert not find_topic(parse_topic("large language model"), read_paper(paper, Learned()))


@pytest.mark.django_db
def test_a_form_is_gone_by_only_as_long_as_it_is_of_the_text() -> None:
    make_paper(title="Read", abstract="Of words.", normal_form=" read | of word ", matched_at=NOW)
    make_paper(title="Changed", abstract="Of signs.", normal_form=" change | of word ", **NAMES)
    topic, author = parse_topic("words"), parse_topic("author:adler")
    changed, read = select_texts(Paper.objects.order_by("title"), [topic])
    assert changed[1:] == ("Changed", "Of signs.", "")
    assert read[1:] == ("Read", "Of words.", " read | of word ")
    assert read_columns(read[1:], Learned()).stored_form == " read | of word "
    _, *columns = select_texts(Paper.objects.order_by("title"), [author])[0]
    assert find_topic(author, read_columns(columns, Learned()))
