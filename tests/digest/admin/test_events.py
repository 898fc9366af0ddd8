"""What providers reported, as staff see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from digest.models import DomainPause, MailTrace, ProviderEvent
from digest.track.traces import keep_traces
from subscribers.account.address import delete_subscriber
from tests.digest.admin.pages import address, text
from tests.digest.track.reports import make_sent, tell
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db


def test_a_report_is_listed_with_its_words_and_what_it_changed(staff: Client) -> None:
    delivery = make_sent(make_subscriber(email="ada@example.com"))
    words = {"esp_event": {"Type": "HardBounce"}, "mta_response": "550 5.1.1 <b>nobody</b>"}
    tell(delivery, "bounced", **words)
    event = ProviderEvent.objects.get()
    pages = [address(ProviderEvent), address(ProviderEvent, "change", event.pk)]
    pages.append(address(type(delivery), "change", delivery.pk))
    for page in pages:
        said = text(staff.get(page))
        assert "HardBounce: 550 5.1.1 &lt;b&gt;nobody&lt;/b&gt;" in said
        assert "refused for good" in said
    assert "suppressed the address" in text(staff.get(pages[0]))
    assert "ada@example.com" in text(staff.get(pages[0] + "?q=ada@"))


def test_the_list_asks_no_more_for_many_reports(
    staff: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(9):
        tell(make_sent(), "delivered")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        staff.get(address(ProviderEvent))


def test_a_report_on_somebody_deleted_names_nobody(staff: Client) -> None:
    delivery = make_sent(claimed_at=timezone.now())
    reader = delivery.subscriber
    before = reader.email
    delete_subscriber(reader)
    assert MailTrace.objects.exists()
    tell(delivery, "complained", recipient=before, at=timezone.now(), now=timezone.now())
    said = text(staff.get(address(ProviderEvent)))
    assert "deleted since" in said
    assert before not in said


def test_nothing_can_be_written_but_a_pause_can_be_ended(staff: Client) -> None:
    now = timezone.now()
    pause = DomainPause.objects.create(
        domain="example.com", paused_at=now, until=now + timedelta(hours=3), reason="blocked"
    )
    assert "nothing is sent, in" in text(staff.get(address(DomainPause)))
    assert staff.get(address(DomainPause, "add")).status_code == 403
    assert staff.get(address(ProviderEvent, "add")).status_code == 403
    assert staff.post(address(DomainPause, "delete", pause.pk), {"post": "yes"}).status_code == 302
    assert not DomainPause.objects.exists()


def test_a_trace_is_kept_once_by_the_id_of_the_mail_and_once_by_our_key() -> None:
    delivery = make_sent()
    for _ in range(2):
        keep_traces({delivery.subscriber_id: delivery.subscriber.email}, NOW)
    assert MailTrace.objects.count() == 2


def test_a_paused_domain_is_the_first_thing_staff_read(staff: Client) -> None:
    assert "waits until" not in text(staff.get("/admin/"))
    now = timezone.now()
    until = now + timedelta(hours=3)
    DomainPause.objects.create(domain="example.com", paused_at=now, until=until, reason="5.7.1")
    said = text(staff.get("/admin/"))
    assert f"Mail to example.com waits until {until:%H:%M} UTC. 5.7.1" in said
    assert address(DomainPause) in said
