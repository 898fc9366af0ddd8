"""A phrase with acronyms has other forms."""

from __future__ import annotations

from subscribers.topics import NO_ACRONYMS, Acronyms, learn_acronyms, parse_topic
from subscribers.topics.all_forms import MOST_FORMS, list_all_forms

LLM = ["Large language models (LLMs) reason."] * 3
RL = ["We use reinforcement learning (RL)."] * 3
ACRONYMS = learn_acronyms([*LLM, *RL])


def list_forms(query: str, acronyms: Acronyms = ACRONYMS) -> list[str]:
    [term] = parse_topic(query).wanted
    return list_all_forms(term, acronyms)


def test_acronyms_and_long_forms_are_exchanged_all_at_once_and_the_typed_one_is_first() -> None:
    first, *others = list_forms("RL for large language models")
    assert first == "rl for larg languag model"
    assert set(others) == {
        "rl for llm",
        "reinforc learn for larg languag model",
        "reinforc learn for llm",
    }
    assert list_forms("LLM agents") == ["llm agent", "larg languag model agent"]


def test_a_phrase_without_any_and_one_in_quotes_have_one_form() -> None:
    assert list_forms("diffusion policy") == ["diffus polici"]
    assert list_forms('"LLM agents"') == ["llm agent"]
    assert list_forms("LLM agents", NO_ACRONYMS) == ["llm agent"]


def test_a_phrase_of_nothing_but_acronyms_has_the_forms_of_its_beginning() -> None:
    forms = list_forms(" ".join(["LLM", "RL"] * 20))
    assert len(forms) == MOST_FORMS
    assert forms[0] == "llm rl llm rl"
    assert forms[-1] == " ".join(["larg languag model reinforc learn"] * 2)
