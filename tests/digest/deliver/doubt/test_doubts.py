"""What is in doubt ends by itself: as sent, as mailed again, or in the next digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent

from digest.compose import compose_due
from digest.deliver import deliver_planned, settle_doubts
from digest.deliver.audit import audit
from digest.deliver.doubt.doubts import FIRST_LOOK, mail_again, mark_as_sent
from digest.management.doctor.provider import EXTRAS
from digest.models import Delivery, Edition, Paper, ProviderPace, ProviderPause
from digest.track.stage import track_event
from tests.digest.deliver.doubtful_mails import make_doubtful, report_on
from tests.factories import (
    NOW,
    make_delivery,
    make_match,
    make_paper,
    make_pause,
    make_reader,
)
from tests.provider_keys import KEYS
from tests.provider_server import Server
from tests.row_locks import must_wait_for

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def doubt(server: Server, *faults: str) -> Delivery:
    """A delivery whose call met the faults, and everything that is done of it by itself."""
    delivery = make_delivery()
    server.book.faults.extend(faults)
    deliver_planned(NOW)
    server.book.faults.clear()
    Delivery.objects.filter(pk=delivery.pk).exclude(status="in_doubt").update(status="in_doubt")
    delivery.refresh_from_db()
    assert delivery.maybe_sent_at
    return delivery


def settle(delivery: Delivery, after: timedelta) -> str:
    ProviderPace.objects.all().delete()  # the time that each page waits for has passed
    settle_doubts(NOW + after)
    delivery.refresh_from_db()
    return delivery.status


@pytest.mark.parametrize("provider", ["postmark", "mailgun", "brevo", "resend"])
def test_what_the_provider_has_is_sent_and_what_it_has_not_is_mailed_again(
    provider: str, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.provider.send.TRIES", 1)
    use(provider)
    had, had_not = doubt(server, "drop"), doubt(server, "drop before")
    assert settle(had, 3 * MINUTE) == "sent"
    assert had.message_id.strip("<>") == f"found-{had.key}"
    assert had.sent_at == had.maybe_sent_at
    # A "no" is not believed at once: it may stand in the provider's own queue.
    assert settle(had_not, 3 * MINUTE) == "in_doubt"
    assert settle(had_not, 2 * HOUR) == "planned"
    deliver_planned(NOW + 2 * HOUR)
    had_not.refresh_from_db()
    assert had_not.status == "sent"
    assert sorted(server.book.keys) == sorted(str(d.key) for d in (had, had_not))


def test_the_provider_is_asked_less_and_less_often(
    use: Callable[[str], None], server: Server
) -> None:
    use("postmark")
    delivery = doubt(server, "drop")
    server.book.search_status = 500
    for minute in range(0, 24 * 60, 20):
        settle_doubts(NOW + minute * MINUTE)
    assert settle(delivery, 24 * HOUR) == "in_doubt"
    assert 5 < len(server.book.searched) < 16


@pytest.mark.parametrize("provider", ["brevo", "resend"])
def test_whoever_moved_since_is_looked_for_under_the_address_of_then(
    provider: str, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.provider.send.TRIES", 1)
    use(provider)
    delivery = doubt(server, "drop")
    subscriber = delivery.subscriber
    for hours in (1, 2):
        subscriber.former_addresses.create(email=subscriber.email, left_at=NOW + hours * HOUR)
        subscriber.email = f"moved{hours}@example.org"
    subscriber.save()
    assert settle(delivery, 5 * HOUR) == "sent"


@pytest.mark.parametrize("provider", ["brevo", "resend"])
def test_whom_staff_moved_since_is_looked_for_under_the_address_of_then_too(
    provider: str, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.provider.send.TRIES", 1)
    use(provider)
    delivery = doubt(server, "drop")
    delivery.subscriber.email = "moved@example.org"
    delivery.subscriber.save()
    assert settle(delivery, 5 * HOUR) == "sent"


@pytest.mark.parametrize("status", [200, 401, 500])
def test_an_answer_that_tells_nothing_settles_nothing(
    status: int, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("postmark")
    delivery = doubt(server, "drop")
    server.book.search_status = status
    monkeypatch.setattr("tests.provider_server.find_accepted", lambda *_: {"else": []})
    assert settle(delivery, 5 * HOUR) == "in_doubt"


def test_a_search_that_ignores_what_it_was_asked_settles_nothing_wrongly(
    use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("postmark")
    delivery = doubt(server, "drop")
    another = {"Messages": [{"MessageID": "another", "Metadata": {}}]}
    monkeypatch.setattr("tests.provider_server.find_accepted", lambda *_: another)
    assert settle(delivery, 3 * MINUTE) == "in_doubt"


def test_nobody_is_asked_before_the_call_can_be_over(
    use: Callable[[str], None], server: Server
) -> None:
    use("postmark")
    settle(doubt(server, "drop"), FIRST_LOOK - timedelta(seconds=1))
    assert server.book.searched == []


@pytest.mark.parametrize(
    ("reported", "keyed", "ends"),
    [(20, 20, "planned"), (18, 18, "in_doubt"), (20, 18, "in_doubt")],
)
@pytest.mark.parametrize("provider", ["mailjet", "amazon_ses", "mandrill", "mailersend", "postal"])
def test_silence_tells_only_where_reports_are_seen_to_come_with_our_key(
    provider: str, reported: int, keyed: int, ends: str, settings: Any
) -> None:
    if provider in EXTRAS:
        pytest.importorskip(EXTRAS[provider][0])
    settings.EMAIL_BACKEND = f"anymail.backends.{provider}.EmailBackend"
    settings.ANYMAIL = KEYS[provider]
    [delivery] = make_doubtful(1)
    peers = make_doubtful(20, status="sent", sent_at=NOW, maybe_sent_at=None)
    for n, peer in enumerate(peers[:reported]):
        report_on(peer, has_key=n < keyed)
    assert settle(delivery, 11 * HOUR) == "in_doubt"
    assert settle(delivery, 23 * HOUR) == ends


def test_the_reports_of_one_account_say_nothing_of_another_in_the_same_hour(
    settings: Any,
) -> None:
    """A key was changed, and what is reported is only what left by the former account."""
    settings.EMAIL_BACKEND = "anymail.backends.mailjet.EmailBackend"
    settings.ANYMAIL = KEYS["mailjet"]
    for peer in make_doubtful(20, status="sent", sent_at=NOW, maybe_sent_at=None):
        report_on(peer)
    [known] = make_doubtful(1)
    [unknown] = make_doubtful(1, provider="Mailjet 0f0f0f0f 0f0f0f0f")
    settle_doubts(NOW + 23 * HOUR)
    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.status, unknown.status) == ("planned", "in_doubt")


def test_what_is_no_longer_news_or_came_in_the_next_digest_is_not_mailed_again() -> None:
    doubtful = {"status": "in_doubt", "maybe_sent_at": NOW, "claimed_at": NOW}
    old = make_delivery(**doubtful, covers_until=NOW - 25 * HOUR)
    came, came_not, fresh = (make_delivery(**doubtful) for _ in range(3))
    tomorrow = Edition.objects.create(date=(NOW + 24 * HOUR).date())
    next_one = {"edition": tomorrow, "covers_until": NOW + 20 * HOUR}
    make_delivery(subscriber=came.subscriber, contents=came.contents, **next_one)
    # Composed while the first was not in doubt yet, and so without its papers.
    make_delivery(subscriber=came_not.subscriber, **next_one)
    counts = mail_again(Delivery.objects.all(), NOW + HOUR)
    assert counts == {"expired": 2, "planned": 2}
    ends = ((old, "expired"), (came, "expired"), (came_not, "planned"), (fresh, "planned"))
    for delivery, status in ends:
        delivery.refresh_from_db()
        assert (delivery.status, delivery.maybe_sent_at) == (status, None)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_no_digest_is_composed_between_the_look_at_the_others_and_the_change() -> None:
    """Composing locks its subscribers: mailing them again waits until their digest is there."""
    make_doubtful(1)
    with must_wait_for("SELECT * FROM subscribers_subscriber FOR UPDATE"):
        mail_again(Delivery.objects.all(), NOW + HOUR)


def test_a_look_that_took_long_does_not_settle_a_later_call(
    use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker mailed it again meanwhile, and that line broke too."""
    use("postmark")
    delivery = doubt(server, "drop before")

    def wait_long(*_: Any) -> float:
        Delivery.objects.update(maybe_sent_at=NOW + 2 * HOUR, claimed_at=NOW + 2 * HOUR)
        return 0.0

    monkeypatch.setattr("digest.deliver.doubt.doubt_look_ups.take_turn", wait_long)
    assert settle(delivery, 2 * HOUR) == "in_doubt"
    assert delivery.maybe_sent_at == NOW + 2 * HOUR


@pytest.mark.parametrize("status", ["planned", "claimed", "expired"])
def test_a_report_after_all_proves_that_it_was_sent(status: str) -> None:
    delivery = make_delivery(status=status, claimed_at=NOW, attempts=2)
    event = AnymailTrackingEvent(
        event_type="delivered",
        message_id="x",
        recipient=delivery.subscriber.email,
        metadata={"delivery": str(delivery.key)},
        timestamp=NOW,
    )
    assert track_event(event, NOW)
    delivery.refresh_from_db()
    assert delivery.status == "sent"


@pytest.mark.parametrize("provider", ["brevo", "resend"])
def test_a_title_corrected_since_is_no_proof_that_it_was_not_sent(
    provider: str, use: Callable[[str], None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.provider.send.TRIES", 1)
    use(provider)
    delivery = doubt(server, "drop")
    Paper.objects.update(title="Another title altogether")
    assert settle(delivery, 5 * HOUR) == "in_doubt"


def test_one_refusal_ends_a_run_and_a_pause_is_obeyed(
    use: Callable[[str], None], server: Server
) -> None:
    use("postmark")
    for _ in range(3):
        doubt(server, "drop")
    server.book.search_status = 429
    settle_doubts(NOW + 3 * MINUTE)
    assert len(server.book.searched) == 1
    ProviderPause.objects.all().delete()  # for three silences
    make_pause(paused_at=NOW, until=NOW + HOUR)
    settle_doubts(NOW + 30 * MINUTE)
    assert len(server.book.searched) == 1


def test_only_what_is_in_doubt_is_settled() -> None:
    sent = make_delivery(status="sent", sent_at=NOW)
    assert mark_as_sent(Delivery.objects.all()) == 0
    assert mail_again(Delivery.objects.all(), NOW).total() == 0
    sent.refresh_from_db()
    assert sent.status == "sent"


@pytest.fixture
def follower(settings: Any) -> Any:
    """A reader whose digest of this morning is in doubt, due again tomorrow."""
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    reader = make_reader("diffusion policy", next_digest_at=NOW)
    make_match(make_paper(title="First"), "diffusion policy")
    compose_due(NOW)
    delivery = Delivery.objects.get()
    assert delivery.status == "planned"
    Delivery.objects.update(status="in_doubt", maybe_sent_at=NOW, claimed_at=NOW)
    return reader


def compose_tomorrow() -> Delivery:
    later = NOW + 24 * HOUR
    fields = {"published_at": later, "first_seen_at": later, "news_at": later}
    make_match(make_paper(title="Second", **fields), "diffusion policy")
    compose_due(later)
    return Delivery.objects.get(edition__date=later.date())


def test_papers_of_a_digest_in_doubt_come_in_the_next_one_marked(follower: Any) -> None:
    second = compose_tomorrow()
    titles = dict(Paper.objects.values_list("pk", "title"))
    marked = {titles[item.paper_id]: item.perhaps_seen for item in second.digest.papers}
    assert marked == {"First": True, "Second": False}
    deliver_planned(NOW + 24 * HOUR)
    [broken] = [one.broken for one in audit(NOW + 24 * HOUR) if "once to a" in one.promise]
    assert not broken


@pytest.mark.parametrize(
    ("cadence", "last", "doubtful", "following"),
    [("weekly", 0, 7, 14), ("weekdays", 1, 2, 5), ("weekdays", 2, 5, 6), ("daily", 0, 1, 2)],
)
def test_the_next_digest_reaches_over_all_papers_of_one_in_doubt(
    cadence: str, last: int, doubtful: int, following: int, settings: Any
) -> None:
    """In days from a Wednesday: the last digest that came, the one in doubt, the next."""
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    day, late = timedelta(days=1), 5 * HOUR
    came_at, doubtful_at, next_at = (NOW + days * day for days in (last, doubtful, following))
    reader = make_reader("diffusion policy", cadence=cadence, next_digest_at=doubtful_at)
    make_delivery(subscriber=reader, status="sent", sent_at=came_at, covers_until=came_at)
    names = ("published_at", "news_at", "first_seen_at", "available_at")
    make_match(make_paper(**dict.fromkeys(names, came_at + MINUTE)), "diffusion policy")
    compose_due(doubtful_at)
    fields = {"status": "in_doubt", "maybe_sent_at": doubtful_at, "claimed_at": doubtful_at}
    assert Delivery.objects.planned().update(**fields) == 1
    type(reader).objects.update(next_digest_at=next_at)
    compose_due(next_at + late)
    second = Delivery.objects.planned().get()
    assert [item.perhaps_seen for item in second.digest.papers] == [True]


def test_papers_of_a_digest_that_proved_to_be_sent_do_not(follower: Any) -> None:
    mark_as_sent(Delivery.objects.all())
    assert [item.perhaps_seen for item in compose_tomorrow().digest.papers] == [False]


def test_an_edition_with_many_in_doubt_is_an_alarm() -> None:
    doubtful = {"status": "in_doubt", "maybe_sent_at": NOW, "claimed_at": NOW}
    make_delivery(**doubtful)
    for _ in range(3):
        make_delivery(status="sent", sent_at=NOW)
    [broken] = [one.broken for one in audit(NOW) if one.promise.startswith("Everybody is served")]
    assert broken == "1 of the last editions: 2026-04-22, in doubt: 1 of 4."
    mark_as_sent(Delivery.objects.all())
    assert not any(one.broken for one in audit(NOW) if "Everybody" in one.promise)
