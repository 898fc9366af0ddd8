"""Staff see how a source is, and stop, resume, add or delete it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from digest.admin.sources import STATE_COLORS
from digest.models import Source
from tests.digest.admin.pages import act, address, text
from tests.factories import make_paper, make_source

pytestmark = pytest.mark.django_db


def test_every_state_of_a_source_has_its_colour() -> None:
    assert set(STATE_COLORS) == set(Source.State.values)


def test_a_source_tells_its_state_in_a_sentence_and_when_it_is_asked_again(
    staff: Client,
) -> None:
    make_source(
        state="failing",
        note="The host did not answer within 30 seconds.",
        last_error="timeout",
        last_fetched_at=timezone.now() - timedelta(minutes=12),
        next_fetch_at=timezone.now() + timedelta(hours=5, minutes=1),
    )
    page = text(staff.get(address(Source)))
    for words in ("failing", "did not answer within 30 seconds", "12 min ago", "in 5 h"):
        assert words in page


def test_a_source_that_moves_or_lags_says_so_on_its_page(staff: Client) -> None:
    source = make_source(
        moved_to="https://new.example.org/feed",
        moved_times=2,
        freshness={"cs.CL": {"listed_on": "2026-04-22"}, "cs.LG": {}, "cs.AI": None},
    )
    page = text(staff.get(address(Source, "change", source.pk)))
    assert "https://new.example.org/feed (2 times so far)" in page
    assert "cs.CL: 2026-04-22, cs.LG: not yet" in page


def test_ask_now_makes_a_source_due_but_not_one_that_is_stopped(staff: Client) -> None:
    later = timezone.now() + timedelta(hours=9)
    waiting = make_source(next_fetch_at=later)
    stopped = make_source(next_fetch_at=later, is_active=False)
    said = act(staff, "ask_now", waiting, stopped)
    assert "1 source will be asked within a minute. 1 source left alone" in said
    assert list(Source.objects.due(timezone.now()).filter(pk__in=[waiting.pk, stopped.pk])) == [
        waiting
    ]
    assert "2 sources left alone" not in act(staff, "ask_now", waiting)


def test_stop_and_resume_undo_each_other(staff: Client) -> None:
    source = make_source(state="failing", last_error="timeout", failures=9)
    assert "1 source stopped." in act(staff, "stop", source)
    source.refresh_from_db()
    assert (source.is_active, source.state) == (False, "stopped")
    assert source.note.startswith("Stopped by hand on ")
    assert "never" in text(staff.get(address(Source)))
    act(staff, "resume", source)
    source.refresh_from_db()
    assert (source.is_active, source.state, source.failures) == (True, "new", 0)
    assert source in Source.objects.due(timezone.now())


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "ftp://example.org/feed", "Only addresses that begin with http"),
        ("url", "not an address", "This is no address of the web"),
        ("weight", "0", "greater than or equal to 0.01"),
        ("weight", "-1", "greater than or equal to 0.01"),
        ("kind", "podcast", "Select a valid choice"),
    ],
)
def test_a_wrong_change_of_a_source_comes_back_as_a_sentence(
    staff: Client, field: str, value: str, sentence: str
) -> None:
    source = make_source(url="https://example.org/f")
    posted = {"title": "Feed", "url": source.url, "kind": "feed", "weight": "1"}
    response = staff.post(address(Source, "change", source.pk), posted | {field: value})
    assert sentence in text(response)
    assert Source.objects.get(pk=source.pk).url == source.url


def test_a_source_that_brought_something_is_stopped_and_not_deleted(staff: Client) -> None:
    empty, used = make_source(), make_paper().entries.get().source
    for source, status in ((used, 403), (empty, 302)):
        response = staff.post(address(Source, "delete", source.pk), {"post": "yes"})
        assert response.status_code == status
    act(staff, "delete_selected", used)
    assert Source.objects.filter(pk=used.pk).exists()
    assert not Source.objects.filter(pk=empty.pk).exists()


def test_what_is_told_to_sources_stands_in_the_audit_log(staff: Client) -> None:
    first, second = make_source(), make_source(is_active=False)
    act(staff, "stop", first, second)
    lines = LogEntry.objects.values_list("object_id", "change_message", "user__username")
    assert list(lines) == [(str(first.pk), "Stopped.", "noether")]
