"""A Django template engine for MJML: compiled to email HTML once, rendered by Django after.

What a reader or a paper says never reaches the XML parser, and Django's autoescape holds for it.
A template may extend another one: its blocks take their places before MJML is compiled, since the
parser must see the whole.
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


def compile_mjml(source: str, name: str) -> str:
    """Return email HTML that is still a Django template; TemplateSyntaxError names the file."""
    try:
        # fonts={}: by default a link to a font host is added, and that would be a tracker.
        return str(mjml2html(source, fonts={}))
    except ValueError as error:
        raise TemplateSyntaxError(f"{name} is not valid MJML: {error}") from error


class MJMLTemplates(DjangoTemplates):
    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._compiled: dict[str, Template] = {}

    def get_template(self, template_name: str) -> Template:
        if template_name not in self._compiled or self.engine.debug:
            self._compiled[template_name] = Template(self.compile_template(template_name), self)
        return self._compiled[template_name]

    def compile_template(self, template_name: str) -> Any:
        raw = super().get_template(template_name).template
        source = compile_mjml(self.fill_blocks(raw.source), template_name)
        origin = Origin(name=str(raw.origin.name), template_name=template_name)
        return parse_as_django(self.engine, source, origin, template_name)

    def fill_blocks(self, source: str) -> str:
        """The source, or that of the template it extends with this one's blocks filled in."""
        extends = _EXTENDS.match(source)
        if extends is None:
            return source
        blocks: dict[str, str] = dict(_BLOCK.findall(source))
        base = str(super().get_template(extends[1]).template.source)
        return _BLOCK.sub(lambda block: blocks.get(block[1], block[2]), self.fill_blocks(base))


def parse_as_django(engine: Engine, source: str, origin: Origin, name: str) -> Any:
    from django.template import Template as DjangoTemplate  # noqa: PLC0415 (same name as above)

    return DjangoTemplate(source, origin, name, engine)
