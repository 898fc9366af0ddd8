"""The lines that are shown of an abstract hold what was looked for, and say where they are cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.render import excerpt, paper_lines
from tests.digest.render.test_paper_lines import paper

FILLER = "We measure many things at great length and report all of them here. "


def test_an_excerpt_begins_at_the_beginning_unless_another_place_holds_more() -> None:
    assert excerpt.excerpt("One is here. Two is there.", []) == "One is here. Two is there."
    text = FILLER * 8 + "A diffusion policy grasps. It holds."
    assert excerpt.excerpt(text, []).startswith("We measure")
    chosen = excerpt.excerpt(text, ["diffusion policy"])
    assert chosen.startswith("… ")
    assert "A diffusion policy grasps." in chosen
    assert len(chosen) <= paper_lines.EXCERPT_CHARS + 2


def test_an_excerpt_of_one_endless_sentence_is_cut_around_what_was_found() -> None:
    text = "many " * 200 + "a diffusion policy " + "more " * 200
    chosen = excerpt.excerpt(text, ["diffusion policy"])
    assert "diffusion policy" in chosen
    assert chosen.startswith("… ")
    assert chosen.endswith("…")
    assert len(chosen) <= paper_lines.EXCERPT_CHARS + 2
    early = excerpt.excerpt("a diffusion policy " + "more " * 200, ["diffusion policy"])
    assert early.startswith("a diffusion policy")


def test_an_excerpt_has_one_ellipsis_before_it_wherever_it_is_cut() -> None:
    text = FILLER * 8 + "Many " * 100 + "a diffusion policy " + "more " * 100
    assert excerpt.excerpt(text, ["diffusion policy"]).startswith("… Many Many")


def test_an_excerpt_of_nothing_is_empty() -> None:
    assert excerpt.excerpt("", ["policy"]) == ""


@pytest.mark.parametrize(
    "text",
    ["Smith et al. Show it", "See e.g. This", "J. Smith", "In Fig. 3 we", "x vs. Y", "0. 5x"],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    expected = ["0.", "5x"] if text.startswith("0") else [text]
    assert excerpt.SENTENCE_END.split(text) == expected


@pytest.mark.parametrize(
    ("fields", "words", "shown"),
    [
        ({"abstract": "It works."}, ["robots"], ("", "It works.")),
        ({"summary": "Short.", "abstract": "It works."}, [], ("Short.", "")),
        ({"summary": "On robots.", "abstract": "Robots."}, ["robots"], ("On robots.", "")),
        ({"title": "Robots", "summary": "Short.", "abstract": "Robots."}, ["robots"],
         ("Short.", "")),
        ({"summary": "Short.", "abstract": "One. Two robots. Three."}, ["robots"],
         ("Short.", "Two robots.")),
        ({"summary": "Short.", "abstract": "One. Two."}, ["robots"], ("Short.", "")),
        ({}, ["robots"], ("", "")),
    ],
)  # fmt: skip
def test_a_summary_takes_the_abstracts_place_unless_only_that_holds_what_was_found(
    fields: dict[str, str], words: list[str], shown: tuple[str, str]
) -> None:
    assert excerpt.gist(paper(**fields), words) == shown


def test_an_abstract_begins_at_its_beginning_where_the_title_shows_the_words() -> None:
    abstract = "We begin here. " + "Then we go on for a while. " * 20 + "World models and video."
    fields = {"title": "A World Model", "abstract": abstract}
    assert excerpt.gist(paper(**fields), ["World Model", "world models"])[1].startswith("We begin")
    assert excerpt.gist(paper(**fields), ["World Model", "video"])[1].endswith("and video.")


LONG = " ".join(f"This is sentence number {n}, as long as it is." for n in range(40))


@given(st.integers(0, len(LONG) - 8), st.integers(60, 400))
@example(1820, 114)
def test_a_passage_fills_its_lines_and_holds_the_first_found_word(first: int, limit: int) -> None:
    first = LONG.index(" ", first) + 1
    last = next(i for i in range(first, len(LONG) + 1) if i == len(LONG) or LONG[i] in " ,.")
    shown, places = excerpt.passage(LONG, [(first, last)], limit)
    assert [shown[start:end] for start, end in places] == [LONG[first:last]]
    seen = min(excerpt.SEEN_CHARS, limit * 2 // 3)
    assert places[0][1] <= max(seen, 2 + last - first)
    assert seen // 2 < len(shown) <= limit + 2
    assert shown.removeprefix("… ").removesuffix("…") in LONG


def test_a_passage_begins_with_the_sentence_that_holds_the_word_where_there_is_room() -> None:
    at = LONG.index("number 20")
    shown, _ = excerpt.passage(LONG, [(at, at + 9)], 200)
    assert shown.startswith("… This is sentence number 20,")


def test_a_short_text_is_its_own_passage() -> None:
    assert excerpt.passage("All of it.", [(0, 3)], 200) == ("All of it.", [(0, 3)])
    assert excerpt.passage(LONG, [], 60)[0].endswith("…")


APART = f"We study diffusion. {FILLER * 9}It is shown on video. {FILLER * 2}"
BOTH = [[1, "diffusion + video", "diffusion · video"]]


@pytest.mark.parametrize(
    ("fields", "reasons", "holds", "holds_not"),
    [
        ({"abstract": APART}, BOTH, ["diffusion", "video"], []),
        ({"abstract": APART, "title": "Video"}, BOTH, ["diffusion"], ["video"]),
        ({"abstract": APART, "summary": "On video."}, BOTH, ["diffusion"], []),
        ({"abstract": APART}, [[1, "diffusion", "diffusion"], [2, "video", "video"]],
         [], ["video"]),
        ({"abstract": APART}, [[1, "DDPM + video", "diffusion · video"]],
         ["diffusion", "video"], []),
        ({"abstract": APART}, [[1, "cat:cs.CV + video", "cs.CV · video"]],
         ["video"], ["diffusion"]),
        ({"abstract": APART}, [[1, "diffusion + x", ""]], [], ["video"]),
    ],
)  # fmt: skip
def test_a_topic_that_wants_several_words_is_shown_each_of_them(
    fields: dict[str, str], reasons: list[list[object]], holds: list[str], holds_not: list[str]
) -> None:
    words, terms = paper_lines.found_words(reasons), excerpt.terms_together(reasons)
    _, cut = excerpt.gist(paper(**fields), words, terms=terms)
    assert all(word in cut for word in holds)
    assert not any(word in cut for word in holds_not)
    assert "… …" not in cut
    assert len(cut) <= paper_lines.EXCERPT_CHARS + 3


@given(st.lists(st.integers(0, 39), min_size=1, max_size=5), st.integers(200, 400))
def test_pieces_show_every_place_and_are_the_texts_own(places: list[int], limit: int) -> None:
    terms = [[f"number {n}"] for n in dict.fromkeys(places)][: excerpt.MOST_PIECES]
    said = excerpt.pieces(LONG, terms, limit)
    assert all(word in said for [word] in terms)
    assert all(piece in LONG for piece in said.strip("… ").split(" … "))
    assert len(said) <= limit + 3


def test_nothing_is_made_of_nothing() -> None:
    assert excerpt.pieces("", [["video"]], 200) == excerpt.pieces(LONG, [], 200) == ""
