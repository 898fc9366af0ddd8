"""Alarms of what no stage notices by itself: raised once, ended once, and the ping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.core.cache import cache
from django.test import Client

from config.worker_settings import EVERY_SECONDS
from digest.deliver.standing_alarms import check_standing
from digest.models import Delivery, Edition, OperatorAlarm, Source
from digest.watch import alarms
from digest.watch.daily_figures import update_figures
from tests.digest.flight.editions import make_edition
from tests.digest.watch.test_certificate import make_certificate, serve_tls
from tests.factories import NOW, make_reader, make_source

pytestmark = [pytest.mark.cached, pytest.mark.django_db]
HOUR = timedelta(hours=1)
WELL = {"last_asked_at": NOW, "last_fetched_at": NOW, "next_fetch_at": NOW + HOUR}


@pytest.fixture(autouse=True)
def ways(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.OPERATORS_EMAIL = ["ops@example.org"]
    settings.REDIS_URL = ""
    Source.objects.all().delete()


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """What is posted to addresses of the operators, each of which takes it."""
    told: list[tuple[str, str, dict[str, Any]]] = []

    def take(name: str, url: str, **said: Any) -> str:
        told.append((name, url, said))
        return ""

    monkeypatch.setattr(alarms, "post_to", take)
    monkeypatch.setattr("digest.deliver.standing_alarms.post_to", take)
    return told


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def test_an_edition_that_is_late_is_told_once_and_again_when_it_is_well() -> None:
    reader = make_reader("RAG", next_digest_at=NOW - 3 * HOUR)
    for minute in range(3):
        check_standing(NOW + timedelta(minutes=minute))
    assert subjects() == ["Offprint: edition-late"]
    assert "1 reader should have had a digest" in mail.outbox[0].body
    assert "First look at the log of the worker for compose" in mail.outbox[0].body
    type(reader).objects.update(next_digest_at=NOW + HOUR)
    for minute in range(3, 6):
        check_standing(NOW + timedelta(minutes=minute))
    assert len(mail.outbox) == 2
    assert mail.outbox[1].body.startswith("It is over: An edition is late")


def test_sources_that_nobody_asks_are_told_and_end_when_somebody_does() -> None:
    source = make_source(**WELL)
    check_standing(NOW)
    assert not mail.outbox
    check_standing(NOW + 3 * HOUR)
    assert subjects() == ["Offprint: parts-silent"]
    assert "no sign of life from sources" in mail.outbox[0].body
    Source.objects.filter(pk=source.pk).update(next_fetch_at=NOW + 4 * HOUR)
    check_standing(NOW + 3 * HOUR)
    assert "It is over" in mail.outbox[1].body


def test_a_source_that_fails_for_a_day_is_told_by_its_own_name() -> None:
    source = make_source(**WELL | {"state": "failing", "last_error": "It answers 503."})
    later = NOW + 25 * HOUR
    Source.objects.update(next_fetch_at=later)
    check_standing(NOW + 23 * HOUR)
    assert not mail.outbox
    check_standing(later)
    assert subjects() == [f"Offprint: source-{source.pk}"]
    assert "It answers 503. First open its address" in mail.outbox[0].body
    Source.objects.update(state="healthy", last_error="")
    check_standing(later)
    assert not OperatorAlarm.objects.filter(resolved_at=None).exists()


def test_a_disk_that_is_nearly_full_is_told_once_and_when_there_is_room_again(
    settings: Any,
) -> None:
    settings.DISK_FREE_MB = 10**9
    for minute in range(3):
        check_standing(NOW + timedelta(minutes=minute))
    assert subjects() == ["Offprint: disk-full"]
    settings.DISK_FREE_MB = 0
    for minute in range(3, 6):
        check_standing(NOW + timedelta(minutes=minute))
    assert len(mail.outbox) == 2
    assert "It is over: The disk of" in mail.outbox[1].body


@pytest.mark.parametrize(
    ("column", "kind", "few", "many"),
    [("complained_at", "complaints", 2, 3), ("bounced_at", "bounces", 4, 60)],
)
def test_too_many_complaints_or_bounces_are_told_once_and_when_it_is_well(
    column: str, kind: str, few: int, many: int
) -> None:
    edition = make_edition(600, status="sent", sent_at=NOW)
    mails = list(Delivery.objects.values_list("pk", flat=True))
    for count, told in ((few, 0), (many, 1), (many, 1)):
        Delivery.objects.filter(pk__in=mails[:count]).update(**{column: NOW})
        cache.clear()  # as if its reports had come
        update_figures(NOW)
        check_standing(NOW)
        assert len(mail.outbox) == told
    assert subjects() == [f"Offprint: {kind}"]
    assert f"Of the 600 mails of 7 days {many} " in mail.outbox[0].body
    assert Edition.objects.get() == edition
    check_standing(NOW + timedelta(days=8))
    assert [one for one in subjects() if kind in one] == [f"Offprint: {kind}"] * 2
    assert "It is over" in mail.outbox[-1].body


def test_a_certificate_that_ends_soon_is_told_once_and_when_it_was_renewed(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    for days, told in ((5, 1), (5, 1), (40, 2), (40, 2)):
        key, certificate = make_certificate(tmp_path, days)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with serve_tls(key, certificate) as settings.SITE_URL:
            cache.clear()  # an hour later
            check_standing(now)
        assert len([one for one in subjects() if one == "Offprint: certificate"]) == told
    assert "It is over: The certificate of" in mail.outbox[-1].body


def test_a_site_that_cannot_be_reached_neither_raises_nor_ends_the_alarm(settings: Any) -> None:
    settings.SITE_URL = "https://127.0.0.1:1"
    check_standing(NOW)
    assert not OperatorAlarm.objects.exists()
    alarms.raise_alarm("certificate", "It ends soon.", NOW)
    cache.clear()
    check_standing(NOW)
    assert OperatorAlarm.objects.get().resolved_at is None


def test_alarms_of_others_are_left_alone() -> None:
    alarms.raise_alarm("account-refused", "The provider refuses our account.", NOW)
    check_standing(NOW)
    assert OperatorAlarm.objects.get().resolved_at is None


def test_the_ping_goes_each_time_and_to_nobody_where_it_is_not_set(
    settings: Any, posts: list[Any]
) -> None:
    check_standing(NOW)
    assert not posts
    settings.PING_URL = "https://checks.example.org/ping/1"
    check_standing(NOW)
    check_standing(NOW)
    assert posts == [("ping", settings.PING_URL, {})] * 2


def test_the_ping_stops_when_beat_does(settings: Any, posts: list[Any]) -> None:
    """A worker that nobody calls, or that only does what is left to do, sends none."""
    settings.PING_URL = "https://checks.example.org/ping/1"
    called = [name for name in EVERY_SECONDS if not name.endswith(".check_standing")]
    for name in called:
        current_app.tasks[name].apply().get()
    assert len(called) == len(EVERY_SECONDS) - 1
    assert not posts
    current_app.tasks["digest.tasks.check_standing"].apply().get()
    assert [name for name, *_ in posts] == ["ping"]


def test_ntfy_and_webhook_are_told_in_their_own_shapes(settings: Any, posts: list[Any]) -> None:
    settings.OPERATORS_WEBHOOK = "https://chat.example.org/hook"
    settings.OPERATORS_NTFY = "https://ntfy.example.org/offprint"
    assert alarms.tell_operators("x", "It burns.", NOW) == {"mail": "", "webhook": "", "ntfy": ""}
    (_, _, webhook), (_, _, ntfy) = posts
    assert webhook["json"]["text"] == webhook["json"]["content"] == "Offprint: It burns."
    assert (ntfy["data"], ntfy["headers"]["Title"]) == (b"It burns.", "Offprint: x")


def test_a_test_alarm_says_what_became_of_each_way(
    admin_client: Client, client: Client, settings: Any
) -> None:
    url = "/admin/digest/edition/test-alarm/"
    assert "Send a test alarm" in admin_client.get("/admin/").content.decode()
    page = admin_client.post(url, follow=True).content.decode()
    assert "The mail took the test alarm" in page
    assert "This is a test alarm" in mail.outbox[0].body
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert (
        "The mail did not take the test alarm"
        in admin_client.post(url, follow=True).content.decode()
    )
    settings.OPERATORS_EMAIL = []
    assert "No way is set up" in admin_client.post(url, follow=True).content.decode()
    assert admin_client.get(url).status_code == 405
    assert not OperatorAlarm.objects.exists()


def test_who_may_not_release_an_edition_sends_no_test_alarm(
    client: Client, django_user_model: Any
) -> None:
    client.force_login(django_user_model.objects.create_user("helper", is_staff=True))
    assert client.post("/admin/digest/edition/test-alarm/").status_code == 403
    assert "Send a test alarm" not in client.get("/admin/").content.decode()
    assert not mail.outbox
