"""Webhooks are set in the admin, show how they fare, and have a button for a test."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from digest.models import Webhook, WebhookPost
from tests.digest.admin.pages import address, text
from tests.digest.webhooks.receiver import make_webhook, receive
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db
NEW = {"name": "CRM", "url": "https://crm.example.org/hook", "kinds": ["left"], "is_active": "on"}


def test_a_webhook_is_added_and_its_page_shows_the_secret_and_what_it_was_told(
    staff: Client,
) -> None:
    staff.post(address(Webhook, "add"), NEW)
    webhook = Webhook.objects.get()
    make_subscriber().unsubscribe(NOW)
    shown = text(staff.get(address(Webhook, "change", webhook.pk)))
    assert webhook.secret in shown
    assert "on its way" in shown
    assert "nothing sent yet" in shown
    assert "(&#x27;" not in shown
    WebhookPost.objects.update(attempts=8, next_try_at=None, last_error="It answered 500.")
    shown = text(staff.get(address(Webhook, "change", webhook.pk)))
    assert "given up after 8 of 8 tries. It answered 500." in shown
    assert webhook.secret not in text(staff.get(address(Webhook)))


def test_who_may_only_look_sees_no_secret(client: Client) -> None:
    auditor = User.objects.create(username="auditor", is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_webhook"))
    client.force_login(auditor)
    webhook = make_webhook()
    shown = text(client.get(address(Webhook, "change", webhook.pk)))
    assert "nothing sent yet" in shown
    assert webhook.secret not in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "http://10.0.0.1/"}, "within a private network"),
        ({"url": "ftp://example.org/"}, "This is no address of the web"),
        ({"kinds": []}, "Tick at least one thing"),
    ],
)
def test_a_wrong_one_comes_back_as_a_sentence(
    staff: Client, fields: dict[str, Any], said: str
) -> None:
    assert said in text(staff.post(address(Webhook, "add"), NEW | fields))
    assert not Webhook.objects.exists()


def test_the_button_sends_a_test_and_says_what_came_of_it(staff: Client, settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    with receive() as receiver:
        webhook = make_webhook(receiver.url)
        test = address(Webhook, "test", webhook.pk)
        assert "took the test" in text(staff.post(test, follow=True))
        receiver.status = 410
        assert "It answered 410." in text(staff.post(test, follow=True))
    assert [event["type"] for event in receiver.events] == ["test", "test"]
    assert staff.get(test).status_code == 405
    assert LogEntry.objects.filter(change_message="Sent a test.").count() == 2


def test_one_that_was_off_hears_of_what_comes_and_not_of_what_was(staff: Client) -> None:
    webhook = make_webhook(kinds=["left"])
    make_subscriber().unsubscribe(NOW)
    page = address(Webhook, "change", webhook.pk)
    staff.post(page, {key: value for key, value in NEW.items() if key != "is_active"})
    make_subscriber().unsubscribe(NOW)
    staff.post(page, NEW)
    assert WebhookPost.objects.count() == 1
    assert not WebhookPost.objects.waiting().exists()
