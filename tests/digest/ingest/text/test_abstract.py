"""Which of an entry's texts is the abstract, and that text alone."""

from __future__ import annotations

import pytest

from digest.ingest.text.abstract import find_abstract, is_cut_text, split_lines

TITLE = "Gulls on roofs"
WHOLE = "Gulls on roofs raise more chicks. We counted 214 nests over six summers to know it."


def read(*texts: str, names: tuple[str, ...] = (), journal: str = "") -> str:
    return find_abstract([(text, False) for text in texts], TITLE, names, journal).text


@pytest.mark.parametrize(
    "other",
    [
        "",
        TITLE,
        "Read more",
        "Journal of Gulls, Volume 12, Issue 4, Page 101-117, April 2026.",
        "Gulls on roofs raise more…",
        "Gulls on roofs raise more chicks. We counted [...]",
        f"{WHOLE} And then the whole post goes on. " + "It says what we ate each day. " * 200,
        "Ada Lunt, Bo Karr",
    ],
    ids=["none", "title", "link", "citation", "cut", "cut in brackets", "article", "names"],
)
def test_the_abstract_is_taken_whichever_field_it_stands_in(other: str) -> None:
    names = ("Ada Lunt", "Bo Karr")
    assert read(other, WHOLE, names=names) == read(WHOLE, other, names=names) == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "Science, Volume 392, Issue 6800, Page 301-304, April 2026.",
        "<p>Publication date: June 2026</p><p>Source: Roofs</p><p>Author(s): Ada Lunt</p>",
        "J. Gulls 2026, 12, 4, 101-117. https://doi.org/10.5555/abc.1",
        "<img src='x.gif'/>",
        "N/A",
        TITLE,
        "Abstract not available.",
        "There is no abstract available for this article.",
        "Full text available.",
        "Click here to view the article",
        f"Ada Lunt, Bo Karr: {TITLE}. J. Gulls 12(4): 1-9 (2026)",
    ],
)
def test_where_a_feed_has_no_abstract_there_is_none(text: str) -> None:
    assert read(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"<p>Abstract</p><p>{WHOLE}</p>",
        f"Abstract: {WHOLE}",
        f"ABSTRACT. {WHOLE}",
        f"<p>J Gulls. 2026 Apr 22;12(4):101. doi: 10.5555/x.</p><p>{WHOLE}</p><p>PMID: 4100001</p>",
        f"{WHOLE} © 2026 The Gull Society. All rights reserved.",
        f"DOI: 10.5555/x.1 {WHOLE}",
        f"Source: J Gulls; Type: Article; {WHOLE}",
        f"Zusammenfassung {WHOLE}",
        f"{WHOLE} [Show full abstract]",
        f"<p>J Gulls, Vol. 12, Pages 4: {TITLE}</p><p>J Gulls doi: 10.5555/x</p><p>{WHOLE}</p>",
        f"{WHOLE}<p>The post Gulls appeared first on Roofs.</p>",
        f"<p>by Ada Lunt, Bo Karr</p>{WHOLE}",
        f"<h3>Gulls on roofs</h3><p>{WHOLE}</p><p>Full text | PDF</p>",
    ],
)
def test_what_stands_around_an_abstract_is_taken_off(text: str) -> None:
    assert read(text) == WHOLE


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        (f"Ada Lunt, Bo Karr: {TITLE}. J. Gulls 12(4): 1-9 (2026)", "Ada Lunt, Bo Karr"),
        (f"<p>Authors:\n\tAda Lunt\n\tBo Karr\n</p><p>{WHOLE}</p>", "Ada Lunt; Bo Karr"),
    ],
)
def test_names_are_taken_from_a_reference_and_from_lines(text: str, authors: str) -> None:
    assert find_abstract([(text, False)], TITLE).authors == authors


def test_a_heading_that_could_be_names_stays_in_the_text() -> None:
    text = f"<p>{WHOLE}</p><p>Wild Gulls All Year</p><p>They stay on roofs in winter too.</p>"
    assert read(text) == f"{WHOLE} Wild Gulls All Year They stay on roofs in winter too."


def test_what_is_taken_off_is_used() -> None:
    text = (
        "<p>RoofKeys 1076: 151-182</p><p>DOI: 10.5555/rk.1</p><p>Authors: Ada Lunt, Bo Karr</p>"
        f"<p>Publication date: 22 April 2026</p><p>Abstract: {WHOLE}</p>"
    )
    found = find_abstract([(text, True)], TITLE)
    assert found.text == WHOLE
    assert (found.authors, found.doi, found.date) == (
        "Ada Lunt, Bo Karr",
        "10.5555/rk.1",
        "22 April 2026",
    )


def test_figures_within_the_prose_are_no_citation() -> None:
    text = f"<p>{WHOLE}</p><p>Volume 12 (3): 101-117 ml.</p><p>So we say what it means.</p>"
    assert "Volume 12 (3)" in read(text)


@pytest.mark.parametrize("text", ["and so…", "and so ...", "and so [...]", "and so [&hellip;]"])
def test_a_text_that_breaks_off_is_cut(text: str) -> None:
    assert is_cut_text(text)


def test_a_whole_text_is_not_cut() -> None:
    assert not is_cut_text("We count 1...9 and stop.")


def test_lines_without_markup_are_parted_by_blank_lines() -> None:
    assert split_lines("One\ntwo\n\nthree", is_html=False) == ["One two", "three"]


def test_programs_are_no_tex() -> None:
    program = "if ($a != $b) run_it --all \\\\ {2}"
    text = f"<p>{WHOLE}</p><pre><code>{program}</code></pre><p>So $x^*$ -- it ends.</p>"
    assert read(text) == f"{WHOLE} {program} So x* – it ends."


def test_what_is_left_out_within_a_quotation_is_shown_and_rules_around_it_are_not() -> None:
    text = f"* * *<br>{WHOLE}<br>[...]<br>They stay in winter too.<br>-----"
    assert read(text) == f"{WHOLE} [...] They stay in winter too."
