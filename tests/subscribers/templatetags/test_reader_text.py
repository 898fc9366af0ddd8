"""Addresses break at their joints, time zones go by their cities, and lines can be joined."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from subscribers.templatetags.reader_text import address, city


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
