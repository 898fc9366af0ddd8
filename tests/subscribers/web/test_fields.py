"""Topics are split where people part them, and every time zone can be chosen."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

import pytest

from subscribers.web.fields import list_zone_choices, list_zones, split_topics
from subscribers.web.forms import SignUpForm


@pytest.mark.parametrize(
    ("typed", "topics"),
    [
        ("RAG\nworld model", ["RAG", "world model"]),
        ("RAG, world model ,, ", ["RAG", "world model"]),
        ('author:"LeCun, Yann", RAG', ['author:"LeCun, Yann"', "RAG"]),
        ("“tool use, agents”, RAG", ["“tool use, agents”", "RAG"]),
        ('"unclosed, RAG', ['"unclosed', "RAG"]),
        ("RAG\r\nagents\r\nRAG", ["RAG", "agents"]),
        ("RAG\nrag, Rag", ["RAG", "rag"]),
        ("LoRA, lora, LORA", ["LoRA", "lora", "LORA"]),
        ("world models, World Model", ["world models"]),
        ("-power, -power, -Power", ["-power", "-Power"]),
        ("1,2-dichloroethane, RAG", ["1,2-dichloroethane", "RAG"]),
        ("N,N-dimethylformamide,RAG", ["N,N-dimethylformamide", "RAG"]),
        ("1,000 genomes,GPT-4,RAG", ["1,000 genomes", "GPT-4", "RAG"]),
        (" \n , ", []),
    ],
)
def test_topics_stand_on_lines_or_between_commas(typed: str, topics: list[str]) -> None:
    assert split_topics(typed) == topics


def test_the_list_of_zones_leaves_out_no_place_and_has_nothing_else() -> None:
    zones = [zone for _, places in list_zone_choices() for zone, _ in places]
    assert "Europe/Berlin" in zones
    assert zones[0] == "UTC"
    assert set(zones) == available_timezones() - {"Factory", "localtime"}
    assert len(zones) == len(set(zones))


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Tokyo", "Asia/Tokyo"), ("<b>", "UTC")])
def test_a_select_of_zones_shows_the_one_that_is_set(zone: str, shown: str) -> None:
    html = str(SignUpForm(initial={"timezone": zone})["timezone"])
    assert re.findall(r'value="([^"]*)" selected', html) == [shown]
    assert html.count("<option") == len(list_zones())
    assert '<optgroup label="Europe"><option value="Europe/Amsterdam">Amsterdam</option>' in html
