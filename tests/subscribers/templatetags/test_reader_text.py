"""Addresses break at their joints, time zones go by their cities, and lines can be joined."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from subscribers.templatetags.reader_text import address, city, link_topics, list_promises


def test_a_long_address_breaks_at_its_joints_and_a_short_one_does_not() -> None:
    assert address("ada@example.org") == '<span class="address">ada@example.org</span>'
    assert address("ada.lovelace+rag@engine.example.org") == (
        '<span class="address">ada<wbr>.lovelace<wbr>+rag@<wbr>engine<wbr>.example<wbr>.org</span>'
    )
    assert "<b>" not in address(f"<b>.{'x' * 30}@example.org")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Calcutta", "Calcutta"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("UTC", "UTC"),
    ],
)
def test_a_time_zone_goes_by_its_city(zone: str, said: str) -> None:
    assert city(zone) == said


def test_what_a_template_says_on_several_lines_can_stand_on_one_and_stays_escaped() -> None:
    source = (
        "{% filter one_line %}\n  New\n{% if name %}\n  for {{ name }}{% endif %}.\n{% endfilter %}"
    )
    context = Context({"name": "<Ada>  &\u00a0Co"})
    assert Template(source).render(context) == "New for &lt;Ada&gt;  &amp;\u00a0Co."


def test_topics_are_linked_as_they_are_and_nothing_of_them_is_html() -> None:
    assert link_topics(["RAG", "<b>&"]) == (
        '<a href="/subscribe/?t=RAG">RAG</a>, <a href="/subscribe/?t=%3Cb%3E%26">&lt;b&gt;&amp;</a>'
    )


def test_a_script_fills_every_blank_of_the_sentences_that_a_page_gives_it() -> None:
    script = (Path(settings.BASE_DIR) / "static/offprint.js").read_text(encoding="utf-8")
    [values] = re.findall(r"fill\(sentence, \{(.*?)\}\)", script)
    filled = set(re.findall(r"(\w+)(?=[,:]| *$)", values))
    sentences = json.loads(list_promises())
    assert sentences.pop("often") == "Every day"
    for kind, sentence in sentences.items():
        assert set(re.findall(r"%\((\w+)\)s", sentence)) <= filled
        assert set(kind.split()) <= {"zone", "topics", "many"}
