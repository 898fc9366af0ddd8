from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.text.clean import clean_html, clean_tex, clean_text, cut_key, shorten_text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"Poincar\'e and G\"odel", "Poincaré and Gödel"),
        (r"Milovi\'c, \v{S}ime, \c{C}elik, \O rsted", "Milović, Šime, Çelik, Ørsted"),
        (r"$\alpha$-divergence", "α-divergence"),
        (r"$O(n\log n)$", "O(n log n)"),
        (r"$10^{-3}$ and $x_{i}^2$ and LP$^{2}$DH", "10⁻³ and xᵢ² and LP²DH"),
        (r"360$^\circ$ videos", "360° videos"),
        (r"$\times$4 super-resolution", "×4 super-resolution"),
        (r"\(x^2\) and $$y^2$$", "x² and y²"),
        (r"{\it K}-theory of $\mathbb{R}^{n}$", "K-theory of ℝⁿ"),
        (r"\textbf{BERT}: \emph{really} good", "BERT: really good"),
        (r"50\% of R\&D, a\_b", "50% of R&D, a_b"),
        (r"\textcolor{red}{hot}", "hot"),
        (r"code at \url{https://x.org/a_b%20c}", "code at https://x.org/a_b%20c"),
        (r"\href{https://x.org}{our page}", "our page"),
        (r"as shown~\cite{doe2020} before", "as shown before"),
        (r"snake_case ^a ~ 5\%", "snake_case ^a ~ 5%"),
    ],
)
def test_tex_becomes_unicode(tex: str, text: str) -> None:
    assert clean_tex(tex, 500) == text


@pytest.mark.parametrize(
    "plain",
    [
        "0<x<1 and y>2",
        "<think> tokens </think> help",
        "AT&amp;T &lt;b&gt;",
        "costs $5 to $10 each",
        "between $5 and 10$ dollars",
        "snake_case and 100% of it",
        "\\",
        r"we present \ours, a method, and \textbfx",
        r"C:\new\table",
        r"a $\broken{ title",
        r"\begin{itemize}\item a \end{itemize}",
        r"\today \maketitle",
        r"\frac\frac\frac",
    ],
)
def test_what_is_no_tex_or_broken_tex_stays_as_it_was_typed(plain: str) -> None:
    assert clean_tex(plain, 500) == plain


def test_a_text_that_tex_would_empty_is_kept() -> None:
    assert clean_tex(r"\phantom{everything in here}", 500)


@pytest.mark.parametrize(
    "hostile",
    ["{" * 5000 + "\\x", r"\sqrt{" * 900, r"\'" * 9000, "$a$" * 6000, "\\" * 20_000, "$" * 20_000],
)
def test_hostile_tex_ends_and_stays_within_its_cap(hostile: str) -> None:
    assert len(clean_tex(hostile, 500)) <= 500


@given(st.text(st.characters(categories=["L", "Nd", "P", "S", "Z", "Cc", "Cf", "Cs"])))
def test_no_text_breaks_the_reader_of_tex(text: str) -> None:
    read = clean_tex(text, 300)
    assert len(read) <= 300
    read.encode()


def test_hidden_characters_are_taken_out() -> None:
    hidden = "a\x00b\x1b\x7f\x9f\xad\u200b\u200d\u202e\u2066\ufeff\u061c\ud800\U000e0041c"
    assert clean_text(hidden, 100) == "abc"


def test_what_is_no_character_is_taken_out() -> None:
    assert clean_text("a\ue000\ue001\uf8ffb\ufffe\uffff\ufdd0\U000f0000\U0010fffdc", 100) == "abc"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻 and ❤️\u200d🔥", "👩\u200d💻 and ❤️\u200d🔥"),
        ("dif\u200cfu\u200dsion می\u200c\u200cخ", "diffusion میخ"),
        ("👩\u200c💻\u200d", "👩💻"),
    ],
)
def test_joiners_stay_where_they_shape_what_is_read_and_nowhere_else(
    typed: str, shown: str
) -> None:
    assert clean_text(typed, 100) == shown


def test_space_of_any_kind_becomes_one_space() -> None:
    assert clean_text(" a\n\tb\xa0\u2003c\u2028d\x85e\x0b ", 100) == "a b c d e"


def test_text_is_stored_in_one_form() -> None:
    assert clean_text("e\u0301", 10) == "é"
    assert unicodedata.is_normalized("NFC", clean_text("Ą\u0301\u0328", 10))


def test_long_text_is_cut_at_a_word_and_says_so() -> None:
    assert shorten_text("the quick brown fox", 19) == "the quick brown fox"
    assert shorten_text("the quick brown fox", 18) == "the quick brown…"
    assert shorten_text("the quick, brown fox", 12) == "the quick…"
    assert shorten_text("x" * 50, 10) == "x" * 9 + "…"
    assert len(clean_text("word " * 20_000, 6000)) <= 6000


def test_keys_are_cut_without_becoming_one() -> None:
    one, other = cut_key("k" * 600 + "1", 500), cut_key("k" * 600 + "2", 500)
    assert one != other
    assert len(one) == len(other) == 500
    assert cut_key(" a\x00 b\n", 500) == "a b"


def test_markup_becomes_plain_text() -> None:
    markup = (
        "<p>One &amp; <b>two</b></p><p>three<br>four</p>"
        "<script>alert(1)</script><img src=x onerror=alert(1)> 0 &lt; x &#8217;"
    )
    assert clean_html(markup, 500) == "One & two three four 0 < x ’"


def test_markup_without_tags_is_only_unescaped() -> None:
    assert clean_html("Q&amp;A &lt;b&gt;", 500) == "Q&A <b>"


def test_deeply_nested_markup_is_read_only_so_far() -> None:
    assert clean_html("a" + "<div>" * 100_000 + "x", 500) == "a"


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_plain_letters_are_cleaned_in_the_short_way_as_in_the_long(text: str) -> None:
    assert clean_text(text, 500) == clean_text(f"\u200b{text}", 500)
