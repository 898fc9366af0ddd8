"""What a person reads can be translated: nothing stands outside the marks for gettext."""

from __future__ import annotations

import re

import pytest

from tests.catalogue import CATALOGUE, PACKAGES, list_marked, read_catalogue
from tests.unmarked_text import ROOT, TEMPLATES, find_unmarked, find_unmarked_in_module

FOR_PROGRAMS = {TEMPLATES / "robots.txt"}
# Commands speak to operators on a terminal, the interface to programs: docs/translate.md.
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
# In quotes of any kind, begun as a sentence is.
_SENTENCE = re.compile(r"[\"'`][A-Z][a-z]*[^\"'`\n]* [a-z][^\"'`\n]*[\"'`]")
NOT_MARKED = {"migrations", "management", "api"}


def test_every_sentence_of_a_template_is_marked() -> None:
    paths = {path for path in TEMPLATES.rglob("*") if path.is_file()} - FOR_PROGRAMS
    assert TEMPLATES / "digest/paper.html" in paths
    assert [
        f"{path.relative_to(TEMPLATES)}:{number}: {words}"
        for path in sorted(paths)
        for number, words in find_unmarked(path.read_text(encoding="utf-8"))
    ] == []


def test_no_script_has_a_sentence_of_its_own() -> None:
    """The page gives it what it says: a script goes through no catalogue."""
    paths = sorted((ROOT / "static").glob("*.js"))
    assert ROOT / "static/offprint.js" in paths
    code = {path.name: _COMMENT.sub("", path.read_text(encoding="utf-8")) for path in paths}
    assert [(name, said) for name, text in code.items() for said in _SENTENCE.findall(text)] == []
    assert _SENTENCE.findall('say("It was so."); say(`Open ${it} there.`); take("use strict")')


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


def test_labels_choices_and_messages_of_modules_are_marked() -> None:
    paths = [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if NOT_MARKED.isdisjoint(path.parts)
    ]
    assert ROOT / "subscribers/web/forms.py" in paths
    assert [
        f"{path.relative_to(ROOT)}:{number}: {words}"
        for path in paths
        for number, words in find_unmarked_in_module(path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        'field = CharField(\n  label="Name")',
        'class Kind(TextChoices):\n  NEW = "new", "New"',
        'class Kind(TextChoices):\n  NEW = "new"',
        'class Meta:\n  verbose_name_plural = "mice"',
        'def clean(self):\n  raise ValidationError(f"{self} is none.")',
        'def act(self):\n  messages.success(request, "Done.")',
    ],
)
def test_what_a_module_does_not_mark_is_found_with_its_line(source: str) -> None:
    assert [line for line, _ in find_unmarked_in_module(source)] == [2]


def test_marked_words_of_a_module_are_no_finding() -> None:
    source = """
class Kind(TextChoices):
    NEW = "new", _("New")
field = CharField(label=_("Name"), help_text="")
messages.error(request, _("%(name)s is gone.") % {"name": name})
"""
    assert list(find_unmarked_in_module(source)) == []


def test_the_catalogue_holds_what_is_marked() -> None:
    marked, held = list_marked(), read_catalogue(CATALOGUE)
    assert len(held) > 1000
    assert (marked - held, held - marked) == (set(), set()), "Run `make messages`."
