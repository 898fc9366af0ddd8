"""Fields for what only readers type: topics in the topic language, and time zones by place."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from email_validator import EmailNotValidError, validate_email

from subscribers.models import MAX_TOPICS
from subscribers.topics import TopicError, parse

# A comma ends a topic, but not within quotes: author:"LeCun, Yann" is one.
_TOPIC = re.compile(r'(?:"[^"\n]*"|“[^”\n]*”|[^,\n])+')
# Far above fifty topics of 200 characters: whatever is longer was not typed by a person.
_MOST_CHARS = 20_000
# So many are too many, whichever of them mean the same.
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

    Of those that mean the same the first is kept; RAG and rag are two.
    """
    typed = (found.group().strip() for found in _TOPIC.finditer(text))
    topics = list(dict.fromkeys(topic for topic in typed if topic))
    if len(topics) > _MOST_COMPARED:
        return topics
    once: dict[str, str] = {}
    for topic in topics:
        once.setdefault(_meaning(topic), topic)
    return list(once.values())


def _meaning(topic: str) -> str:
    """The topic's normal form; of what is no topic, its text."""
    try:
        return parse(topic).normal_form
    except TopicError:
        return topic


def too_many_topics(count: int) -> str:
    return (
        f"These are {count} topics. {MAX_TOPICS} is the most there can be: "
        "leave out the ones you need least."
    )


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone by continent, as a select shows them; UTC comes first, older names last."""
    places = sorted(zone for zone in known_zones() if zone.split("/")[0] in _CONTINENTS)
    by_continent = groupby(places, key=lambda zone: zone.split("/")[0])
    others = sorted(known_zones() - set(places) - {"UTC"})
    return [
        ("Everywhere", [("UTC", "UTC")]),
        *(
            (continent, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones])
            for continent, zones in by_continent
        ),
        ("Other names", [(zone, zone) for zone in others]),
    ]


@cache
def _zone_options() -> str:
    groups = (
        format_html(
            '<optgroup label="{}">{}</optgroup>',
            continent,
            format_html_join("", '<option value="{}">{}</option>', zones),
        )
        for continent, zones in zone_choices()
    )
    return "".join(groups)


class ZoneSelect(forms.Select):
    """A select whose six hundred options are set once: else they are most of a page's work."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002 (Django's)
    ) -> SafeString:
        zone = str(value) if value in known_zones() else "UTC"
        shown = _zone_options().replace(f'value="{zone}"', f'value="{zone}" selected', 1)
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", attributes, mark_safe(shown))


class ZoneField(forms.ChoiceField):
    """A time zone by its name."""

    widget = ZoneSelect

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=zone_choices, **options)

    def valid_value(self, value: Any) -> bool:
        """Looked up; a list of six hundred would be walked, at a millisecond for every form."""
        return str(value) in known_zones()


class AddressField(forms.CharField):
    """An email address; cleans to the spelling that is kept: lower-case, its domain in ASCII."""

    def __init__(self, **options: Any) -> None:
        widget = forms.EmailInput({"autocomplete": "email", "placeholder": "you@example.org"})
        super().__init__(max_length=254, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """The DNS is not asked: an address that does not exist simply confirms nothing."""
        try:
            address = validate_email(
                super().clean(value), check_deliverability=False, allow_smtputf8=False
            )
        except EmailNotValidError as error:
            raise ValidationError(f"Check the address: {error}") from error
        return str(address.ascii_email).lower()


class TopicsWidget(forms.Textarea):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """Several fields of the same name count as lines of one."""
        if isinstance(data, MultiValueDict):
            return "\n".join(data.getlist(name)) if name in data else None
        return super().value_from_datadict(data, files, name)  # type: ignore[no-any-return]


class TopicsField(forms.CharField):
    """Topics in the topic language; cleans to a list of them as typed."""

    def __init__(self, example: str, **options: Any) -> None:
        attributes = {
            "rows": 3,
            "data-chips": example,
            "spellcheck": "false",
            "autocapitalize": "off",
        }
        super().__init__(max_length=_MOST_CHARS, widget=TopicsWidget(attributes), **options)

    def clean(self, value: Any) -> list[str]:
        topics = split_topics(super().clean(value))
        if self.required and not topics:
            raise ValidationError(self.error_messages["required"])
        if len(topics) > MAX_TOPICS:
            raise ValidationError(too_many_topics(len(topics)))
        problems = [problem for topic in topics if (problem := _problem(topic))]
        if problems:
            raise ValidationError(problems)
        return topics


def _problem(topic: str) -> str:
    try:
        parse(topic)
    except TopicError as error:
        return str(error)
    return ""
