"""The log as lines or as JSON: whatever happens to a subscriber, their address stays out of it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.signals import setup_logging
from django.conf import settings as configured
from django.test import Client

from config.logging_setup import (
    ACTIVITY,
    FORMATTERS,
    JSON,
    LINE,
    PrivateJsonFormatter,
    PrivateLineFormatter,
    build_gunicorn_logging,
    build_logging,
    keep_django_logging,
)
from digest.deliver import deliver_planned
from digest.models import Delivery
from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.signup.send_confirmation import send_confirmation
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_delivery
from tests.provider_server import provider_server
from tests.smtp_server import smtp_server

ADA = "ada.lovelace@mailbox.example.org"
KINDS = {LINE: PrivateLineFormatter, JSON: PrivateJsonFormatter}


@pytest.fixture(params=[LINE, JSON])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that is logged, at every level, in each of the two formats."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(KINDS[request.param]())
    root, activity = logging.getLogger(), logging.getLogger(ACTIVITY)
    levels = root.level, activity.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    activity.setLevel(logging.INFO)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    activity.setLevel(levels[1])


@pytest.fixture
def use_smtp(settings: Any) -> Iterator[Any]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    with smtp_server() as server:
        settings.EMAIL_PORT = server.port
        yield server


def read_objects(log: io.StringIO) -> list[dict[str, Any]]:
    """The lines of a JSON log; each must be an object by itself."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.cached
@pytest.mark.django_db
def test_a_sign_up_whose_mailbox_is_refused_names_no_address(
    log: io.StringIO, use_smtp: Any
) -> None:
    use_smtp.faults.append("RCPT 550")
    subscriber_id = opt_in.request_confirmation(ADA, Wishes(topics=["diffusion"]), NOW)
    assert send_confirmation(subscriber_id, NOW)
    said = log.getvalue()
    assert f"confirmation of subscriber {subscriber_id} failed" in said
    assert "[address]" in said
    assert "lovelace" not in said


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["RCPT 550", "RCPT 450", "END drop"])
def test_a_recipient_who_is_refused_is_named_by_the_delivery(
    log: io.StringIO, use_smtp: Any, fault: str
) -> None:
    use_smtp.faults.append(fault)
    delivery = make_delivery()
    Subscriber.objects.filter(pk=delivery.subscriber_id).update(email=ADA)
    deliver_planned(NOW)
    delivery.refresh_from_db()
    said = log.getvalue()
    assert delivery.status != Delivery.Status.SENT
    assert str(delivery.pk) in said
    assert "lovelace" not in said


@pytest.mark.cached
@pytest.mark.django_db
def test_a_bounce_whatever_it_quotes_names_no_address(log: io.StringIO, settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    delivery = make_delivery(status="sent", sent_at=NOW, message_id="m-1")
    Subscriber.objects.filter(pk=delivery.subscriber_id).update(email=ADA)
    bounce = {"RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "TypeCode": 1, "Email": ADA}
    moment = (NOW + timedelta(minutes=5)).isoformat()
    headers = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}
    for message_id in ("m-1", "nobody's"):
        said = bounce | {"MessageID": message_id, "BouncedAt": moment, "Description": f"<{ADA}>"}
        url = "/anymail/postmark/tracking/"
        answer = Client().post(url, json.dumps(said), "application/json", headers=headers)
        assert answer.status_code == 200
    assert "fits no delivery" in log.getvalue()
    assert "lovelace" not in log.getvalue()


@pytest.mark.parametrize("where", ["message", "argument", "exception", "field", "stack"])
def test_an_address_is_hidden_wherever_a_line_has_it(log: io.StringIO, where: str) -> None:
    logger = logging.getLogger("digest.anything")
    if where == "exception":
        try:
            raise ValueError(f"refused: {ADA}")
        except ValueError:
            logger.exception("It failed.")
    elif where == "field":
        logger.warning("It failed.", extra={"to": [{ADA: ADA}]})
    elif where == "stack":
        logger.warning("It failed: %s", {"to": ADA}, stack_info=True)
    else:
        logger.warning(*((f"To {ADA}",) if where == "message" else ("To %s", ADA)))
    assert log.getvalue()
    assert "lovelace" not in log.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("log", [JSON], indirect=True)
def test_a_batch_is_one_object_with_its_edition_and_deliveries(
    log: io.StringIO, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    deliveries = [make_delivery() for _ in range(3)]
    with provider_server() as server:
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": server.url}
        server.book.refused[deliveries[1].subscriber.email] = 300
        deliver_planned(NOW)
    [batch] = [line for line in read_objects(log) if line.get("event") == "batch"]
    assert batch["deliveries"] == [delivery.pk for delivery in deliveries]
    assert batch["editions"] == [deliveries[0].edition.date.isoformat()]
    assert batch["outcomes"] == {"sent": 2, "rejected": 1}
    assert batch["seconds"] > 0
    assert batch["level"] == "INFO"
    assert batch["logger"] == ACTIVITY
    assert "postmark" in batch["provider"].lower()


def test_every_handler_hides_what_is_private() -> None:
    private = {f"config.logging_setup.{kind.__name__}" for kind in KINDS.values()}
    assert {entry["()"] for entry in FORMATTERS.values()} == private
    for built in (configured.LOGGING, build_gunicorn_logging(LINE), build_gunicorn_logging(JSON)):
        handlers = built["handlers"].values()
        assert {built["formatters"][h["formatter"]]["()"] for h in handlers} <= private
        for logger in [built["root"], *built["loggers"].values()]:
            assert set(logger.get("handlers", [])) <= set(built["handlers"])


def test_celery_sets_up_no_handlers_of_its_own() -> None:
    answers = setup_logging.send(None)
    assert [receiver for receiver, _ in answers] == [keep_django_logging]


def test_a_laptop_is_told_what_stages_did_by_its_commands() -> None:
    assert build_logging(LINE, "INFO", tells_activity=False)["loggers"][ACTIVITY] == {
        "level": "WARNING"
    }
    assert build_logging(LINE, "INFO", tells_activity=True)["loggers"][ACTIVITY] == {
        "level": "INFO"
    }
