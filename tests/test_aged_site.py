"""Every page, command and endpoint of a site that was well once, long after anybody asked a source.

None says what nobody knows any more. What they say instead stands in a table of docs/operate/
(`WRITE_AGES=1 pytest tests/test_aged_site.py` writes it anew).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from digest.compose import compose_due
from digest.deliver.standing_alarms import check_standing
from digest.models import Delivery, OperatorAlarm, Source, SourceDay
from digest.watch import source_age
from digest.watch.metrics import read_metrics
from subscribers.mail import mail_links
from tests.factories import NOW
from tests.shelves import Shelves, fill_the_shelves
from tests.staff_shelves import fill_for_staff

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parent.parent / "docs" / "operate" / "states.md"
AGES = (1, 3, 30, 200)
DAY = timedelta(days=1)
# What was so at the last poll, and what only somebody who asks can know.
FALSE = re.compile(
    r"since yesterday|just now|\b\d+ min ago|within a minute\b(?!; one)|leaves within minutes"
    r"|No source announced anything|not announced anything yet|announces nothing on"
    r"|[Aa] quiet (?:day|week|month)|Nothing new (?:since|on)|\"ready\": true|> *[Hh]ealthy *<"
    r"|> *at once *<"
)
# What a list can be narrowed to says nothing of its rows.
CHOICES = re.compile(r'<ul class="filter-choices.*?</ul>', re.DOTALL)
# Mails say when they were written; readiness of the pages alone asks nobody.
TRUE_ALL_THE_SAME = re.compile(
    r"^/mail/|^/outbox/.*/html/|^/preview/mail/|of=pages|openapi|^/api/$"
)


def fill_site() -> Shelves:
    """All that pages show, as it was when everything was well."""
    Source.objects.all().delete()
    shelves = fill_the_shelves()
    fill_for_staff(shelves, User.objects.get(username="admin"))
    Source.objects.filter(title="zebra").delete()
    well = {"state": "healthy", "last_asked_at": NOW, "last_fetched_at": NOW}
    Source.objects.update(**well, next_fetch_at=NOW + timedelta(minutes=45))
    SourceDay.objects.all().delete()
    for source in Source.objects.all():
        source_age.note_poll(source, NOW, was_read=True)
    return shelves


def list_staff_pages(shelves: Shelves) -> Iterator[str]:
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"admin:{name}_changelist")
        if row := model._default_manager.order_by("pk").first():
            yield reverse(f"admin:{name}_change", args=[row.pk])
    yield "/admin/"
    yield "/admin/digest/edition/figures.json"
    yield reverse("admin:subscribers_subscriber_next", args=[shelves.reader.pk])


def read_words(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", body.decode(errors="replace"))


@pytest.mark.parametrize(
    "days", [pytest.param(days, marks=[] if days == 30 else pytest.mark.thorough) for days in AGES]
)
def test_no_page_there_is_says_what_nobody_knows(
    admin_client: Client, settings: Any, days: int
) -> None:
    settings.REDIS_URL, settings.EMAIL_BACKEND = "", settings.OUTBOX_BACKEND
    with time_machine.travel(NOW, tick=False):
        shelves = fill_site()
    now, said = NOW + days * DAY, {}
    with time_machine.travel(now, tick=False):
        own = [f"/papers/{(now - n * DAY).date()}/" for n in range(min(days, 2))]
        visitor = Client()
        for url in [*shelves.all, "/readyz", *own]:
            said[url] = read_words(visitor.get(url, follow=True))
        for url in list_staff_pages(shelves):
            said[url] = CHOICES.sub("", read_words(admin_client.get(url, follow=True)))
    untrue = {
        url: words[max(0, found.start() - 60) : found.end() + 40]
        for url, words in said.items()
        if not TRUE_ALL_THE_SAME.search(url) and (found := FALSE.search(words))
    }
    assert not untrue, "\n".join(
        f"{url}: {' '.join(words.split())}" for url, words in untrue.items()
    )


def list_places(shelves: Shelves) -> list[tuple[str, str, str]]:
    """What the table says it of, the address or command, and where in its words that stands."""
    reader = mail_links.preferences_url(shelves.reader.pk)
    person = reverse("admin:subscribers_subscriber_change", args=[shelves.reader.pk])
    coming = reverse("admin:subscribers_subscriber_next", args=[shelves.reader.pk])
    due = r"The next one was due on .*? left yet\."
    return [
        ("first page", "/", r"No later papers .*? had any\."),
        ("page of that day", "/papers/{day}/", r"No papers are stored\. .*? announced\."),
        ("page of the last day with papers", f"/papers/{NOW.date()}/", r"Wednesday 22 April 2026"),
        ("a paper", reverse("digest:paper", args=[shelves.paper.identifier]), r"\d+ votes[^\d]*?,"),
        ("feed", "/feeds/latest.atom", r"2026-\d\d-\d\dT\S+"),
        ("API, that day", "/api/v1/days/{day}", r'"papers": \d+|"count": \d+'),
        ("preferences of a reader", urlsplit(reader).path, due),
        ("`/readyz`", "/readyz", r"\{.*\}"),
        ("`/healthz`", "/healthz", r".+"),
        ("admin, first page", "/admin/", r"An edition did not run: .*? UTC\."),
        ("admin, first page", "/admin/", r"There is no sign of life from \w+\."),
        ("admin, sources", "/admin/digest/source/", r"Nobody has asked it since .*? run\?"),
        ("admin, sources, next fetch", "/admin/digest/source/", r"overdue for \d+ \w+"),
        ("admin, subscribers", "/admin/subscribers/subscriber/", r"late since [^<]*?\d\d:\d\d"),
        ("admin, a person", person, due),
        ("admin, the next digest of a person", coming, due),
        ("`doctor`", "doctor --offline", r"Sources that are due .*? seems to run\."),
        ("`doctor`", "doctor --offline", r"Digests are over .*? subscribers\."),
        ("`audit`", "audit", r"Note: over .*?\?"),
    ]


def ask(client: Client, where: str) -> str:
    """The words of a page, or of a command."""
    if where.startswith("/"):
        page = re.sub(r"<[^>]*>", " ", read_words(client.get(where)))
        return " ".join(unescape(page).split())
    said = StringIO()
    with suppress(CommandError):
        call_command(*where.split(), stdout=said)
    return " ".join(said.getvalue().split())


def list_said(client: Client, shelves: Shelves, now: datetime) -> Iterator[tuple[str, str]]:
    """Each place with what it says at this moment; a digest is composed last."""
    for name, where, pattern in list_places(shelves):
        words = ask(client, where.format(day=now.date()))
        found = re.search(pattern, words)
        assert found, f"{name} says no {pattern}: {words[:600]}"
        yield name, found[0]
    waits = "offprint_compose_oldest_due_seconds"
    samples = {one.name: one.value for metric in read_metrics(now) for one in metric.samples}
    yield "metrics", f"`{waits}` {samples[waits]:.0f}"
    check_standing(now)
    for alarm in OperatorAlarm.objects.filter(kind__in=["edition-late", "parts-silent"]):
        yield f"alarm `{alarm.kind}`", alarm.sentence.partition(" First ")[0]
    compose_due(now)
    quiet = Delivery.objects.filter(status="quiet", edition__date=now.date())
    notes = {f"{one.quiet_reason}: {one.digest.note}" for one in quiet}
    yield "digests composed then", " ".join(sorted(notes))


@pytest.mark.thorough
def test_what_is_said_instead_stands_in_the_table(admin_client: Client, settings: Any) -> None:
    settings.REDIS_URL, settings.EMAIL_BACKEND = "", settings.OUTBOX_BACKEND
    with time_machine.travel(NOW, tick=False):
        shelves = fill_site()
    columns = []
    for days in AGES:
        with time_machine.travel(NOW + days * DAY, tick=False), transaction.atomic():
            columns.append(list(list_said(admin_client, shelves, NOW + days * DAY)))
            transaction.set_rollback(True)
    rows = [
        f"| {column[0][0]} | {' | '.join(said for _name, said in column)} |"
        for column in zip(*columns, strict=True)
    ]
    head = f"| where | {' | '.join(f'{days} days' for days in AGES)} |\n{'|---' * 5}|\n"
    table = (head + "\n".join(rows)).replace("| 1 days |", "| 1 day |") + "\n"
    before, _, _after = (text := DOCUMENT.read_text()).partition("| where |")
    if os.environ.get("WRITE_AGES"):
        DOCUMENT.write_text(before + table)
    assert text == before + table
