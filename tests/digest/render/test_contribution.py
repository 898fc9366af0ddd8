"""The sentence of an abstract that says what is contributed, and an excerpt that begins with it."""

from __future__ import annotations

import pytest

from digest.render.contribution import find_contribution
from digest.render.excerpt import lead_with_contribution, summarize_paper
from digest.render.paper_texts import PaperTexts, Sentences

MOTIVE = "Grasping in clutter is hard, and robots often fail at it in homes and in factories."
OFFER = "We propose OmniGrasp, a policy that plans a grasp from a single picture of the scene."
DETAIL = "It is trained on a million pictures that were rendered, and runs on a small computer."
TOPIC = "A diffusion policy refines each grasp, step by step, until the object is held."
END = "Code and pictures are available to everybody who asks for them in a letter."


@pytest.mark.parametrize(
    ("sentences", "place"),
    [
        ([MOTIVE, OFFER], 1),
        (
            [
                MOTIVE,
                "We show that it fails.",
                "In this paper, we then carefully introduce a cure.",
            ],
            2,
        ),
        ([MOTIVE, "We show that it fails.", "Nothing else."], 1),
        ([MOTIVE, "A new loss is proposed.", "We show that it works."], 1),
        ([MOTIVE, "This survey reviews grasping."], 1),
        ([MOTIVE, "Our work presents a cure."], 1),
        ([MOTIVE, "Robots grasp."], None),
        ([], None),
    ],
)
def test_it_is_what_was_made_before_what_was_found(sentences: list[str], place: int | None) -> None:
    assert find_contribution(sentences) == place


def excerpt(words: list[str], *sentences: str, title: str = "OmniGrasp") -> str:
    texts = PaperTexts(title, "", " ".join(sentences))
    return summarize_paper(texts, words)[1]


def test_an_excerpt_is_the_contribution_then_the_sentence_that_shows_the_topic() -> None:
    said = excerpt(["diffusion policy"], MOTIVE, TOPIC, MOTIVE, DETAIL, OFFER, END)
    assert said == f"{OFFER} … {TOPIC}"
    assert excerpt(["diffusion policy"], MOTIVE, DETAIL, OFFER, TOPIC, END) == f"… {OFFER} {TOPIC}"


def test_where_the_contribution_or_the_title_shows_the_topic_it_goes_on_by_itself() -> None:
    sentences = (MOTIVE, OFFER, DETAIL, END, TOPIC)
    for words, title in ((["policy"], "OmniGrasp"), (["diffusion policy"], "A Diffusion Policy")):
        assert excerpt(words, *sentences, title=title).startswith(f"… {OFFER} {DETAIL} {END}")


def test_a_short_abstract_is_shown_whole_and_one_without_a_contribution_as_before() -> None:
    assert excerpt(["diffusion policy"], MOTIVE, OFFER) == f"{MOTIVE} {OFFER}"
    assert lead_with_contribution(Sentences(f"{MOTIVE} {DETAIL} {END} {MOTIVE}"), [], 200) == ""
    shown = excerpt(["diffusion policy"], MOTIVE, DETAIL, MOTIVE, END, TOPIC)
    assert shown.endswith(TOPIC)


@pytest.mark.parametrize(
    ("opening", "kept"),
    [
        ("To address these limitations, we", "We"),
        ("Based on this insight, I", "I"),
        ("To this end, we", "We"),
        ("Therefore, we", "We"),
        ("In this paper, we", "We"),
        ("To address the lack of data, we", "To address the lack of data, we"),
        ("To understand this diffusion policy, we", "To understand this diffusion policy, we"),
        ("Motivated by owls, we", "Motivated by owls, we"),
    ],
)
def test_a_contribution_opens_without_what_speaks_of_a_sentence_that_is_not_shown(
    opening: str, kept: str
) -> None:
    sentences = (MOTIVE, MOTIVE, f"{opening} propose a cure.", DETAIL, END, END)
    said = excerpt(["diffusion policy"], *sentences)
    assert said.startswith(f"… {kept} propose a cure. {DETAIL}")


@pytest.mark.parametrize("limit", [60, 120, 200, 330])
def test_it_never_is_longer_than_its_room(limit: int) -> None:
    text = Sentences(" ".join([MOTIVE, OFFER, DETAIL, TOPIC, END]))
    for words in ([], ["policy"], ["diffusion policy"], ["pictures", "letter"]):
        said = lead_with_contribution(text, words, limit)
        assert len(said) <= limit + 2
        assert all(word in said for word in words[:1]) or limit < 200
