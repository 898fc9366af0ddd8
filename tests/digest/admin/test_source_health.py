"""A source's last thirty days as a strip, in words, and with buttons for what can be done now."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from digest.admin.source_health import HEIGHT, describe_health, draw_health
from digest.models import Source, SourceDay
from tests.factories import make_source

DAY = date(2026, 5, 1)


def days(*counts: tuple[int, int]) -> list[SourceDay]:
    return [
        SourceDay(date=DAY + n * timedelta(days=1), asked=asked, read=read)
        for n, (asked, read) in enumerate(counts)
    ]


def test_a_column_is_as_high_as_what_could_be_read_and_red_where_nothing_could() -> None:
    columns = draw_health(days((10, 10), (10, 5), (10, 0), (0, 0)))
    assert [(one.height, one.look) for one in columns] == [
        (HEIGHT, "ink"),
        (HEIGHT // 2, "soft"),
        (HEIGHT, "red"),
    ]
    assert all(one.y + one.height == HEIGHT for one in columns)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([(0, 0)] * 3, "Not asked in 3 days."),
        ([(1, 1), (0, 0), (2, 1)], "Asked on 2 of 3 days, read on each of them."),
        ([(1, 0), (1, 1)], "Asked on 2 of 2 days, not read on 1: 1 May."),
        (
            [(1, 0)] * 5,
            "Asked on 5 of 5 days, not read on 5: the last ones 3 May, 4 May and 5 May.",
        ),
    ],
)
def test_the_same_in_words(counts: list[tuple[int, int]], said: str) -> None:
    assert describe_health(days(*counts)) == said


@pytest.mark.django_db
def test_the_list_shows_it_in_one_query_for_all(admin_client: Client) -> None:
    Source.objects.all().delete()
    counts = []
    for _ in range(2):
        source = make_source()
        SourceDay.objects.create(source=source, date=timezone.now().date(), asked=2, read=1)
        with CaptureQueriesContext(connection) as caught:
            page = admin_client.get("/admin/digest/source/").content.decode()
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert page.count('aria-label="Asked on 1 of 30 days, read on each of them."') == 2


@pytest.mark.django_db
def test_a_sources_page_has_buttons_for_what_can_be_done_now(admin_client: Client) -> None:
    source = make_source(next_fetch_at=timezone.now() + timedelta(hours=1))
    page = f"/admin/digest/source/{source.pk}/change/"
    assert "Stop asking" in admin_client.get(page).content.decode()
    admin_client.post(f"/admin/digest/source/{source.pk}/act/ask_now/")
    source.refresh_from_db()
    assert source.next_fetch_at is None
    admin_client.post(f"/admin/digest/source/{source.pk}/act/stop/")
    source.refresh_from_db()
    assert not source.is_active
    shown = admin_client.get(page).content.decode()
    assert ">Resume</button>" in shown
    assert "Stop asking</button>" not in shown
    assert admin_client.get(f"/admin/digest/source/{source.pk}/act/stop/").status_code == 405
    assert admin_client.post(f"/admin/digest/source/{source.pk}/act/x/").status_code == 404


@pytest.mark.django_db
def test_the_active_sources_are_there_as_opml(admin_client: Client) -> None:
    source = make_source(title="Of ours")
    answer = admin_client.get("/admin/digest/source/opml/")
    assert answer["Content-Disposition"] == 'attachment; filename="sources.opml"'
    assert f'xmlUrl="{source.url}"' in answer.content.decode()
