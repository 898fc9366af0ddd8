"""A phrase with acronyms has other forms."""

from __future__ import annotations

from subscribers.topics import NO_ACRONYMS, learn_acronyms, parse_topic
from subscribers.topics.all_forms import list_all_forms

LLM = ["Large language models (LLMs) reason."] * 3
RL = ["We use reinforcement learning (RL)."] * 3
ACRONYMS = learn_acronyms([*LLM, *RL])


def list_forms(query: str) -> set[str]:
    [term] = parse_topic(query).wanted
    return {" ".join(form) for form in list_all_forms(term, ACRONYMS)}


def test_acronyms_and_long_forms_are_exchanged_all_at_once() -> None:
    assert list_forms("RL for large language models") == {
        "rl for larg languag model",
        "rl for llm",
        "reinforc learn for larg languag model",
        "reinforc learn for llm",
    }


def test_a_phrase_without_any_and_one_in_quotes_have_one_form() -> None:
    assert list_forms("diffusion policy") == {"diffus polici"}
    assert list_forms('"LLM agents"') == {"llm agent"}
    [term] = parse_topic("LLM agents").wanted
    assert list(list_all_forms(term, NO_ACRONYMS)) == [("llm", "agent")]
