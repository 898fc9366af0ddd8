"""What one reader types to be seen never dresses up another's mail."""

from __future__ import annotations

import unicodedata

import pytest

from subscribers.topics import TopicError, parse_topic


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("🔥 diffusion policy 🔥", "diffusion policy"),
        ("RAG👩‍🔬❤️", "RAG"),
        ("RAG 🇩🇪 1️⃣", "RAG 1"),
        ("𝓭𝓲𝓯𝓯𝓾𝓼𝓲𝓸𝓷 𝗽𝗼𝗹𝗶𝗰𝘆", "diffusion policy"),
        ("Ⓡⓐⓖ", "Rag"),
        ("w\u0336o\u0336r\u0335ld mo\u0338del", "world model"),
        ("ｗｏｒｌｄ ｍｏｄｅｌ", "world model"),
        ("✨world✨ model", "world model"),
    ],
)
def test_pictures_are_folded_away_and_dressed_letters_are_plain(typed: str, shown: str) -> None:
    topic = parse_topic(typed)
    assert topic.query == shown
    assert topic.normal_form == parse_topic(shown).normal_form


@pytest.mark.parametrize(
    "typed", ["C♯ analysis", "Ca²⁺ signalling", "γ-ray bursts", "naïve Bayes", "học máy", "σ → π"]
)
def test_what_papers_write_stays(typed: str) -> None:
    assert parse_topic(typed).query == unicodedata.normalize("NFC", typed)


def test_a_topic_of_pictures_alone_is_empty() -> None:
    with pytest.raises(TopicError, match="The topic is empty"):
        parse_topic("🔥🚀")


def test_a_pile_of_marks_is_refused_with_a_sentence() -> None:
    with pytest.raises(TopicError, match="piles marks upon a letter"):
        parse_topic("wor\u0300\u0301\u0302\u0303\u0304ld model")
