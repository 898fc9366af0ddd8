"""Form fields for addresses, topics in the topic language, and time zones by place."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from email_validator import EmailNotValidError, validate_email

from subscribers.models import MAX_TOPICS
from subscribers.topics import TopicError, parse_once

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# A comma ends a topic, but not within quotes or a number: author:"LeCun, Yann" is one, and so are
# 1,000 genomes, 1,2-dichloroethane and N,N-dimethylformamide. offprint.js splits alike.
_COMMA_WITHIN = r"(?<=\d),(?=\d{3}(?!\d)|\d+(?:,\d+)*'?-)|(?<=\bN),(?=N\b)"
_TOPIC = re.compile(rf'(?:"[^"\n]*"|“[^”\n]*”|[^,\n]|{_COMMA_WITHIN})+')
# Twice fifty topics of 200 characters: whatever is longer was not typed by a person.
_MOST_CHARS = 20_000
# More than these are too many, whichever of them mean the same: they are not compared.
_MOST_COMPARED = 4 * MAX_TOPICS
_CONTINENTS = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
]


def split_topics(text: str) -> list[str]:
    """The topics in a text, one per line or between commas, each once and in order.

    Of those with one normal form the first stays; RAG and rag are two.
    """
    typed = (found.group().strip() for found in _TOPIC.finditer(text))
    topics = list(dict.fromkeys(topic for topic in typed if topic))
    if len(topics) > _MOST_COMPARED:
        return topics
    once: dict[str, str] = {}
    for topic in topics:
        once.setdefault(_normalize_topic(topic), topic)
    return list(once.values())


def _normalize_topic(topic: str) -> str:
    """The topic's normal form; the text itself where it is no topic."""
    try:
        return parse_once(topic).normal_form
    except TopicError:
        return topic


def explain_too_many_topics(count: int) -> str:
    return _(
        "These are %(count)s topics. %(max_topics)s is the most there can be: "
        "leave out the ones you need least."
    ) % {"count": count, "max_topics": MAX_TOPICS}


_NO_PLACES = {"Factory", "localtime"}  # no zone yet, and that of whatever machine reads it


@cache
def list_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


@cache
def list_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone by continent, as a select's groups; UTC comes first, older names last."""
    places = sorted(zone for zone in list_zones() if zone.split("/")[0] in _CONTINENTS)
    by_continent = groupby(places, key=lambda zone: zone.split("/")[0])
    others = sorted(list_zones() - set(places) - {"UTC"})
    return [
        (_("Everywhere"), [("UTC", "UTC")]),
        *(
            (continent, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones])
            for continent, zones in by_continent
        ),
        (_("Other names"), [(zone, zone) for zone in others]),
    ]


@cache
def _render_zone_options() -> str:
    groups = (
        format_html(
            '<optgroup label="{}">{}</optgroup>',
            continent,
            format_html_join("", '<option value="{}">{}</option>', zones),
        )
        for continent, zones in list_zone_choices()
    )
    return "".join(groups)


class ZoneSelect(forms.Select):
    """A select whose six hundred options are rendered once: else they are most of a page's work."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002 (Django's)
    ) -> SafeString:
        zone = str(value) if value in list_zones() else "UTC"
        shown = _render_zone_options().replace(f'value="{zone}"', f'value="{zone}" selected', 1)
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", attributes, mark_safe(shown))


class ZoneField(forms.ChoiceField):
    """A time zone by its name."""

    widget = ZoneSelect

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list_zone_choices, **options)

    def valid_value(self, value: Any) -> bool:
        """Look it up in a set; Django would walk all choices, which takes a millisecond a form."""
        return str(value) in list_zones()


class AddressField(forms.CharField):
    """An email address; cleans to the spelling that is stored: lower-case, its domain in ASCII."""

    def __init__(self, **options: Any) -> None:
        widget = forms.EmailInput({"autocomplete": "email", "placeholder": "you@example.org"})
        super().__init__(max_length=254, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """Checks the syntax alone, not the DNS: an address that does not exist confirms nothing."""
        try:
            address = validate_email(
                super().clean(value), check_deliverability=False, allow_smtputf8=False
            )
        except EmailNotValidError as error:
            raise ValidationError(_("Check the address: %(error)s") % {"error": error}) from error
        return str(address.ascii_email).lower()


# What static/offprint.js says of the topics as they are typed.
_SAID_OF_CHIPS = {
    "data-chosen": gettext_lazy("Chosen so far"),
    "data-remove": gettext_lazy("Remove %(topic)s"),
    "data-removed": gettext_lazy("%(topic)s removed"),
    "data-added": gettext_lazy("%(topics)s added"),
    "data-swapped": gettext_lazy("%(fresh)s instead of %(old)s"),
}


class TopicsWidget(forms.Textarea):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """Join several fields of this name as lines of one."""
        if isinstance(data, MultiValueDict):
            return "\n".join(data.getlist(name)) if name in data else None
        return super().value_from_datadict(data, files, name)  # type: ignore[no-any-return]


class TopicsField(forms.CharField):
    """Topics in the topic language, `example` being the placeholder; cleans to a list as typed."""

    def __init__(self, example: StrOrPromise, **options: Any) -> None:
        attributes = {
            "rows": 3,
            "data-chips": example,
            **_SAID_OF_CHIPS,
            "spellcheck": "false",
            "autocapitalize": "off",
        }
        super().__init__(max_length=_MOST_CHARS, widget=TopicsWidget(attributes), **options)

    def clean(self, value: Any) -> list[str]:
        topics = split_topics(super().clean(value))
        if self.required and not topics:
            raise ValidationError(self.error_messages["required"])
        if len(topics) > MAX_TOPICS:
            raise ValidationError(explain_too_many_topics(len(topics)))
        problems = [problem for topic in topics if (problem := _find_problem(topic))]
        if problems:
            raise ValidationError(problems)
        return topics


def _find_problem(topic: str) -> str:
    try:
        parse_once(topic)
    except TopicError as error:
        return str(error)
    return ""
