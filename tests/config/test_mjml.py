"""Mail templates in MJML become email HTML once, and Django fills them in after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.template import TemplateSyntaxError

from config.mjml import MJMLTemplates, compile_mjml, join_lines

LETTER = (
    "<mjml><mj-body><mj-section><mj-column>"
    "<mj-text>Dear {{ name }}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letter.mjml").write_text(LETTER)
    return tmp_path


def templates(folder: Path, **options: Any) -> MJMLTemplates:
    params = {"NAME": "mjml", "DIRS": [folder], "APP_DIRS": False, "OPTIONS": options}
    return MJMLTemplates(params)


def render(engine: MJMLTemplates) -> str:
    return str(engine.get_template("letter.mjml").render({"name": "Ada"}))


def test_a_template_becomes_html_without_any_trace_of_mjml(folder: Path) -> None:
    html = templates(folder).get_template("letter.mjml").render({"name": "Ada"})
    assert "Dear Ada" in html
    assert "<mj-" not in html
    assert "<table" in html


def test_what_people_say_is_escaped_and_never_compiled(folder: Path) -> None:
    name = "<mj-raw>&{{ 6 }}"
    html = templates(folder).get_template("letter.mjml").render({"name": name})
    assert "Dear &lt;mj-raw&gt;&amp;{{ 6 }}" in html


def test_nothing_is_loaded_from_elsewhere() -> None:
    html = compile_mjml(LETTER.replace("<mj-text>", '<mj-text font-family="Roboto">'), "letter")
    assert "fonts.googleapis" not in html
    assert "@import" not in html


@pytest.mark.parametrize(("debug", "greeting"), [(False, "Dear Ada"), (True, "Hello Ada")])
def test_a_template_is_compiled_once_or_after_each_change_while_developing(
    folder: Path, debug: bool, greeting: str
) -> None:
    engine = templates(folder, debug=debug)
    assert "Dear Ada" in render(engine)
    (folder / "letter.mjml").write_text(LETTER.replace("Dear", "Hello"))
    for loader in engine.engine.template_loaders:
        loader.reset()  # as runserver does when a template's file has changed
    assert greeting in render(engine)


def test_an_error_names_the_template(folder: Path) -> None:
    (folder / "broken.mjml").write_text("<mjml><mj-body>")
    with pytest.raises(TemplateSyntaxError, match=r"broken\.mjml is not valid MJML"):
        templates(folder).get_template("broken.mjml")


def test_a_letter_fills_the_blocks_of_the_one_it_extends(folder: Path) -> None:
    block = "{% block greeting %}Dear{% endblock %} {% block name %}nobody{% endblock %}"
    (folder / "base.mjml").write_text(LETTER.replace("Dear {{ name }}", block))
    own = '{% extends "base.mjml" %}{% block name %}<b>{{ name }}</b>{% endblock %}'
    (folder / "letter.mjml").write_text(own)
    html = render(templates(folder))
    assert "Dear <b>Ada</b>" in html
    assert "<table" in html
    assert "<mj-" not in html


def test_what_is_included_is_compiled_with_the_template_that_includes_it(folder: Path) -> None:
    (folder / "letter.mjml").write_text(
        LETTER.replace("<mj-text>", '{% include "top.mjml" %}<mj-text>')
    )
    (folder / "top.mjml").write_text('<mj-text>{% include "mark.html" %}</mj-text>\n')
    (folder / "mark.html").write_text("<p>From {{ name }}</p>\n")
    html = render(templates(folder))
    assert "<p>From Ada</p></div>" in html
    assert html.index("From Ada") < html.index("Dear Ada")
    assert "<mj-" not in html


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        ("<tr>\n  <td>\n    {{ one }}\n  </td>\n</tr>\n", "<tr><td>{{ one }}</td></tr>"),
        (
            "{% if a %}\n  <b>{{ a }}</b>\n{% endif %}\n<i>b</i>",
            "{% if a %}<b>{{ a }}</b>{% endif %}<i>b</i>",
        ),
        ("One\n  <b>two</b>\n\n  three", "One\n<b>two</b>\nthree"),
        (
            "{{ a }} &middot;\n  {% if b %} <b>c</b>{% endif %}",
            "{{ a }} &middot;\n{% if b %} <b>c</b>{% endif %}",
        ),
        ("<b>one</b> <i>two</i>", "<b>one</b> <i>two</i>"),
        ("One{# … #}\n{% if a %} two{% endif %}", "One{# … #}{% if a %} two{% endif %}"),
        ('<p style="margin:0;\n    color:red">', '<p style="margin:0;color:red">'),
        ("One\n<br>\ntwo", "One<br>two"),
        (
            "<mj-style>\n  p { a:b;\n    c:d }\n</mj-style>",
            "<mj-style>\n  p { a:b;\n    c:d }\n</mj-style>",
        ),
    ],
)
def test_line_ends_are_for_the_eye_but_between_words(source: str, joined: str) -> None:
    assert join_lines(source) == joined
