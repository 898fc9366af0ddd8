"""The lines that are shown of an abstract hold what was looked for, and say where they are cut."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.models import TopicReason
from digest.render import excerpt, paper_lines
from digest.render.paper_texts import SENTENCE_END, PaperTexts, Sentences
from subscribers.topics.highlight import find_words
from tests.digest.render.test_paper_lines import paper


def texts(**fields: str) -> PaperTexts:
    found = paper(**fields)
    return PaperTexts(found.title, found.summary, found.abstract)


FILLER = "We measure many things at great length and report all of them here. "


def test_an_excerpt_begins_at_the_beginning_unless_another_place_holds_more() -> None:
    assert (
        excerpt.cut_excerpt(Sentences("One is here. Two is there."), [])
        == "One is here. Two is there."
    )
    text = FILLER * 8 + "A diffusion policy grasps. It holds."
    assert excerpt.cut_excerpt(Sentences(text), []).startswith("We measure")
    chosen = excerpt.cut_excerpt(Sentences(text), ["diffusion policy"])
    assert chosen.startswith("… ")
    assert "A diffusion policy grasps." in chosen
    assert len(chosen) <= paper_lines.EXCERPT_CHARS + 2


def test_an_excerpt_of_one_endless_sentence_is_cut_around_what_was_found() -> None:
    text = "many " * 200 + "a diffusion policy " + "more " * 200
    chosen = excerpt.cut_excerpt(Sentences(text), ["diffusion policy"])
    assert "diffusion policy" in chosen
    assert chosen.startswith("… ")
    assert chosen.endswith("…")
    assert len(chosen) <= paper_lines.EXCERPT_CHARS + 2
    early = excerpt.cut_excerpt(
        Sentences("a diffusion policy " + "more " * 200), ["diffusion policy"]
    )
    assert early.startswith("a diffusion policy")


def test_an_excerpt_has_one_ellipsis_before_it_wherever_it_is_cut() -> None:
    text = FILLER * 8 + "Many " * 100 + "a diffusion policy " + "more " * 100
    assert excerpt.cut_excerpt(Sentences(text), ["diffusion policy"]).startswith("… Many Many")


def test_an_excerpt_of_nothing_is_empty() -> None:
    assert excerpt.cut_excerpt(Sentences(""), ["policy"]) == ""


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
    assert excerpt.summarize_paper(texts(**fields), words) == shown


def test_an_abstract_begins_at_its_beginning_where_the_title_shows_the_words() -> None:
    abstract = "We begin here. " + "Then we go on for a while. " * 20 + "World models and video."
    fields = {"title": "A World Model", "abstract": abstract}
    assert excerpt.summarize_paper(texts(**fields), ["World Model", "world models"])[1].startswith(
        "We begin"
    )
    assert excerpt.summarize_paper(texts(**fields), ["World Model", "video"])[1].endswith(
        "and video."
    )


LONG = " ".join(f"This is sentence number {n}, as long as it is." for n in range(40))


@given(st.integers(0, len(LONG) - 8), st.integers(60, 400))
@example(1820, 114)
def test_a_passage_fills_its_lines_and_holds_the_first_found_word(first: int, limit: int) -> None:
    first = LONG.index(" ", first) + 1
    last = next(i for i in range(first, len(LONG) + 1) if i == len(LONG) or LONG[i] in " ,.")
    shown, places = excerpt.cut_passage(LONG, [(first, last)], limit)
    assert [shown[start:end] for start, end in places] == [LONG[first:last]]
    seen = min(excerpt.SEEN_CHARS, limit * 2 // 3)
    assert places[0][1] <= max(seen, 2 + last - first)
    assert seen // 2 < len(shown) <= limit + 2
    assert shown.removeprefix("… ").removesuffix("…") in LONG


def test_a_passage_begins_with_the_sentence_that_holds_the_word_where_there_is_room() -> None:
    at = LONG.index("number 20")
    shown, _ = excerpt.cut_passage(LONG, [(at, at + 9)], 200)
    assert shown.startswith("… This is sentence number 20,")


def test_a_short_text_is_its_own_passage() -> None:
    assert excerpt.cut_passage("All of it.", [(0, 3)], 200) == ("All of it.", [(0, 3)])
    assert excerpt.cut_passage(LONG, [], 60)[0].endswith("…")


APART = f"We study diffusion. {FILLER * 9}It is shown on video. {FILLER * 2}"
BOTH = [TopicReason(1, "diffusion + video", "diffusion · video")]


@pytest.mark.parametrize(
    ("fields", "reasons", "holds", "holds_not"),
    [
        ({"abstract": APART}, BOTH, ["diffusion", "video"], []),
        ({"abstract": APART, "title": "Video"}, BOTH, ["diffusion"], ["video"]),
        ({"abstract": APART, "summary": "On video."}, BOTH, ["diffusion"], []),
        ({"abstract": APART},
         [TopicReason(1, "diffusion", "diffusion"), TopicReason(2, "video", "video")],
         ["diffusion", "video"], []),
        ({"abstract": APART}, [TopicReason(1, "DDPM + video", "diffusion · video")],
         ["diffusion", "video"], []),
        ({"abstract": APART}, [TopicReason(1, "cat:cs.CV + video", "cs.CV · video")],
         ["diffusion", "video"], []),
        ({"abstract": APART}, [TopicReason(1, "diffusion + x", "")], [], ["video"]),
    ],
)  # fmt: skip
def test_a_topic_that_wants_several_words_is_shown_each_of_them(
    fields: dict[str, str], reasons: list[TopicReason], holds: list[str], holds_not: list[str]
) -> None:
    words, terms = paper_lines.list_reason_words(reasons), excerpt.list_terms_together(reasons)
    _, cut = excerpt.summarize_paper(texts(**fields), words, terms=terms)
    assert all(word in cut for word in holds)
    assert not any(word in cut for word in holds_not)
    assert "… …" not in cut
    assert len(cut) <= paper_lines.EXCERPT_CHARS + 3


@given(st.lists(st.integers(0, 39), min_size=1, max_size=5), st.integers(200, 400))
@example([0, 1, 2], 351)
def test_pieces_show_every_place_and_are_the_texts_own(places: list[int], limit: int) -> None:
    terms = [[f"number {n}"] for n in dict.fromkeys(places)][: excerpt.MOST_PIECES]
    said = excerpt.join_passages(LONG, terms, limit)
    assert all(word in said for [word] in terms)
    assert all(piece in LONG for piece in said.strip("… ").split(" … "))
    assert len(said) <= limit + 3


def test_nothing_is_made_of_nothing() -> None:
    assert excerpt.join_passages("", [["video"]], 200) == excerpt.join_passages(LONG, [], 200) == ""


def test_a_cut_goes_through_no_word_that_is_looked_for() -> None:
    # The second piece was to end within "number 2", which is looked for as well.
    said = excerpt.join_passages(LONG, [["number 0"], ["number 1"], ["number 2"]], 351)
    assert said == LONG[: len(said) - 1] + "…"
    assert "number 2," in said


GLUED = "a" * 400
MARKED = "x" * 8 + "e\u0301" * 200


@pytest.mark.parametrize(
    ("text", "terms", "limit", "said"),
    [
        # One place overlaps another, and the first ends where the piece would.
        ("an a b c d", [["a b"], ["b c"]], 18, "… a b c…"),
        (f"{FILLER}aa bb cc {FILLER}", [["aa bb"], ["bb cc"]], 30, "… aa bb cc We…"),
        # The same words again, before and behind.
        ("Is video. " * 40, [["video"]], 20, "Is video. Is…"),
        # What belongs to a word no blank parts.
        (f"On video,{GLUED}", [["on video"]], 18, "On video,aaaaa…"),
        (f"On datasets,{GLUED}", [["data"]], 20, "On datasets,aaaa…"),
        (f"{GLUED}-video-{GLUED}", [["video"]], 20, "… video-aaaaaaaaaa…"),
        # Pieces that touch are one: nothing is left out between them.
        ("On video; on sound. " + FILLER, [["video"], ["sound"]], 28, "… video; on sound. We…"),
        # A letter keeps its accents.
        (f"On {MARKED}", [["on"]], 20, f"On {MARKED[:12]}…"),
        # No room for the word, or for one of two.
        (LONG, [["number 3"]], 3, ""),
        (LONG, [["number 3"]], 1, ""),
        (LONG, [["number 3"]], 11, ""),
        (LONG, [["number 3"]], 12, "… number 3…"),
        (f"On video {'(' * 400} games", [["video games"], ["on"]], 40, "On video…"),
        # The second time they stand closer together.
        (f"On video{'(' * 90}games. A video game.", [["video game"]], 40, "… A video game."),
    ],
)  # fmt: skip
def test_a_found_word_is_shown_whole_or_where_it_has_no_room_not_at_all(
    text: str, terms: list[list[str]], limit: int, said: str
) -> None:
    assert excerpt.join_passages(text, terms, limit) == said


def test_a_letter_keeps_its_accents_where_it_is_cut() -> None:
    assert excerpt.cut_passage(MARKED, [], 16)[0] == "x" * 8 + "e\u0301" * 3 + "…"
    assert excerpt.cut_excerpt(Sentences(MARKED), [], 17) == "x" * 8 + "e\u0301" * 4 + "…"


def test_a_found_word_at_the_very_end_is_marked_too() -> None:
    assert excerpt.cut_passage("On video", [(3, 8)], 200) == ("On video", [(3, 8)])


def test_an_excerpt_shows_what_stands_behind_a_very_long_word() -> None:
    assert (
        excerpt.cut_excerpt(Sentences(f"On {GLUED}-video {GLUED}"), ["video"], 100)
        == f"… video {'a' * 91}…"
    )
    assert excerpt.cut_excerpt(Sentences(f"On video,{GLUED}"), ["on video"], 12) == "On video,aa…"
    told = excerpt.summarize_paper(texts(abstract=f"On video {'(' * 400} games. It is."), [], 40,
                         terms=[["video games"]])  # fmt: skip
    assert told[1].startswith("On video (((")


# Texts as they may be and as nobody would write them.
MIXED = (
    "diffusion video world model a b LLMs LoRA seq2seq datasets C++ C# 4.5 don't (LLM)-based al. "
    "rock'n'roll β-VAE ½ ﬁne e.g. One Two 数学 学习 한국어 ไทย भाषा cafe\u0301 x\u0301y\u0302 "
    "👩\u200d💻"
)
WORDS = st.sampled_from(MIXED.split())
GAPS = st.sampled_from(
    [" "] * 9 + ["", "-", ", ", ". ", "… ", " … ", " — ", "\xa0", "  ", "(" * 60]
)
PROSE = st.lists(st.tuples(WORDS, GAPS).map("".join), max_size=120).map("".join)
SIGNS = st.text("ab 12.,…-AB数学。\u0301", max_size=300)
TEXTS = st.one_of(PROSE, SIGNS, st.text(max_size=200), st.just(LONG))
LIMITS = st.one_of(st.integers(1, 60), st.integers(60, 400))


@st.composite
def searches(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A text, and terms that mostly stand in it."""
    text = draw(TEXTS)
    parts = text.split() or ["none"]
    runs = st.tuples(st.integers(0, len(parts) - 1), st.integers(1, 3))
    phrases = runs.map(lambda run: " ".join(parts[run[0] : sum(run)])) | WORDS
    terms = st.lists(st.lists(phrases, min_size=1, max_size=2), min_size=1, max_size=3)
    return text, draw(terms)


def is_in_order(said: str, text: str) -> bool:
    """Whether the pieces of what is said stand in the text, one behind the other."""
    at = 0
    for piece in (piece.strip("… ") for piece in said.split(" … ")):
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def has_room(text: str, words: list[str], room: int) -> bool:
    """Whether one of the words, or the word that it is part of, is shorter than that."""
    spans = [span for span, _ in find_words(text, words)]
    around = [re.search(r"[0-9A-Za-z]*$", text[:first])[0] for first, _ in spans]
    behind = [re.match(r"[0-9A-Za-z]*", text[last:])[0] for _, last in spans]
    return any(
        len(one) + last - first + len(other) < room
        for one, (first, last), other in zip(around, spans, behind, strict=True)
    )


@given(searches(), LIMITS)
def test_pieces_of_any_text_keep_their_promise(
    search: tuple[str, list[list[str]]], limit: int
) -> None:
    text, terms = search
    said = excerpt.join_passages(text, terms, limit)
    share = limit // len(terms) - 3
    assert all(find_words(said, term) for term in terms if has_room(text, term, share))
    assert is_in_order(said, text)
    assert len(said) <= limit


@given(st.lists(st.integers(0, 39), min_size=1, max_size=3), st.integers(60, 400))
def test_an_ellipsis_stands_where_something_is_left_out_and_only_there(
    places: list[int], limit: int
) -> None:
    text = " ".join(f"Part{n} is sentence number {n}, as long as it{n} is{n}." for n in range(40))
    said = excerpt.join_passages(text, [[f"number {n}"] for n in places], limit)
    shown = said.removeprefix("… ").removesuffix("…").split(" … ")
    assert said.startswith("… ") is not text.startswith(shown[0])
    assert said.endswith("…") is not text.endswith(shown[-1])
    assert not any(
        f"{one}{gap}{other}" in text for one, other in pairwise(shown) for gap in (" ", ", ")
    )


@given(searches(), LIMITS)
def test_a_passage_of_any_text_holds_the_first_found_word_that_has_room(
    search: tuple[str, list[list[str]]], limit: int
) -> None:
    text, [words, *_] = search
    places = [span for span, _ in find_words(text, words)]
    shown, held = excerpt.cut_passage(text, places, limit)
    assert len(shown) <= limit + 2
    assert is_in_order(shown, text)
    if places and places[0][1] - places[0][0] < limit:
        assert shown[slice(*held[0])] == text[slice(*places[0])]
    assert [shown[slice(*span)] for span in held] == [
        text[slice(*span)] for span in places[: len(held)]
    ]


@given(searches(), LIMITS)
def test_an_excerpt_of_any_text_shows_a_found_word_that_has_room(
    search: tuple[str, list[list[str]]], limit: int
) -> None:
    text, [words, *_] = search
    chosen = excerpt.cut_excerpt(Sentences(text), words, limit)
    assert len(chosen) <= limit + 2
    sentences = SENTENCE_END.split(text.strip())
    if any(has_room(sentence, words, limit - 2) for sentence in sentences):
        assert find_words(chosen, words)
