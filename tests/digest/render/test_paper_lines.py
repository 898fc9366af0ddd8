"""What is said of a paper is short, true to it, and safe to show."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils.safestring import SafeString

from digest.models import Paper, TopicReason
from digest.models.papers import WHERE_CHARS
from digest.render import paper_lines


def paper(**fields: Any) -> Paper:
    return Paper(**({"title": "A title", "identifier": "arxiv:2604.00001"} | fields))


@pytest.mark.parametrize(
    ("authors", "words", "said"),
    [
        ([], [], ""),
        (["Ada"], [], "Ada"),
        (["A", "B", "C"], [], "A, B, C"),
        (["A", "B", "C", "D"], [], "A, B, C, D"),
        (["A", "B", "C", "D", "E"], [], "A, B, C and 2 more"),
        (["A", "B", "C", "D", "E"], ["E"], "A, B, C, D, E"),
        (["A", "B", "C", "D", "E", "F"], ["F"], "A, B, C, F and 2 more"),
        (list("ABCDEFGH"), list("DEFGH"), "A, B, C, D, E, F and 2 more"),
        ([f"N{n}" for n in range(218)], [], "N0, N1, N2 and 215 more"),
    ],
)
def test_a_byline_names_three_authors_those_looked_for_and_never_leaves_out_one_alone(
    authors: list[str], words: list[str], said: str
) -> None:
    assert paper_lines.write_byline(paper(authors=authors), words) == said


def test_a_byline_ends_with_the_organization_also_where_it_stands_alone() -> None:
    assert paper_lines.write_byline(paper(authors=["A"], organization="Lab")) == "A · Lab"
    assert paper_lines.write_byline(paper(organization="Lab")) == "Lab"


def test_the_primary_category_is_shown_and_others_only_when_looked_for() -> None:
    several = paper(categories=["cs.RO", "cs.LG", "cs.AI"])
    assert paper_lines.describe_categories(several) == "cs.RO"
    assert paper_lines.describe_categories(several, ["cs.AI"]) == "cs.RO, cs.AI"
    assert paper_lines.describe_categories(paper()) == ""


def test_only_an_arxiv_paper_has_a_pdf_that_we_know() -> None:
    assert paper_lines.make_pdf_url(paper()) == "https://arxiv.org/pdf/2604.00001"
    assert paper_lines.make_pdf_url(paper(identifier="doi:10.1/x")) == ""


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        (" http://example.org/é ", "http://example.org/%C3%A9"),
        ("javascript:alert(1)", ""),
        ("JavaScript://example.org/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://example.org/", ""),
        ("https://arxiv.org@evil.example/", ""),
        ("https://user:password@example.org/", ""),
        ("https://example.org/@ada", "https://example.org/@ada"),
        ("//example.org/", ""),
        ("https:///nowhere", ""),
        ("https://[broken/", ""),
        ("", ""),
        ("https://example.org/" + "x" * 480, "https://example.org/" + "x" * 480),
        ("https://example.org/" + "x" * 481, ""),
    ],
)
def test_only_web_addresses_of_reasonable_length_become_links(address: str, link: str) -> None:
    assert paper_lines.clean_web_url(address) == link


def test_found_words_come_once_each_and_longest_first() -> None:
    found = ["policy · diffusion policy", "policy", ""]
    assert paper_lines.list_found_words(found) == ["diffusion policy", "policy"]
    reasons = [TopicReason(n, "query", where) for n, where in enumerate(found)]
    assert paper_lines.list_reason_words(reasons) == ["diffusion policy", "policy"]


def test_a_list_of_found_words_that_was_cut_loses_its_last_half_word() -> None:
    cut = ("robot learning · " + "x" * 200)[:WHERE_CHARS]
    assert paper_lines.list_found_words([cut]) == ["robot learning"]
    assert paper_lines.list_found_words(["y" * 200]) == ["y" * 200]


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([(1, "RAG", "RAG")], "RAG"),
        ([(1, "world model", "world models")], "world model"),
        ([(1, "LLM", "large language models")], "LLM (“large language models”)"),
        (
            [(1, "image restoration", "haze removal")],
            "image restoration (names “haze removal”, a kind of it)",
        ),
        ([(1, "super-resolution", "upscaling")], "super-resolution (“upscaling”)"),
        ([(1, "LLM", "LLM · large language models")], "LLM"),
        ([(1, "LLM", "")], "LLM"),
        ([(1, "a1", "a1"), (2, "b2", "b2")], "a1 and b2"),
        ([(n, f"t{n}", f"t{n}") for n in range(4)], "t0, t1, t2 and t3"),
        ([(n, f"t{n}", f"t{n}") for n in range(6)], "t0, t1, t2, t3 and 2 more"),
    ],
)
def test_reasons_name_topics_and_only_words_nobody_would_guess(
    reasons: list[tuple[int, str, str]], said: str
) -> None:
    assert paper_lines.describe_reasons([TopicReason(*reason) for reason in reasons]) == said


def test_a_reason_stays_short_however_long_topic_and_found_words_are() -> None:
    said = paper_lines.describe_reasons([TopicReason(1, "topic " * 40, "found " * 30)])
    assert len(said) <= 2 * paper_lines.REASON_CHARS + len(" (“”)")
    assert said.startswith("topic topic")


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("A Diffusion-Policy here", ["diffusion policy"],
         "A <mark>Diffusion-Policy</mark> here"),
        ("diffusion policy", ["policy", "diffusion policy"],
         "<mark>diffusion policy</mark>"),
        ("policy, policy", ["policy"], "<mark>policy</mark>, <mark>policy</mark>"),
        ("nothing here", ["policy"], "nothing here"),
        ("policy", [], "policy"),
        ("policy", ["", "…"], "policy"),
        ("<b>policy</b> & x<1", ["policy"],
         "&lt;b&gt;<mark>policy</mark>&lt;/b&gt; &amp; x&lt;1"),
        ("<script>alert(1)</script>", ["script"],
         "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;"),
    ],
)  # fmt: skip
def test_found_words_are_marked_and_all_else_is_escaped(
    text: str, words: list[str], marked: str
) -> None:
    said = paper_lines.mark_words(text, words)
    assert said == marked
    assert isinstance(said, SafeString)


def test_capitals_count_where_a_found_word_is_an_acronym() -> None:
    assert paper_lines.mark_words("RAG in a rag", ["RAG"]) == "<mark>RAG</mark> in a rag"


def test_a_long_text_stands_on_short_lines_and_reads_the_same() -> None:
    for text in ("a " + "x" * 500, "some words " * 40 + "end", "語" * 3000, "<&> " * 50 + "end"):
        html = paper_lines.mark_lines(text)
        assert max(map(len, html.split("\n"))) <= 90 * len("&lt;")
        # A line ends at a space that was there, or within a tag that shows nothing.
        assert unescape(re.sub(r"<wbr\n>", "", html).replace("\n", " ")) == text
    assert paper_lines.mark_lines("x" * 90) == "x" * 90
    assert paper_lines.mark_lines("A policy", ["policy"]) == "A <mark>policy</mark>"
