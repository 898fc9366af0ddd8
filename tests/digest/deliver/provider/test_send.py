"""Every way in which a provider can answer, against real servers on loopback."""

import importlib.util
import json
import threading
import time
import zlib
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from config.provider_settings import read_provider_settings
from digest.deliver import RunOptions, deliver_planned, settle_doubts, sweep
from digest.deliver.call_marks import begin_calls
from digest.deliver.claims import claim
from digest.deliver.outbox import read_mail, read_outbox
from digest.deliver.provider.judge import DEFAULT_PAUSE
from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.pause_watch import PauseWatch
from digest.deliver.provider.provider_calls import ProviderCalls
from digest.deliver.provider.send import Provider, clean_message
from digest.deliver.results import compute_backoff
from digest.flight.states import release_edition
from digest.models import Delivery, Paper, ProviderCall, ProviderPause
from digest.render import Typesetter, header_footer
from subscribers.limits.call_limit import CallLimit
from subscribers.models import Suppression
from tests.digest.flight.editions import make_flight
from tests.factories import NOW, make_delivery
from tests.provider_keys import use_provider
from tests.provider_server import delivery_key
from tests.running import PATIENCE_SECONDS, wait_for
from tests.smtp_server import smtp_server

SETTINGS = {
    "postmark": {"POSTMARK_SERVER_TOKEN": "token"},
    "resend": {"RESEND_API_KEY": "key"},
    "brevo": {"BREVO_API_KEY": "key"},
    "mailgun": {"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mail.example.org"},
}
AMAZON_KEYS = {
    "aws_access_key_id": "name",
    "aws_secret_access_key": "secret",
    "region_name": "eu-west-1",
}
MINUTE = timedelta(minutes=1)
ONE_BY_ONE = RunOptions(size=1)


@pytest.fixture
def use(settings, server):
    """Make Django send through this provider, as the server plays it."""

    def use(name):
        settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
        if name == "amazon_ses":
            pytest.importorskip("boto3")
            text = {"AMAZON_SES_CLIENT_PARAMS": json.dumps({"endpoint_url": server.url})}
            settings.ANYMAIL = read_provider_settings("amazon_ses", prefix_names(text))
            settings.ANYMAIL["AMAZON_SES_SESSION_PARAMS"] = AMAZON_KEYS
            return server.book
        settings.ANYMAIL = SETTINGS[name] | {f"{name.upper()}_API_URL": server.url}
        return server.book

    return use


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Between two tries of a call nobody waits for real."""
    tried = []

    def try_at_once(_, tries):
        tried.append(tries)
        return True

    monkeypatch.setattr(Provider, "_wait_for_try", try_at_once)
    return tried


@pytest.fixture(autouse=True)
def one_call_at_once(settings):
    """So that calls come in the order of their rows; test_hand_over.py has several at once."""
    settings.DELIVER_CALLS_AT_ONCE = 1


@pytest.fixture
def smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 5
    with smtp_server() as server:
        settings.EMAIL_PORT = server.port
        yield server


def prefix_names(names):
    """As the environment has them."""
    return {f"ANYMAIL_{name}": value for name, value in names.items()}


def status(delivery):
    delivery.refresh_from_db()
    return delivery.status


def statuses(deliveries):
    return [status(delivery) for delivery in deliveries]


def make_message(**fields):
    message = EmailMultiAlternatives(
        **{"subject": "Papers", "body": "Text", "to": ["reader@example.org"]} | fields
    )
    message.metadata = {"delivery": "0c5f1a1e-0000-4000-8000-000000000000"}
    return message


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mailersend", "postal"])
def test_a_provider_that_takes_no_metadata_gets_our_key_as_the_one_tag(name, settings, server):
    use_provider(name, server, settings)
    with Provider() as provider:
        provider.send_messages([make_message()])
    [row] = server.book.calls[0].rows
    assert row.get("tags", [row.get("tag")]) == ["0c5f1a1e-0000-4000-8000-000000000000"]


@pytest.mark.django_db
class TestBatches:
    @pytest.mark.parametrize("name", ["postmark", "resend"])
    def test_many_different_messages_are_one_call_with_the_bytes_anymail_would_send(
        self, name, use, server
    ):
        book = use(name)
        made = [make_delivery() for _ in range(3)]
        messages = Typesetter().render_all(made)
        deliver_planned(NOW)
        [call] = book.calls
        backend = get_connection()
        alone = [backend.build_message_payload(m, backend.send_defaults) for m in messages]
        datas = [payload.get_request_params(server.url)["data"] for payload in alone]
        assert call.body == f"[{','.join(datas)}]".encode()
        assert call.path.endswith("/batch")
        assert statuses(made) == ["sent"] * 3
        assert len({d.message_id for d in made} - {""}) == 3

    @pytest.mark.parametrize("name", ["postmark", "resend"])
    def test_every_message_id_ends_with_its_own_delivery(self, name, use):
        book = use(name)
        made = [make_delivery() for _ in range(4)]
        deliver_planned(NOW)
        assert statuses(made) == ["sent"] * 4
        assert book.keys == [str(delivery.key) for delivery in made]

    def test_a_message_refused_in_a_good_answer_fails_alone(self, use):
        book = use("postmark")
        made = [make_delivery() for _ in range(3)]
        book.refused[made[1].subscriber.email] = 406
        deliver_planned(NOW)
        assert statuses(made) == ["sent", "failed", "sent"]
        assert made[1].error == "Refused with code 406."

    @pytest.mark.parametrize("code", [400, 412])
    def test_a_code_against_our_account_fails_nobody_and_stops(self, code, use):
        book = use("postmark")
        delivery = make_delivery()
        book.refused[delivery.subscriber.email] = code
        report = deliver_planned(NOW)
        assert status(delivery) == "planned"
        assert report.stopped.startswith("The provider refuses our account: Refused")

    def test_one_bad_address_does_not_take_the_whole_batch_down(self, use):
        book = use("resend")
        made = [make_delivery() for _ in range(7)]
        book.refused[made[4].subscriber.email] = 422
        deliver_planned(NOW)
        assert statuses(made) == ["sent"] * 4 + ["failed"] + ["sent"] * 2
        assert sorted(book.keys) == sorted(str(d.key) for d in made if d.status == "sent")

    def test_a_pause_in_the_middle_of_the_search_leaves_the_rest_planned(self, use):
        book = use("resend")
        made = [make_delivery() for _ in range(4)]
        book.faults += ["422", "429"]
        deliver_planned(NOW)
        assert (statuses(made), book.accepted) == (["planned"] * 4, [])
        assert [d.attempts for d in made] == [1, 1, 0, 0]

    def test_a_message_that_cannot_be_built_fails_and_the_others_go(self, use):
        use("postmark")
        bad, good = make_message(to=["not an address@@"]), make_message()
        with Provider() as provider:
            results = provider.send_messages([bad, good])
        assert [result.outcome for result in results] == [Outcome.REJECTED, Outcome.SENT]

    def test_where_no_message_can_be_built_nothing_is_called(self, use):
        book = use("postmark")
        with Provider() as provider:
            [result] = provider.send_messages([make_message(to=["not an address@@"])])
        assert (result.outcome, book.calls) == (Outcome.REJECTED, [])

    def test_one_connection_serves_all_calls(self, use):
        book = use("postmark")
        for _ in range(3):
            make_delivery()
        deliver_planned(NOW, options=ONE_BY_ONE)
        assert len(book.calls) == 3
        assert len({call.peer for call in book.calls}) == 1


@pytest.mark.django_db
class TestOutcomes:
    @pytest.mark.parametrize(
        ("fault", "state", "is_accepted"),
        [
            ("", "sent", True),
            ("drop", "in_doubt", True),
            ("drop before", "in_doubt", False),
            ("garbage", "in_doubt", True),
            ("short", "in_doubt", True),
            ("nameless", "in_doubt", True),
            ("rows", "in_doubt", True),
            ("slow", "in_doubt", True),
            ("500", "in_doubt", False),
            ("409", "in_doubt", False),
            ("503", "planned", False),
            ("429", "planned", False),
            ("401", "planned", False),
            ("422", "failed", False),
        ],
    )
    def test_each_answer_ends_in_the_right_state_and_nobody_is_mailed_twice(
        self, fault, state, is_accepted, use, settings
    ):
        book = use("postmark")
        if fault == "slow":
            settings.ANYMAIL["REQUESTS_TIMEOUT"] = (PATIENCE_SECONDS, 0.3)  # to connect, to read
        book.faults.append(fault)
        delivery = make_delivery()
        deliver_planned(NOW)
        wait_for(lambda: bool(book.accepted) == is_accepted, "the provider")
        assert (status(delivery), bool(book.accepted)) == (state, is_accepted)
        assert bool(delivery.error) == (state != "sent")
        sweep(NOW + 20 * MINUTE)
        deliver_planned(NOW + 20 * MINUTE)
        assert status(delivery) == ("sent" if state == "planned" else state)
        assert len(book.accepted) <= 1

    @pytest.mark.parametrize("name", sorted(SETTINGS))
    def test_while_the_provider_cannot_be_reached_everything_waits(self, name, use, server):
        use(name)
        server.shutdown()
        server.server_close()
        made = [make_delivery() for _ in range(2)]
        report = deliver_planned(NOW)
        assert statuses(made) == ["planned"] * 2
        assert made[0].maybe_sent_at is None
        assert report.stopped.startswith("The provider asked for a pause")
        pause = ProviderPause.objects.get()
        assert pause.until >= NOW + DEFAULT_PAUSE
        assert report.stopped == f"{pause.reason} We wait until {pause.until:%H:%M} UTC."

    def test_a_pause_lasts_as_long_as_asked_for_and_one_mail_tries_first(self, use):
        book = use("postmark")
        book.faults.append("429")
        made = [make_delivery() for _ in range(3)]
        deliver_planned(NOW)
        assert deliver_planned(NOW + timedelta(seconds=6)).stopped.startswith("The provider asked")
        deliver_planned(NOW + timedelta(seconds=9))
        assert statuses(made) == ["sent"] * 3
        assert [len(call.rows) for call in book.calls] == [3, 1, 2]
        assert not ProviderPause.objects.exists()

    def test_a_shorter_pause_never_ends_a_longer_one(self, use):
        book = use("postmark")
        book.faults += ["401", "429"]
        make_delivery()
        deliver_planned(NOW)
        ProviderPause.objects.update(until=NOW + timedelta(hours=1))
        asked = SendResult(Outcome.UNAVAILABLE, pause=MINUTE)
        PauseWatch(ProviderPause.objects.get().provider).note_results([asked], NOW)
        assert ProviderPause.objects.get().until == NOW + timedelta(hours=1)

    def test_a_refused_account_stops_the_edition_and_alarms(self, use, caplog):
        book = use("postmark")
        book.faults.append("401")
        made = [make_delivery() for _ in range(3)]
        report = deliver_planned(NOW)
        assert report.stopped.startswith("The provider refuses our account: ")
        assert "CRITICAL" in [record.levelname for record in caplog.records]
        assert statuses(made) == ["planned"] * 3
        deliver_planned(NOW + 14 * MINUTE)
        assert len(book.calls) == 1
        deliver_planned(NOW + 16 * MINUTE)
        assert statuses(made) == ["sent"] * 3

    def test_a_provider_that_falls_silent_is_left_alone_before_all_are_in_doubt(self, use):
        book = use("mailgun")
        book.faults += ["500"] * 50
        for _ in range(10):
            make_delivery()
        report = deliver_planned(NOW)
        assert report.stopped.startswith("The provider gives no answers: ")
        deliver_planned(NOW + 2 * MINUTE)
        by_status = Delivery.objects.values_list("status", flat=True).order_by("pk")
        assert list(by_status) == ["in_doubt"] * 4 + ["planned"] * 6

    @pytest.mark.parametrize("name", sorted(SETTINGS))
    def test_settings_that_are_wrong_are_said_in_words_and_nothing_is_lost(
        self, name, use, settings
    ):
        use(name)
        settings.ANYMAIL = {}
        delivery = make_delivery()
        assert deliver_planned(NOW).stopped.startswith("The provider refuses our account: ")
        assert status(delivery) == "planned"
        assert sweep(NOW)["planned"] == 0

    def test_a_mail_to_nobody_is_refused(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        with smtp_server() as server:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
            with Provider() as provider:
                [result] = provider.send_messages([make_message(to=[])])
        assert result.outcome is Outcome.REJECTED

    def test_a_row_that_waits_for_a_pause_waits_longer_each_time(self, use):
        book = use("mailgun")
        book.faults += ["drop before"]
        waits = [compute_backoff(n) for n in range(1, 10)]
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (MINUTE, timedelta(hours=2))


@pytest.mark.django_db
class TestKeys:
    def test_a_call_without_an_answer_is_made_again_with_the_same_bytes_and_key(
        self, use, no_waiting
    ):
        book = use("resend")
        book.faults += ["drop", "500"]
        made = [make_delivery() for _ in range(2)]
        deliver_planned(NOW)
        assert statuses(made) == ["sent"] * 2
        assert len(book.accepted) == 2
        assert len({(c.body, c.headers["Idempotency-Key"]) for c in book.calls}) == 1
        assert (len(book.calls), no_waiting) == (3, [1, 2])

    @pytest.mark.parametrize("fault", ["drop", "garbage", "500"])
    def test_after_three_tries_the_same_call_is_made_later_as_long_as_its_key_lives(
        self, fault, use
    ):
        book = use("resend")
        book.faults += [fault] * 3
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), len(book.calls)) == ("planned", 3)
        Paper.objects.update(title="Corrected since")
        deliver_planned(NOW + 2 * MINUTE)
        assert (status(delivery), len(book.calls), len(book.accepted)) == ("sent", 4, 1)
        assert len({(c.body, c.headers["Idempotency-Key"]) for c in book.calls}) == 1
        assert not ProviderCall.objects.exists()

    def test_a_call_that_may_not_be_made_is_not(self, use):
        book = use("resend")
        claimed = [make_delivery(), make_delivery()]
        with Provider() as provider:
            results = provider.send_messages(Typesetter().render_all(claimed), lambda *_: False)
        assert ({result.outcome for result in results}, book.calls) == ({Outcome.NOT_ATTEMPTED}, [])

    @pytest.mark.parametrize("fault", ["drop", "garbage", "500"])
    def test_without_a_key_it_is_in_doubt_and_never_called_again(self, fault, use):
        book = use("postmark")
        book.faults += [fault]
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), len(book.calls)) == ("in_doubt", 1)
        deliver_planned(NOW + timedelta(hours=2))
        assert len(book.calls) == 1

    @pytest.mark.parametrize("second", ["429", "401", "422"])
    def test_a_no_to_the_second_try_says_nothing_of_the_first(self, second, use):
        book = use("resend")
        book.faults += ["drop", second]
        delivery = make_delivery()
        report = deliver_planned(NOW)
        assert (status(delivery), len(book.accepted)) == ("planned", 1)
        assert bool(report.stopped) == (second == "429")
        deliver_planned(NOW + 2 * MINUTE)
        assert (status(delivery), len(book.accepted)) == ("sent", 1)

    def test_other_bytes_under_a_known_key_are_in_doubt(self, use):
        book = use("resend")
        delivery = make_delivery()
        deliver_planned(NOW)
        [call] = book.calls
        book.known[call.headers["Idempotency-Key"]] = (b"other bytes", None)
        Delivery.objects.update(status="planned", sent_at=None, maybe_sent_at=None, call="")
        for hour in range(24):
            deliver_planned(NOW + timedelta(hours=hour))
        assert (status(delivery), len(book.accepted)) == ("in_doubt", 1)

    def begin_a_call(self, use, count=3):
        """A worker hands a batch over, is heard or not, and dies before it can say so."""
        use("resend")
        made = [make_delivery() for _ in range(count)]
        with Provider() as provider:
            claimed = claim(NOW)
            begin_calls(claimed, NOW, provider.traits)
            calls = ProviderCalls(claimed, Typesetter().render_all(claimed), begun_at=NOW)
            calls.make(provider, lambda do: do())
        return made

    def test_a_batch_that_a_dead_worker_began_is_made_again_as_it_was(self, use, server):
        made = self.begin_a_call(use)
        late = make_delivery()
        assert sweep(NOW + 10 * MINUTE)["planned"] == 3
        deliver_planned(NOW + 11 * MINUTE, only=late.subscriber.email)
        deliver_planned(NOW + 11 * MINUTE, only=made[0].subscriber.email)
        assert statuses([*made, late]) == ["planned"] * 3 + ["sent"]
        deliver_planned(NOW + 12 * MINUTE)
        assert statuses(made) == ["sent"] * 3
        assert len(server.book.accepted) == 4
        first, _, again = server.book.calls
        assert (first.body, first.headers["Idempotency-Key"]) == (
            again.body,
            again.headers["Idempotency-Key"],
        )
        assert len({delivery.message_id for delivery in Delivery.objects.all()}) == 4

    def test_a_batch_of_an_edition_that_is_held_by_now_waits_with_it(self, use, server):
        made = self.begin_a_call(use)
        sweep(NOW + 10 * MINUTE)
        edition = made[0].edition
        flight = make_flight(edition, state="held", held_in="flying", reason="Too many bounces.")
        looks = iter(range(50))  # a run that takes the batch all the same would never end
        options = RunOptions(keep_going=lambda: next(looks, None) is not None)
        assert "Too many bounces." in deliver_planned(NOW + 11 * MINUTE, options=options).stopped
        assert (statuses(made), len(server.book.calls)) == (["planned"] * 3, 1)
        release_edition(flight, "ada", NOW + 12 * MINUTE)
        deliver_planned(NOW + 12 * MINUTE)
        assert (statuses(made), len(server.book.accepted)) == (["sent"] * 3, 3)

    @pytest.mark.parametrize("fault", ["401", "429", "500"])
    def test_a_batch_made_again_hears_the_same_answers_as_any(self, fault, use, server):
        made = self.begin_a_call(use)
        sweep(NOW + 10 * MINUTE)
        server.book.faults += [fault] * (3 if fault == "500" else 1)
        deliver_planned(NOW + 11 * MINUTE)
        assert statuses(made) == ["planned"] * 3
        deliver_planned(NOW + 40 * MINUTE)
        assert statuses(made) == ["sent"] * 3
        assert len(server.book.accepted) == 3

    @pytest.mark.parametrize("change", ["text", "gone", "template", "settled"])
    def test_whatever_changes_meanwhile_a_batch_is_made_again_as_it_was(
        self, change, use, server, monkeypatch
    ):
        made = self.begin_a_call(use)
        sweep(NOW + 10 * MINUTE)
        paper = Paper.objects.filter(pk=made[0].contents["papers"][0]["id"])
        if change == "text":
            paper.update(title="Another")
        elif change == "gone":
            paper.delete()
        elif change == "template":
            monkeypatch.setattr(header_footer, "THANKS", "Another word of thanks.")
        else:
            # The provider took it as a whole, so that nothing need be asked.
            Delivery.objects.filter(pk=made[1].pk).update(status="sent", sent_at=NOW)
        deliver_planned(NOW + 11 * MINUTE)
        assert statuses(made) == ["sent"] * 3
        assert len({call.body for call in server.book.calls}) == 1
        assert len(server.book.calls) == (1 if change == "settled" else 2)
        assert len(server.book.accepted) == 3

    def leave_after_a_call(self, use):
        """One of a batch's readers leaves while nobody knows what became of the call."""
        made = self.begin_a_call(use)
        sweep(NOW + 10 * MINUTE)
        Suppression.objects.suppress(made[1].subscriber.email, "manual")
        return made

    def test_a_batch_of_which_one_must_go_leaves_without_it_where_it_was_not_accepted(
        self, use, server
    ):
        made = self.leave_after_a_call(use)
        server.book.accepted.clear()
        server.book.known.clear()
        deliver_planned(NOW + 11 * MINUTE)
        assert statuses(made) == ["sent", "suppressed", "sent"]
        assert server.book.keys == [str(made[0].key), str(made[2].key)]

    def test_a_batch_of_which_one_must_go_is_asked_for_at_once_where_it_was_accepted(
        self, use, server
    ):
        made = self.leave_after_a_call(use)
        deliver_planned(NOW + 11 * MINUTE)
        assert statuses(made) == ["in_doubt"] * 3
        assert (len(server.book.calls), len(server.book.accepted)) == (2, 3)
        settle_doubts(NOW + 13 * MINUTE)
        assert statuses(made) == ["sent"] * 3

    @pytest.mark.usefixtures("no_waiting")
    def test_a_batch_that_was_split_is_made_again_as_it_was_split(self, use, server):
        made = self.leave_after_a_call(use)
        server.book.accepted.clear()
        server.book.known.clear()
        server.book.faults += ["drop"] * 3
        deliver_planned(NOW + 11 * MINUTE)
        assert statuses(made) == ["planned", "in_doubt", "planned"]
        deliver_planned(NOW + 15 * MINUTE)
        assert statuses(made) == ["sent", "suppressed", "sent"]
        assert len(server.book.accepted) == 2
        assert len({call.body for call in server.book.calls}) == 2

    @pytest.mark.parametrize("change", ["late", "account", "bytes"])
    def test_a_batch_that_would_be_another_one_is_in_doubt_and_never_called(
        self, change, use, server, settings
    ):
        made = self.begin_a_call(use)
        sweep(NOW + 10 * MINUTE)
        now = NOW + (21 * 60 if change == "late" else 11) * MINUTE
        if change == "account":
            settings.ANYMAIL = settings.ANYMAIL | {"RESEND_API_KEY": "of another account"}
        elif change == "bytes":
            ProviderCall.objects.update(body=zlib.compress(b"[]"))
        deliver_planned(now)
        assert statuses(made) == ["in_doubt"] * 3
        assert (len(server.book.calls), len(server.book.accepted)) == (1, 3)

    def test_a_worker_that_died_before_it_noted_the_call_had_made_none(self, use):
        book = use("resend")
        delivery = make_delivery(call="of an earlier call")
        with Provider() as provider:
            begin_calls(claim(NOW), NOW, provider.traits)
        assert sweep(NOW + 10 * MINUTE)["planned"] == 1
        deliver_planned(NOW + 10 * MINUTE)
        assert (status(delivery), len(book.accepted)) == ("sent", 1)

    def test_brevo_gets_a_message_again_under_the_deliverys_own_key(self, use):
        book = use("brevo")
        book.faults += ["drop", "drop before", ""]
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), delivery.retry_at > NOW) == ("planned", True)
        deliver_planned(NOW + 2 * MINUTE)
        assert status(delivery) == "planned"
        deliver_planned(NOW + 6 * MINUTE)
        assert (status(delivery), len(book.accepted), len(book.calls)) == ("sent", 1, 3)
        assert {call.rows[0]["headers"]["idempotencyKey"] for call in book.calls} == {
            str(delivery.key)
        }
        assert delivery.message_id

    def test_brevo_forgets_its_keys_and_then_nothing_is_sent_again(self, use):
        book = use("brevo")
        book.faults.append("drop")
        delivery = make_delivery()
        deliver_planned(NOW)
        assert deliver_planned(NOW + 16 * MINUTE).counts == {"in_doubt": 1}
        assert (status(delivery), len(book.calls)) == ("in_doubt", 1)

    def test_a_refusal_after_a_call_without_an_answer_is_in_doubt(self, use):
        book = use("brevo")
        book.faults += ["drop", "422"]
        delivery = make_delivery()
        deliver_planned(NOW)
        deliver_planned(NOW + 2 * MINUTE)
        assert status(delivery) == "in_doubt"

    def test_a_dead_worker_leaves_brevo_rows_to_be_sent_again_only_while_the_key_lives(self, use):
        use("brevo")
        make_delivery()
        with Provider() as provider:
            traits = provider.traits
        begin_calls(claim(NOW), NOW, traits)
        assert sweep(NOW + 10 * MINUTE)["planned"] == 1
        again = claim(NOW + 11 * MINUTE, traits)
        assert len(begin_calls(again, NOW + 11 * MINUTE, traits)) == 1
        assert sweep(NOW + 21 * MINUTE)["in_doubt"] == 1

    @pytest.mark.parametrize("fault", ["drop", "drop before"])
    def test_another_provider_never_sends_what_the_first_may_have_sent(self, fault, use, settings):
        book = use("brevo")
        book.faults.append(fault)
        unclear = make_delivery()
        deliver_planned(NOW)
        untried = make_delivery()
        settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND  # it would take its keys for ever
        deliver_planned(NOW + 2 * MINUTE)
        assert (status(unclear), status(untried)) == ("in_doubt", "sent")
        assert unclear.provider.startswith("Brevo ")
        assert untried.provider.startswith("outbox ")
        assert len(read_outbox(settings.OUTBOX_DIR)) == 1

    def test_another_account_at_the_same_provider_is_another_provider(self, use, settings):
        book = use("brevo")
        book.faults.append("drop")
        delivery = make_delivery()
        deliver_planned(NOW)
        settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": "new:secret"}
        with Provider() as same:
            assert same.traits.name == Delivery.objects.get().provider
        settings.ANYMAIL = settings.ANYMAIL | {"BREVO_API_KEY": "of another account"}
        deliver_planned(NOW + 2 * MINUTE)
        assert (status(delivery), len(book.calls)) == ("in_doubt", 1)

    def test_a_sweep_under_another_provider_gives_nothing_back(self, use, settings):
        use("brevo")
        delivery = make_delivery()
        with Provider() as provider:
            begin_calls(claim(NOW), NOW, provider.traits)
        settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
        assert sweep(NOW + 10 * MINUTE)["in_doubt"] == 1
        assert status(delivery) == "in_doubt"


@pytest.mark.django_db
class TestSmtp:
    @pytest.mark.parametrize(
        ("fault", "state", "is_accepted"),
        [
            ("", "sent", True),
            ("MAIL 421", "planned", False),
            ("RCPT 421", "planned", False),
            ("RCPT 450", "planned", False),
            ("RCPT 550", "failed", False),
            ("MAIL 450", "planned", False),
            ("MAIL 550", "planned", False),  # our sender is refused, not this reader
            ("MAIL 552", "failed", False),
            ("DATA 451", "planned", False),
            ("DATA 554", "failed", False),
            ("END 421", "planned", False),
            ("END 450", "planned", False),
            ("END 550", "failed", False),
            ("END drop", "in_doubt", True),
            ("MAIL drop", "planned", False),
            ("RCPT drop", "planned", False),
            ("MAIL 530", "planned", False),
        ],
    )
    def test_each_answer_ends_in_the_right_state(self, fault, state, is_accepted, smtp):
        smtp.faults.append(fault)
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), bool(smtp.accepted)) == (state, is_accepted)
        deliver_planned(NOW + 20 * MINUTE)
        assert status(delivery) == ("sent" if state == "planned" else state)
        assert len(smtp.accepted) <= 1

    @pytest.mark.parametrize("fault", ["END drop", "MAIL drop", "RCPT 550"])
    def test_a_dropped_line_is_heard_by_one_message_only(self, fault, smtp):
        smtp.faults += ["", fault, ""]
        made = [make_delivery() for _ in range(4)]
        deliver_planned(NOW)
        assert [s == "sent" for s in statuses(made)] == [True, False, True, True]

    def test_one_connection_serves_all_messages(self, smtp):
        for _ in range(5):
            make_delivery()
        deliver_planned(NOW)
        assert (len(smtp.accepted), smtp.connections) == (5, 1)

    @pytest.mark.parametrize(
        ("greeting", "why"), [("421", "asked for a pause"), ("554", "account")]
    )
    def test_a_server_that_does_not_let_us_in_fails_nobody(self, greeting, why, smtp):
        smtp.greeting = f"{greeting} go away"
        delivery = make_delivery()
        report = deliver_planned(NOW)
        assert status(delivery) == "planned"
        assert why in report.stopped

    def test_a_server_that_is_not_there_fails_nobody(self, smtp):
        smtp.shutdown()
        smtp.server_close()
        delivery = make_delivery()
        report = deliver_planned(NOW)
        assert (status(delivery), delivery.maybe_sent_at) == ("planned", None)
        assert "asked for a pause" in report.stopped

    def test_whoever_leaves_while_the_chunk_is_under_way_gets_no_mail(self, smtp, monkeypatch):
        made = [make_delivery() for _ in range(2)]
        gone, render = made[1].subscriber.email, Typesetter.render_each

        def render_and_leave(self, deliveries):
            Suppression.objects.suppress(gone, "manual")
            return render(self, deliveries)

        monkeypatch.setattr(Typesetter, "render_each", render_and_leave)
        deliver_planned(NOW)
        assert statuses(made) == ["sent", "suppressed"]
        assert len(smtp.accepted) == 1


# Seconds that a call may take; any wait that begins anew with each byte outlives the tests. A good
# call beside the slow ones must end in that time on a busy machine too.
SHORT, WITH_GOOD_CALLS = 1.0, 4.0


@pytest.fixture
def limit_calls(monkeypatch):
    def limit_calls(seconds):
        monkeypatch.setattr(CallLimit.__init__, "__defaults__", (seconds,))

    limit_calls(SHORT)
    return limit_calls


@pytest.mark.django_db
@pytest.mark.usefixtures("limit_calls")
class TestTrickles:
    @pytest.mark.parametrize("name", [*sorted(SETTINGS), "amazon_ses"])
    def test_an_answer_that_never_ends_is_left_and_in_doubt_or_asked_for_again(self, name, use):
        book = use(name)
        book.faults += ["trickle"] * 3  # Resend is called again under its key
        began = time.monotonic()
        delivery = make_delivery()
        deliver_planned(NOW)
        assert time.monotonic() - began < PATIENCE_SECONDS
        assert status(delivery) == ("planned" if name in ("brevo", "resend") else "in_doubt")
        assert delivery.error == "The answer did not end within 1 seconds."
        assert len(book.calls) == (3 if name == "resend" else 1)
        assert len(book.accepted) == 1

    @pytest.mark.parametrize(
        ("name", "mails", "seconds"),
        [("mailgun", 1, 0.5), ("amazon_ses", 1, 0.5), ("postmark", 1, 0.5), ("postmark", 2, SHORT)],
    )
    def test_a_call_with_one_mail_ends_sooner_than_one_with_many(
        self, name, mails, seconds, use, monkeypatch
    ):
        monkeypatch.setattr("digest.deliver.provider.send.ONE_MAIL_SECONDS", 0.5)
        use(name).faults.append("trickle")
        for _ in range(mails):
            delivery = make_delivery()
        deliver_planned(NOW)
        assert status(delivery) == "in_doubt"
        assert delivery.error == f"The answer did not end within {seconds:.3g} seconds."

    def test_what_comes_after_it_goes_out_over_a_connection_of_its_own(self, use, limit_calls):
        limit_calls(WITH_GOOD_CALLS)
        book = use("mailgun")
        book.faults += ["", "trickle"]
        made = [make_delivery() for _ in range(4)]
        deliver_planned(NOW)
        assert statuses(made) == ["sent", "in_doubt", "sent", "sent"]

    def test_no_thread_is_left_behind(self, use):
        book = use("postmark")
        book.faults += ["trickle"] * 3
        for _ in range(3):
            make_delivery()
        deliver_planned(NOW, options=ONE_BY_ONE)
        clocks = (t for t in threading.enumerate() if isinstance(t, threading.Timer))
        wait_for(lambda: not any(clock.is_alive() for clock in clocks), "the clocks")

    @pytest.mark.parametrize(
        ("fault", "state", "is_accepted"),
        [
            ("END trickle", "in_doubt", True),
            pytest.param("END half", "in_doubt", True, marks=pytest.mark.thorough),
            pytest.param("MAIL trickle", "planned", False, marks=pytest.mark.thorough),
            ("RCPT trickle", "planned", False),
            pytest.param("RCPT half", "planned", False, marks=pytest.mark.thorough),
        ],
    )
    def test_a_mail_server_is_left_as_well(self, fault, state, is_accepted, smtp, limit_calls):
        limit_calls(WITH_GOOD_CALLS if "trickle" in fault else PATIENCE_SECONDS)
        smtp.faults += ["", fault]
        made = [make_delivery() for _ in range(3)]
        deliver_planned(NOW)
        assert statuses(made) == ["sent", state, "sent"]
        assert len(smtp.accepted) == 2 + is_accepted

    def test_a_greeting_that_never_ends_fails_nobody(self, smtp):
        smtp.greeting = "trickle"
        delivery = make_delivery()
        assert "asked for a pause" in deliver_planned(NOW).stopped
        assert (status(delivery), delivery.maybe_sent_at) == ("planned", None)

    def test_a_goodbye_that_never_ends_changes_nothing(self, smtp, limit_calls):
        limit_calls(WITH_GOOD_CALLS)
        smtp.goodbye = "trickle"
        delivery = make_delivery()
        deliver_planned(NOW)
        assert status(delivery) == "sent"


class StrangeBackend(BaseEmailBackend):
    """A backend that raises what nobody foresaw."""

    def send_messages(self, email_messages):
        raise LookupError(f"strange: {len(email_messages)}")


class UnreadyBackend(StrangeBackend):
    def __init__(self, **_options):
        raise TypeError("a number, please")


class BadlyClosed(StrangeBackend):
    def send_messages(self, email_messages):
        return len(email_messages)

    def close(self):
        raise AttributeError("no connection")


@pytest.mark.django_db
class TestStrangeExceptions:
    def deliver_through(self, kind, settings):
        settings.EMAIL_BACKEND = f"{__name__}.{kind.__name__}"
        delivery = make_delivery()
        report = deliver_planned(NOW)
        assert status(delivery) != "claimed"
        return delivery, report

    def test_one_while_sending_leaves_the_row_in_doubt(self, settings):
        delivery, _ = self.deliver_through(StrangeBackend, settings)
        assert (status(delivery), delivery.error) == ("in_doubt", "strange: 1")

    def test_one_while_the_backend_is_made_loses_nothing(self, settings):
        delivery, report = self.deliver_through(UnreadyBackend, settings)
        assert (status(delivery), "a number, please" in report.stopped) == ("planned", True)

    def test_one_at_the_goodbye_changes_nothing(self, settings):
        delivery, _ = self.deliver_through(BadlyClosed, settings)
        assert status(delivery) == "sent"

    @pytest.mark.parametrize("name", sorted(SETTINGS))
    def test_a_time_out_given_as_text_loses_no_edition(self, name, use, settings):
        """The settings refuse it at the start; here it gets past them."""
        book = use(name)
        settings.ANYMAIL["REQUESTS_TIMEOUT"] = "30"
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), delivery.maybe_sent_at) == ("planned", None)
        settings.ANYMAIL = {**settings.ANYMAIL, "REQUESTS_TIMEOUT": 30}
        deliver_planned(NOW + 20 * MINUTE)
        assert (status(delivery), len(book.accepted)) == ("sent", 1)

    @pytest.mark.parametrize("name", ["postmark", "mailgun"])
    def test_an_address_of_the_interface_that_is_none_loses_no_edition(self, name, use, settings):
        use(name)
        settings.ANYMAIL[f"{name.upper()}_API_URL"] = "api.example.org"
        delivery = make_delivery()
        assert deliver_planned(NOW).stopped.startswith("The provider refuses our account: ")
        assert (status(delivery), delivery.maybe_sent_at) == ("planned", None)

    @pytest.mark.parametrize("name", ["postmark", "mailgun"])
    def test_defaults_of_a_wrong_kind_lose_no_edition(self, name, use, settings):
        use(name)
        settings.ANYMAIL["SEND_DEFAULTS"] = "track_opens"
        made = [make_delivery() for _ in range(2)]
        deliver_planned(NOW)
        assert statuses(made) == ["planned"] * 2
        assert [delivery.maybe_sent_at for delivery in made] == [None] * 2


@pytest.mark.django_db
class TestAmazon:
    def test_a_call_without_an_answer_is_made_once(self, use):
        """boto3 would make it up to five times by itself, and SES send as many mails."""
        book = use("amazon_ses")
        book.faults += ["drop"] * 5
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), len(book.calls)) == ("in_doubt", 1)

    def test_the_account_keeps_its_name_whatever_boto3_makes_of_its_settings(self, use):
        use("amazon_ses")
        with Provider() as provider:
            provider.send_messages([make_message()])
            with Provider() as another:
                assert another.traits.name == provider.traits.name

    def test_a_mail_goes_out_under_our_key(self, use):
        book = use("amazon_ses")
        delivery = make_delivery()
        deliver_planned(NOW)
        assert (status(delivery), book.keys) == ("sent", [str(delivery.key)])
        assert delivery.message_id


NASTY = "Papers\r\nBcc: victim@example.org\n\x00\x1b\u202e\x85\u2028end"
FORBIDDEN = set("\r\n\x00\x1b\u202e\x85\u2028")


def make_nasty():
    return make_message(
        subject=NASTY,
        to=["reader@example.org\r\nBcc: victim@example.org"],
        headers={"List-Id": f"<{NASTY}>", "X-Bad\r\nBcc": "victim@example.org"},
    )


class TestHeaders:
    @pytest.mark.parametrize("name", sorted(SETTINGS))
    def test_no_control_character_reaches_the_body_of_a_call(self, name, use):
        book = use(name)
        message = make_nasty()
        message.to = ["reader@example.org"]
        with Provider() as provider:
            [result] = provider.send_messages([message])
        assert result.outcome is Outcome.SENT
        [call] = book.calls
        if name == "mailgun":
            texts = [text for pair in parse_qsl(call.body.decode()) for text in pair]
        else:
            texts = [text for row in call.rows for text in strings(row)]
        assert not FORBIDDEN & set("".join(texts))
        assert "Papers Bcc: victim@example.org end" in texts

    def test_no_second_address_slips_in_behind_the_first(self, use):
        book = use("postmark")
        with Provider() as provider:
            [result] = provider.send_messages([make_nasty()])
        assert (result.outcome, book.calls) == (Outcome.REJECTED, [])

    def test_no_control_character_reaches_a_mail_server(self, smtp):
        message = make_nasty()
        message.to = ["reader@example.org"]
        with Provider() as provider:
            provider.send_messages([message])
        head, _, _ = smtp.accepted[0].decode().partition("\r\n\r\n")
        assert "\r\nBcc:" not in head
        assert not FORBIDDEN & set(head.replace("\r\n", ""))

    def test_no_control_character_reaches_the_outbox(self, settings):
        settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
        message = make_nasty()
        message.to = ["reader@example.org"]
        with Provider() as provider:
            provider.send_messages([message])
        [letter] = read_outbox(settings.OUTBOX_DIR)
        headers = dict(read_mail(settings.OUTBOX_DIR, letter.name).headers)
        assert "Bcc" not in headers
        assert not FORBIDDEN & set("".join(headers.values()))

    @pytest.mark.skipif(
        importlib.util.find_spec("boto3") is None, reason="boto3 is not installed: no Amazon SES."
    )
    def test_no_control_character_reaches_amazon(self, settings):
        settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
        backend = get_connection()
        message = make_nasty()
        message.to = ["reader@example.org"]
        clean_message(message)
        payload = backend.build_message_payload(message, {})
        head, _, _ = payload.mime_message.as_string().partition("\n\n")
        assert "\nBcc:" not in head

    def test_proxies_and_passwords_of_the_environment_are_read_once(
        self, use, monkeypatch, tmp_path
    ):
        book = use("postmark")
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login someone password else")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.delenv("NO_PROXY", raising=False)
        with Provider() as provider:
            provider.send_messages([make_message()])
            session = provider._backend.session
            assert (session.trust_env, session.proxies["https"]) == (False, "http://127.0.0.1:9")
        assert "Authorization" not in book.calls[0].headers


def strings(value):
    """All the texts in a JSON value, names too."""
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except ValueError:
            return [value]
        return [value] if isinstance(inner, str | int | float | None) else strings(inner)
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return []


def test_a_key_is_found_wherever_the_provider_wants_it():
    assert delivery_key({"Metadata": {"delivery": "k"}}) == "k"
