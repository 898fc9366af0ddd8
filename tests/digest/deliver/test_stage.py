from datetime import timedelta
from itertools import chain, repeat

import psycopg
import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from digest.compose.folio import FolioCache
from digest.deliver import RunOptions, deliver_planned, sweep
from digest.deliver.call_marks import begin_calls
from digest.deliver.claims import claim
from digest.deliver.outbox import OutboxBackend, read_outbox
from digest.models import Delivery, Paper
from subscribers.models import Suppression
from tests.factories import NOW, make_delivery, make_pause
from tests.provider_server import provider_server

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return settings.OUTBOX_DIR


def status(delivery):
    delivery.refresh_from_db()
    return delivery.status


def test_delivers_once_however_often_it_is_asked(outbox):
    delivery = make_delivery()
    assert deliver_planned(NOW).counts["sent"] == 1
    assert deliver_planned(NOW).counts["sent"] == 0
    assert (len(read_outbox(outbox)), status(delivery)) == (1, "sent")
    assert NOW <= delivery.sent_at < NOW + MINUTE
    assert delivery.attempts == 1


def test_those_who_may_not_be_mailed_are_counted():
    make_delivery()
    Suppression.objects.suppress(make_delivery().subscriber.email, "manual")
    assert deliver_planned(NOW).counts == {"sent": 1, "suppressed": 1}


def test_one_address_can_be_delivered_alone():
    mine, other = make_delivery(), make_delivery()
    deliver_planned(NOW, only=mine.subscriber.email)
    assert (status(mine), status(other)) == ("sent", "planned")


def test_a_delivery_whose_papers_are_gone_fails_and_holds_up_nobody():
    gone, fine = make_delivery(), make_delivery()
    Paper.objects.filter(pk=gone.contents["papers"][0]["id"]).delete()
    deliver_planned(NOW)
    assert (status(gone), status(fine)) == ("failed", "sent")
    assert "no papers left" in gone.error


def test_a_row_that_cannot_be_set_fails_and_holds_up_nobody():
    broken, fine = make_delivery(), make_delivery()
    broken.contents["papers"][0]["topics"] = "nonsense"
    broken.save()
    deliver_planned(NOW)
    assert (status(broken), status(fine)) == ("failed", "sent")


def test_what_a_dead_worker_left_is_handed_over_again_under_the_same_key(outbox):
    delivery = make_delivery()
    claim(NOW)  # and the worker dies, before or after the call
    assert not sweep(NOW + 9 * MINUTE)["planned"]
    assert sweep(NOW + 10 * MINUTE)["planned"] == 1
    deliver_planned(NOW + 11 * MINUTE)
    assert status(delivery) == "sent"
    assert [letter.name for letter in read_outbox(outbox)] == [f"{delivery.key}.eml"]


@pytest.mark.usefixtures("locmem")
def test_where_the_provider_knows_no_keys_it_is_in_doubt_and_never_sent_again():
    delivery = make_delivery()
    begin_calls(claim(NOW), NOW)  # and the worker dies, before or after the call
    assert sweep(NOW + 10 * MINUTE)["in_doubt"] == 1
    deliver_planned(NOW + 11 * MINUTE)
    assert (status(delivery), mail.outbox) == ("in_doubt", [])
    assert "may have it" in delivery.error


@pytest.mark.usefixtures("locmem")
def test_where_no_call_had_begun_it_is_sent_whatever_the_provider():
    delivery = make_delivery()
    claim(NOW)  # and the worker dies
    assert sweep(NOW + 10 * MINUTE)["planned"] == 1
    deliver_planned(NOW + 11 * MINUTE)
    assert (status(delivery), len(mail.outbox)) == ("sent", 1)


@pytest.mark.usefixtures("locmem")
def test_what_a_key_no_longer_protects_is_in_doubt_and_not_claimed():
    delivery = make_delivery(maybe_sent_at=NOW - MINUTE)
    assert deliver_planned(NOW).counts == {"in_doubt": 1}
    assert (status(delivery), mail.outbox) == ("in_doubt", [])


def test_a_delivery_expires_when_it_is_no_longer_news(outbox):
    delivery = make_delivery()
    assert not sweep(NOW + timedelta(hours=23))["expired"]
    assert sweep(NOW + timedelta(hours=25))["expired"] == 1
    deliver_planned(NOW + timedelta(hours=25))
    assert (status(delivery), read_outbox(outbox)) == ("expired", [])


def test_what_may_have_been_sent_never_expires_and_is_never_called_suppressed():
    old = make_delivery(maybe_sent_at=NOW)
    gone = make_delivery(maybe_sent_at=NOW, covers_until=NOW + timedelta(days=2))
    Suppression.objects.suppress(gone.subscriber.email, "manual")
    assert +sweep(NOW + timedelta(hours=25)) == {"in_doubt": 1}
    assert deliver_planned(NOW + timedelta(hours=25)).counts == {"in_doubt": 1}
    assert (status(old), status(gone)) == ("in_doubt", "in_doubt")


def test_what_is_no_longer_news_is_not_sent_though_no_sweep_came_by(outbox):
    delivery = make_delivery()
    assert deliver_planned(NOW + timedelta(hours=25)).counts == {"expired": 1}
    assert (status(delivery), read_outbox(outbox)) == ("expired", [])


def test_a_retry_waits_until_its_time():
    delivery = make_delivery(retry_at=NOW + MINUTE)
    deliver_planned(NOW)
    assert status(delivery) == "planned"
    deliver_planned(NOW + MINUTE)
    assert status(delivery) == "sent"


def test_while_the_provider_asked_for_a_pause_nothing_is_claimed():
    delivery = make_delivery()
    make_pause(until=NOW + MINUTE)
    report = deliver_planned(NOW)
    assert (report.stopped, status(delivery), delivery.attempts) == (
        "The provider asked for a pause. We wait until 12:01 UTC.",
        "planned",
        0,
    )
    deliver_planned(NOW + MINUTE)
    assert status(delivery) == "sent"


def test_a_run_can_be_ended_between_two_chunks():
    for _ in range(3):
        make_delivery()
    turns = chain([True], repeat(False))
    deliver_planned(NOW, options=RunOptions(keep_going=lambda: next(turns), size=1))
    assert Delivery.objects.filter(status="sent").count() == 1


def test_progress_is_told():
    make_delivery()
    told = []
    deliver_planned(NOW, options=RunOptions(progress=told.append))
    assert told == [1]


@pytest.mark.parametrize("name", ["postmark", "outbox"])
def test_a_chunk_costs_the_same_few_queries_however_many_are_in_it(name, settings, monkeypatch):
    # A slow machine looks no more often, nor says more often that it lives.
    for module in ("flight.clearance", "deliver.provider.pause_watch"):
        monkeypatch.setattr(f"digest.{module}.LOOK_EVERY", timedelta(hours=1))
    monkeypatch.setattr("digest.deliver.delivery_runs.SEEN_EVERY", timedelta(hours=1))
    with provider_server() as server:
        if name == "postmark":
            settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
            settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": server.url}
        for _ in range(2):  # before any call there is nothing to compare; then the breaker looks
            make_delivery()
            deliver_planned(NOW)
        counts = []
        for size in (2, 20):
            for _ in range(size):
                make_delivery()
            with CaptureQueriesContext(connection) as queries:
                assert deliver_planned(NOW).counts["sent"] == size
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 54


def test_a_database_that_goes_away_while_mails_are_set_costs_nobody_a_mail(outbox, monkeypatch):
    made = [make_delivery() for _ in range(3)]

    def lose_connection(*_args):
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as patch:
        patch.setattr(FolioCache, "find_folio", lose_connection)
        with pytest.raises(OperationalError):
            deliver_planned(NOW)
    deliver_planned(NOW + MINUTE)
    assert [status(delivery) for delivery in made] == ["sent"] * 3


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_marked_though_the_database_went_away_during_the_call(outbox):
    delivery = make_delivery()

    class Interrupting(OutboxBackend):
        """While it has the mail, the database ends our connection."""

        def send_messages(self, email_messages):
            end_connection()
            return super().send_messages(email_messages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("digest.deliver.provider.send.open_backend", lambda _limit: Interrupting())
        deliver_planned(NOW)
    assert (status(delivery), len(read_outbox(outbox))) == ("sent", 1)


def end_connection():
    asked = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    where = {"host": asked["HOST"], "user": asked["USER"], "dbname": "postgres"}
    with psycopg.connect(**where, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [pid])
