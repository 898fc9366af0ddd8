"""What a newcomer finds is made once, and never reaches anybody real."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.utils import timezone

from digest.management import first_run
from digest.management.commands import run
from digest.models import HostTurn
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def local_outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND


def test_the_first_admin_gets_a_password_that_nobody_else_has(rf: Any) -> None:
    password = first_run.make_admin()
    assert password
    assert len(password) >= 16
    assert authenticate(rf.get("/admin/"), username="admin", password=password)


def test_where_there_is_an_admin_none_is_made() -> None:
    get_user_model().objects.create_superuser("ada", password="a secret of hers")
    assert first_run.make_admin() is None
    assert get_user_model().objects.count() == 1


def test_the_demo_reader_follows_topics_and_is_due_at_once() -> None:
    reader = first_run.sign_up_demo_subscriber(NOW)
    assert reader
    assert set(reader.topics.values_list("query", flat=True)) == set(first_run.DEMO_TOPICS)
    assert Subscriber.objects.mailable().due(NOW).get() == reader


def test_the_demo_reader_is_signed_up_once() -> None:
    first_run.sign_up_demo_subscriber(NOW)
    assert first_run.sign_up_demo_subscriber(NOW) == Subscriber.objects.get()


def test_where_somebody_has_signed_up_no_demo_reader_is_invented() -> None:
    make_subscriber()
    assert first_run.sign_up_demo_subscriber(NOW) is None
    assert Subscriber.objects.count() == 1


def test_a_demo_reader_who_left_is_left_alone() -> None:
    reader = first_run.sign_up_demo_subscriber(NOW)
    assert reader
    reader.unsubscribe(NOW)
    assert first_run.sign_up_demo_subscriber(NOW) is None


def test_nobody_is_invented_where_mail_leaves_this_machine(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert first_run.sign_up_demo_subscriber(NOW) is None
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("fields", "has"), [({"status": "sent", "sent_at": NOW}, True), ({}, False)]
)
def test_only_a_sent_digest_counts_as_one(fields: dict[str, Any], has: bool) -> None:
    delivery = make_delivery(**fields)
    assert first_run.has_digest(delivery.subscriber) is has


def test_hosts_that_do_not_answer_are_found_out(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.OFFPRINT_HF_URL = settings.OFFPRINT_ARXIV_URL = "http://127.0.0.1:9"
    assert first_run.find_live_sources() == {"Hugging Face": False, "arXiv": False}


@pytest.mark.django_db(transaction=True)
def test_a_host_that_another_process_is_talking_to_counts_as_live() -> None:
    HostTurn.objects.create(host="arxiv.org", free_at=timezone.now() + timedelta(hours=1))
    assert first_run._does_answer("https://rss.arxiv.org")


def test_a_digest_that_no_worker_sends_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first_run, "DIGEST_SECONDS", 0.5)
    reader = first_run.sign_up_demo_subscriber(NOW)
    assert reader
    assert first_run.send_digest(reader) is None
    assert run._describe_delivery(None).startswith("not sent yet")


def test_a_quiet_day_is_told_with_its_reason() -> None:
    quiet = make_delivery(status="quiet", quiet_reason="no_match", contents={})
    assert run._describe_delivery(quiet) == "Quiet: none of the new papers is in their topics"


def test_a_failure_is_told_with_its_reason() -> None:
    failed = make_delivery(status="failed", error="The provider refused the address.")
    assert run._describe_delivery(failed) == "Failed: The provider refused the address."
