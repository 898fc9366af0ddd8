"""A Django template engine for MJML: compiled to email HTML once, rendered by Django after.

What a reader or a paper says never reaches the XML parser, and Django's autoescape holds for it.
A template may extend another one and include others by name: blocks and included
files take their places before MJML is compiled, since the parser must see the whole.
"""

from __future__ import annotations

import re
from typing import Any

from django.template import Origin, TemplateSyntaxError
from django.template.backends.django import DjangoTemplates, Template
from django.template.engine import Engine
from mjml import mjml2html

_EXTENDS = re.compile(r'\s*\{% extends "([^"]+)" %\}')
_BLOCK = re.compile(r"\{% block (\w+) %\}(.*?)\{% endblock %\}", re.DOTALL)
_INCLUDE = re.compile(r'\{% include "([^"]+)" %\}')

# A style sheet counts as one tag: nothing in it is touched.
_TAG = re.compile(r"(<mj-style>.*?</mj-style>|<[^<>]+>|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_PARAGRAPH = re.compile(r"</?(?:p|h\d|br|div|ol|li|table|tr|td|mj-[\w-]+)\b")
_LINE_END = re.compile(r"\s*\n\s*")
_FIRST_LINE_END = re.compile(r"^\s*\n\s*")
_LAST_LINE_END = re.compile(r"\s*\n\s*$")
_LINE_END_IN_STYLE = re.compile(r"(?<=;)\s*\n\s*")


def compile_mjml(source: str, name: str) -> str:
    """Return email HTML that is still a Django template; TemplateSyntaxError names the file."""
    try:
        # fonts={}: by default a link to a font host is added, and that would be a tracker.
        return str(mjml2html(source, fonts={}))
    except ValueError as error:
        raise TemplateSyntaxError(f"{name} is not valid MJML: {error}") from error


def join_lines(source: str) -> str:
    """Return the source as if its lines had never been broken and indented for the eye.

    A line end with the white space around it is left out between two tags (Django's tags and
    comments are some), beside the tag of a paragraph, a cell or the like, and after a semicolon
    within a tag. Elsewhere it stands between words, and is kept without the indentation. Spaces
    within a line and style sheets are left as they are.
    """
    pieces = ["", *_TAG.split(source), ""]  # tags at even places, text at odd ones
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = _join_text(piece, pieces[place - 1], pieces[place + 1])
        elif not piece.startswith("<mj-style"):
            pieces[place] = _LINE_END_IN_STYLE.sub("", piece)
    return "".join(pieces)


def _join_text(text: str, tag_before: str, tag_after: str) -> str:
    if "\n" in text and not text.strip():
        return ""
    if _PARAGRAPH.match(tag_before):
        text = _FIRST_LINE_END.sub("", text)
    if _PARAGRAPH.match(tag_after):
        text = _LAST_LINE_END.sub("", text)
    return _LINE_END.sub("\n", text)


class MJMLTemplates(DjangoTemplates):
    """Django's templates, compiled from MJML when a template is first asked for.

    What a template includes and extends is joined before that, since MJML compiles whole documents.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._compiled: dict[str, Template] = {}

    def get_template(self, template_name: str) -> Template:
        if template_name not in self._compiled or self.engine.debug:
            self._compiled[template_name] = Template(self.compile_template(template_name), self)
        return self._compiled[template_name]

    def compile_template(self, template_name: str) -> Any:
        raw = super().get_template(template_name).template
        source = compile_mjml(join_lines(self._join_source(raw.source)), template_name)
        origin = Origin(name=str(raw.origin.name), template_name=template_name)
        return parse_as_django(self.engine, source, origin, template_name)

    def _join_source(self, source: str) -> str:
        """The source with what it includes, in the blocks of the template it extends, if any."""
        source = _INCLUDE.sub(lambda include: self._read_joined(include[1]), source)
        extends = _EXTENDS.match(source)
        if extends is None:
            return source
        blocks: dict[str, str] = {name: text.strip() for name, text in _BLOCK.findall(source)}
        return _BLOCK.sub(
            lambda block: blocks.get(block[1], block[2]), self._read_joined(extends[1])
        )

    def _read_joined(self, template_name: str) -> str:
        return self._join_source(str(super().get_template(template_name).template.source))


def parse_as_django(engine: Engine, source: str, origin: Origin, name: str) -> Any:
    from django.template import Template as DjangoTemplate  # noqa: PLC0415 (same name as above)

    return DjangoTemplate(source, origin, name, engine)
