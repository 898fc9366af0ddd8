"""What a person reads can be translated: nothing stands outside the marks for gettext."""

from __future__ import annotations

import pytest

from tests.unmarked_text import TEMPLATES, find_unmarked

FOR_PROGRAMS = {TEMPLATES / "robots.txt"}


def test_every_sentence_of_a_template_is_marked() -> None:
    paths = {path for path in TEMPLATES.rglob("*") if path.is_file()} - FOR_PROGRAMS
    paths -= {path for path in paths if "emails" in path.parts}
    assert TEMPLATES / "digest/paper.html" in paths
    assert [
        f"{path.relative_to(TEMPLATES)}:{number}: {words}"
        for path in sorted(paths)
        for number, words in find_unmarked(path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("<p>\nA sentence.\n</p>", 2),
        ('<p>{% translate "Marked." %}</p>\n<b>{{ name }} is not</b>', 2),
        ('<img alt="A picture">', 1),
        ('<button aria-label="Search {{ name }}">{{ word }}</button>', 1),
        ('{% include "digest/_og.html" with title="Feeds and more" %}', 1),
        ('{% firstof site.tagline "New papers" %}', 1),
        ("{% blocktranslate trimmed %}\nMarked.\n{% endblocktranslate %}\nNot marked.", 4),
    ],
)
def test_what_is_not_marked_is_found_with_its_line(source: str, number: int) -> None:
    assert [line for line, _ in find_unmarked(source)] == [number]


def test_marks_names_and_code_are_no_finding() -> None:
    source = """{% include "digest/_og.html" with title=_("Feeds") %}{# A comment. #}
    <p title="{% translate "Marked" %}">{% blocktranslate trimmed with n=count|default:"no" %}
      {{ n }} <a href="{{ url }}">papers</a>
    {% endblocktranslate %} &middot; <code>author: name</code> PDF</p>"""
    assert list(find_unmarked(source)) == []
