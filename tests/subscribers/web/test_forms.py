"""What people type is understood, or answered with a sentence that helps."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from subscribers.web.forms import PreferencesForm, SignUpForm


def sign_up(query: str = "", **fields: Any) -> SignUpForm:
    data = QueryDict(mutable=True)
    data.update({"email": "ada@example.org", "topics": "RAG"} | fields)
    data.update(QueryDict(query))
    return SignUpForm(data)


def test_several_topic_fields_count_as_lines() -> None:
    form = sign_up("topics=world+model&topics=agents")
    assert form.is_valid()
    assert form.wishes().topics == ["RAG", "world model", "agents"]


def test_an_address_and_a_topic_are_enough() -> None:
    form = sign_up()
    assert form.is_valid()
    wishes = form.wishes()
    assert (wishes.timezone, wishes.send_hour, wishes.cadence, wishes.max_papers) == (
        "UTC",
        8,
        "daily",
        10,
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada.Lovelace@Example.ORG", "ada.lovelace@example.org"),
        (" ada@example.org ", "ada@example.org"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada+papers@example.org", "ada+papers@example.org"),
    ],
)
def test_an_address_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    form = sign_up(email=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["email"] == kept


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "ada@example", "a b@example.org", "ada@example.org\nBcc: eve"]
)
def test_a_bad_address_is_answered_with_a_sentence(typed: str) -> None:
    form = sign_up(email=typed)
    assert not form.is_valid()
    [message] = form.errors["email"]
    assert str(message).endswith(".")


def test_each_bad_topic_gets_its_own_sentence() -> None:
    form = sign_up(topics="RAG\n-power\nfoo:bar baz:")
    assert not form.is_valid()
    assert any("power" in message for message in form.errors["topics"])


def test_no_topic_at_all_is_answered_with_an_example() -> None:
    form = sign_up(topics=" , ")
    assert not form.is_valid()
    assert "diffusion policy" in form.errors["topics"][0]


def test_fifty_topics_are_the_most() -> None:
    assert sign_up(topics="\n".join(f"topic number{n}" for n in range(50))).is_valid()
    form = sign_up(topics="\n".join(f"topic number{n}" for n in range(51)))
    assert "These are 51 topics" in form.errors["topics"][0]


def test_a_flood_of_text_is_refused_before_it_is_read() -> None:
    assert "at most" in sign_up(topics="x" * 20_001).errors["topics"][0]


def test_a_zone_the_browser_guessed_wrong_is_no_error() -> None:
    form = sign_up(timezone="Mars/Olympus")
    assert form.is_valid()
    assert form.wishes().timezone == "UTC"


def test_an_old_name_of_a_zone_is_known() -> None:
    form = sign_up(timezone="Asia/Calcutta")
    assert form.is_valid()
    assert form.wishes().timezone == "Asia/Calcutta"


@pytest.mark.parametrize(
    ("field", "value"),
    [("cadence", "hourly"), ("send_hour", "24"), ("max_papers", "51"), ("max_papers", "0")],
)
def test_an_impossible_choice_is_refused(field: str, value: str) -> None:
    assert field in sign_up(**{field: value}).errors


def preferences(**fields: Any) -> PreferencesForm:
    defaults = {"cadence": "daily", "send_hour": "8", "timezone": "UTC", "max_papers": "10"}
    return PreferencesForm(defaults | fields)


def test_a_zone_that_does_not_exist_is_refused_in_preferences() -> None:
    assert "timezone" in preferences(timezone="Mars/Olympus").errors


def test_a_topic_is_followed_or_muted_but_not_both() -> None:
    form = preferences(followed="RAG\nworld models", muted="world model")
    assert "You follow “world model” as well" in form.errors["muted"][0]


def test_a_pause_lasts_a_year_at_most() -> None:
    assert "a year at most" in preferences(paused_until="9999-12-31").errors["paused_until"][0]
    assert preferences(paused_until="not a day").errors["paused_until"]
