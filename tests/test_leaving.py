"""Whoever has everything deleted is found nowhere: in no row, no file and no line of the log."""

from __future__ import annotations

import logging
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client

from config import logging_setup
from digest.deliver import retention
from digest.feedback.record import give_feedback
from digest.models import Delivery
from subscribers import tokens
from subscribers.account import address, send_links
from subscribers.account.retention import forget_unsubscribed
from subscribers.lists.import_csv import explain_refusal
from subscribers.lists.import_runs import run_imports
from subscribers.mail import mail_links
from subscribers.models import Departure, FormerAddress, Subscriber, Suppression
from subscribers.signup import opt_in, send_confirmation
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_delivery, make_paper, make_reader, make_subscriber
from tests.subscribers.lists.test_import_runs import make_list

ADDRESS, ELSEWHERE = "hypatia@alexandria.example", "hypatia@athens.example"
DAY = timedelta(days=1)
WHO = re.compile("hypatia|alexandria", re.IGNORECASE)


def dump_database() -> str:
    """Every row of every table, as text."""
    rows = [row for model in apps.get_models() for row in model._base_manager.all()]
    return str(serializers.serialize("json", rows))


def read_files(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path.name} {path.read_bytes().decode('latin-1')}" for path in files)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR, settings.OUTBOX_DIR = tmp_path, tmp_path / "outbox"
    settings.HIGH_WATER_DIR = tmp_path / "high_water"
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return tmp_path


def live(client: Client, staff: Client) -> Subscriber:
    """Sign up, get mail, press things, move away and back, be looked after, complain."""
    pk = opt_in.request_confirmation(ADDRESS, Wishes(["RAG", "agents"]), NOW)
    send_confirmation.send_confirmation(pk, NOW)
    reader = opt_in.confirm_latest(pk, NOW)
    delivery = make_delivery(subscriber=reader, status="failed", error=f"550 <{ADDRESS}> unknown")
    assert delivery.pk
    give_feedback(pk, make_paper(title="A paper on RAG"), "more", NOW)
    address.request_link(ADDRESS, NOW)
    address.request_move(reader, ELSEWHERE, NOW)
    send_links.send_asked_links(NOW)
    link = tokens.MoveLink(pk, NOW, new_email=ELSEWHERE)
    address.move_digests(link, NOW)
    send_links.send_asked_links(NOW)
    address.move_digests_back(reader.former_addresses.get(), NOW)
    Suppression.objects.suppress(ADDRESS, "complaint")
    upload_lists()
    other = make_subscriber(email="bob@example.org", new_email=ADDRESS, move_asked_at=NOW)
    assert other.new_email
    page = f"/admin/subscribers/subscriber/{pk}/change/"
    fields = {"send_hour": 9, "timezone": "UTC", "cadence": "daily", "max_papers": 5}
    staff.post(page, fields)
    staff.post(f"/admin/subscribers/subscriber/act/pause/?ids={pk}", {"sure": "1"})
    client.get(urlsplit(mail_links.preferences_url(pk)).path)
    return Subscriber.objects.get(pk=pk)


def upload_lists() -> None:
    """One that waits for staff to bring it in, one whose lines with the address were rejected."""
    make_list(f"email,name\n{ADDRESS.upper()},Hypatia\nbob@example.org,Bob\n")
    make_list(f"email,topics\n{ADDRESS},\n", is_trial=False)
    run_imports(NOW)


@pytest.mark.django_db(transaction=True)
def test_after_deleting_no_row_file_or_line_holds_the_address(
    client: Client, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    staff = Client()
    staff.force_login(User.objects.create_superuser("ada", "", "x"))
    reader = live(client, staff)
    assert WHO.search(dump_database())
    assert WHO.search(read_files(folder))
    address.delete_subscriber(reader)
    assert not WHO.search(dump_database())
    assert not WHO.search(read_files(folder))
    said = "\n".join(map(logging_setup.PrivateLineFormatter().format, caplog.records))
    assert not WHO.search(said)
    assert Suppression.objects.about(ADDRESS).exists()  # and still nothing is mailed there


@pytest.mark.django_db
def test_whoever_unsubscribed_is_forgotten_after_thirty_days_and_no_list_brings_them_back() -> None:
    gone = make_reader("agents", email=ADDRESS)
    gone.unsubscribe(NOW - 31 * DAY)
    late = make_reader("agents", email="late@example.org")
    late.unsubscribe(NOW - 29 * DAY)
    asks = make_reader("agents", email="asks@example.org")
    asks.unsubscribe(NOW - 40 * DAY)
    opt_in.request_confirmation(asks.email, Wishes(["RAG"]), NOW)
    assert forget_unsubscribed(NOW) == 1
    left = set(Subscriber.objects.values_list("email", flat=True))
    assert left == {"late@example.org", "asks@example.org"}
    assert not WHO.search(dump_database())
    assert Departure.objects.find_date("Hypatia+x@alexandria.example") == NOW - 31 * DAY
    dates = Departure.objects.find_dates([ADDRESS, "else@example.org"])
    assert list(dates) == [ADDRESS]
    assert "They unsubscribed on 2026-03-22" in explain_refusal("", None, dates[ADDRESS])


@pytest.mark.django_db
def test_what_digests_held_is_forgotten_after_half_a_year_and_their_states_stay(
    folder: Path,
) -> None:
    papers = {"papers": [1]}
    old, young = (
        make_delivery(contents=papers, status="failed", covers_until=NOW - days * DAY, error="x")
        for days in (181, 179)
    )
    assert retention.forget_contents(NOW) == 1
    assert retention.forget_contents(NOW) == 0
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.contents, old.error, old.status) == ({}, "", Delivery.Status.FAILED)
    assert young.contents == papers


@pytest.mark.django_db
def test_mails_to_an_address_that_was_left_are_forgotten_with_it(
    folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    reader = make_reader("agents", email=ELSEWHERE)
    FormerAddress.objects.create(subscriber=reader, email=ADDRESS, left_at=NOW - 8 * DAY)
    (folder / "outbox").mkdir()
    for name, to in (("before", ADDRESS), ("now", ELSEWHERE)):
        (folder / "outbox" / f"{name}.eml").write_text(f"To: {to}\n\nHello")
    with django_capture_on_commit_callbacks(execute=True):
        address.forget_former_addresses(NOW)
    assert [path.name for path in (folder / "outbox").iterdir()] == ["now.eml"]


@pytest.mark.django_db
def test_mails_in_the_outbox_are_forgotten_when_they_are_old(folder: Path) -> None:
    outbox = folder / "outbox"
    outbox.mkdir()
    for name, days in (("old", 181), ("young", 179)):
        path = outbox / f"{name}.eml"
        path.write_text("To: Ada <ada@example.org>\n\nHello")
        moment = (NOW - days * DAY).timestamp()
        os.utime(path, (moment, moment))
    retention.forget_contents(NOW)
    assert [path.name for path in outbox.iterdir()] == ["young.eml"]
