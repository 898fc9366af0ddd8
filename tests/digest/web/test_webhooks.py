"""Whatever is posted where providers report: it is read, or refused, and never a fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from anymail import urls as anymail_urls
from django.test import Client
from django.urls import resolve

from digest.models import ProviderEvent
from digest.track import stage
from digest.web.webhooks import RefusingOddReports, list_webhooks
from subscribers.models import Suppression
from tests.digest.track.reports import MINUTE, make_sent
from tests.factories import NOW
from tests.webhook_posts import (
    KEY,
    SETTINGS,
    Happening,
    build_document,
    post_document,
    post_happening,
    stand_in_packages,
)
from tests.webhook_words import PROVIDERS, WORDS

pytestmark = pytest.mark.django_db
ODD: list[Any] = [
    None,
    [],
    {},
    "x",
    7,
    True,
    [None],
    [[]],
    [{}],
    {"type": 1},
    {"event": []},
    {"event-data": []},
    {"events": 1},
    {"events": [{}]},
    [{"msys": {"a": {}, "b": {}}}],
    {"event-data": {"event": "failed", "timestamp": "never"}},
    {"RecordType": [], "DeliveredAt": 3},
    {"event": "delivered", "email": {"a": 1}, "ts_epoch": 1e300},
]


@pytest.fixture
def webhooks(settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.ANYMAIL = SETTINGS
    stand_in_packages(monkeypatch)
    return client


@pytest.mark.parametrize("provider", PROVIDERS)
def test_odd_json_is_never_a_fault_of_ours(provider: str, webhooks: Client) -> None:
    answers = {}
    for document in ODD:
        answer = post_document(webhooks, provider, document)
        answers[json.dumps(document)] = answer.status_code
    assert set(answers.values()) <= {200, 400}, answers
    # Most shapes are refused; the few that are read as empty, or as something new, say nothing.
    assert list(answers.values()).count(400) >= len(ODD) // 2, answers
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_no_json_is_refused(provider: str, webhooks: Client) -> None:
    kind = "application/x-www-form-urlencoded" if provider == "mandrill" else "application/json"
    url = "/anymail/mandrill/" if provider == "mandrill" else f"/anymail/{provider}/tracking/"
    headers = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}
    for body in (b"", b"?", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000):
        answer = webhooks.post(url, body, content_type=kind, headers=headers)
        assert answer.status_code == 400, body[:9]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_forged_report_is_refused_and_changes_nothing(provider: str, webhooks: Client) -> None:
    delivery = make_sent()
    address = delivery.subscriber.email
    happening = Happening(provider, "hard", address, delivery.message_id, NOW, "e-1")
    for wrong in ({"secret": "name:wrong"}, {"key": "wrong"}):
        answer = post_happening(webhooks, happening, **wrong)
        # Those that sign nothing know us by the secret in the address alone.
        signs = {"mailersend", "mailgun", "mailtrap", "mandrill", "postal", "unisender_go"}
        if "secret" in wrong or provider in signs:
            assert answer.status_code == 400
            assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", ["sparkpost", "sendgrid", "mailjet", "mailtrap", "mandrill"])
def test_one_odd_report_does_not_cost_the_others(provider: str, webhooks: Client) -> None:
    delivery = make_sent()
    address = delivery.subscriber.email
    happening = Happening(provider, "complaint", address, delivery.message_id, NOW, "e-1")
    document = build_document(happening)
    if provider == "mailtrap":
        document["events"].insert(0, {"event": 7})
    elif provider == "sparkpost":
        document.insert(0, {"msys": {"message_event": {"type": []}}})
    else:
        document.insert(0, {"event": [], "msg": 7})
    assert post_document(webhooks, provider, document).status_code == 400
    assert Suppression.objects.get().reason == "complaint"


@pytest.mark.parametrize(
    "odd",
    [
        {"email": 7},
        {"email": None, "sg_message_id": None, "anymail_id": None},
        {"email": f"{'x' * 300}@example.org"},
        {"reason": {"not": "text"}},
    ],
)
def test_an_odd_report_is_passed_over_however_late_it_proves_to_be_odd(
    odd: dict[str, object], webhooks: Client
) -> None:
    delivery = make_sent()
    address = delivery.subscriber.email
    good = Happening("sendgrid", "complaint", address, delivery.message_id, NOW, "e-1")
    bad = Happening("sendgrid", "hard", address, delivery.message_id, NOW, "e-2")
    [strange] = build_document(bad)
    document = [strange | odd, *build_document(good)]
    assert post_document(webhooks, "sendgrid", document).status_code == 400
    assert Suppression.objects.get().reason == "complaint"


def test_a_fault_of_our_own_is_brought_again(
    webhooks: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = make_sent()
    address = delivery.subscriber.email
    happening = Happening("postmark", "hard", address, delivery.message_id, NOW + MINUTE, "e-1")

    def fail(*_: object) -> None:
        raise LookupError

    webhooks.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(stage, "apply_verdict", fail)
        assert post_happening(webhooks, happening).status_code == 500
    assert not ProviderEvent.objects.exists()
    assert post_happening(webhooks, happening).status_code == 200
    assert Suppression.objects.exists()


def test_every_address_of_anymail_is_served_by_its_view() -> None:
    """Its own list, which loads everything, says where each of its views is."""
    addresses = {}
    for pattern in anymail_urls.urlpatterns:
        for address in list_addresses(str(pattern.pattern)):
            addresses[address] = pattern.callback.view_class
    assert len(addresses) == len(list_webhooks())
    for address, expected in addresses.items():
        served = find_served_view(f"/anymail/{address}")
        assert issubclass(served, expected)
        # Only what reads reports is forgiving; a mail that cannot be read is anymail's to refuse.
        assert issubclass(served, RefusingOddReports) == ("inbound" not in address)


def list_addresses(pattern: str) -> list[str]:
    if pattern == r"^mailgun/inbound(_mime)?/$":
        return ["mailgun/inbound/", "mailgun/inbound_mime/"]
    return [pattern]


def find_served_view(address: str) -> type:
    view: Any = resolve(address).func
    found: type = view.load().view_class
    return found


def test_every_provider_has_its_address() -> None:
    addresses = {str(pattern.pattern) for pattern in list_webhooks()}
    assert {f"{name}/tracking/" for name in WORDS} <= addresses


def test_each_address_wants_the_secret_and_no_token_of_a_form(
    webhooks: Client, settings: Any
) -> None:
    # Where a setting is missing that a view needs, it answers 404.
    words = ("API_KEY", "API_TOKEN", "INBOUND_SECRET")
    own = {f"{name}_{word}".upper(): KEY for name in PROVIDERS for word in words}
    settings.ANYMAIL = SETTINGS | own
    client = Client(enforce_csrf_checks=True)
    for pattern in list_webhooks():
        answer = client.post(f"/anymail/{pattern.pattern}", {}, "application/json")
        assert answer.status_code in (400, 401), pattern  # Django's own refusal would be 403


def test_a_start_loads_no_provider_s_library() -> None:
    """They take a second of processor time, at every start of every process."""
    code = "import django; django.setup(); import config.urls, sys; print(*sys.modules)"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, check=True)
    loaded = set(done.stdout.decode().split())
    assert "digest.web.webhooks" in loaded
    assert not loaded & {"anymail.urls", "svix", "boto3", "anymail.webhooks.postmark"}


def test_of_a_post_with_too_many_reports_the_first_are_taken_and_the_rest_asked_for_again(
    webhooks: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.webhooks.MOST_REPORTS", 3)
    deliveries = [make_sent() for _ in range(7)]
    events = [
        {
            "event": event,
            "sg_event_id": f"{event}-{delivery.pk}",
            "smtp-id": delivery.message_id,
            "sg_message_id": delivery.message_id,
            "email": delivery.subscriber.email,
            "timestamp": NOW.timestamp(),
            "anymail_id": delivery.message_id,
        }
        for event in ("open", "delivered")
        for delivery in deliveries
    ]
    statuses, counts = [], []
    for _ in range(4):
        answer = post_document(webhooks, "sendgrid", events)
        statuses.append(answer.status_code)
        counts.append(ProviderEvent.objects.count())
    assert (statuses, counts) == ([503, 503, 200, 200], [3, 6, 7, 7])


def test_ten_megabytes_of_reports_are_read(webhooks: Client) -> None:
    delivery = make_sent()
    event = {
        "RecordType": "Delivery",
        "MessageID": delivery.message_id,
        "Recipient": delivery.subscriber.email,
        "DeliveredAt": "2026-04-22T12:00:00Z",
        "Details": "x" * 9_900_000,
    }
    assert post_document(webhooks, "postmark", event).status_code == 200
    assert ProviderEvent.objects.count() == 1


def test_only_so_many_reports_wait_for_their_mail(
    webhooks: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sent(status="claimed", sent_at=None, claimed_at=NOW, maybe_sent_at=NOW, message_id="")
    monkeypatch.setattr("digest.track.event_rows.MOST_WAITING", 2)
    for n in range(4):
        event = {
            "RecordType": "Delivery",
            "MessageID": f"unknown-{n}",
            "Recipient": "somebody@example.org",
            "DeliveredAt": "2026-04-22T12:00:00Z",
        }
        assert post_document(webhooks, "postmark", event).status_code == 200
    assert ProviderEvent.objects.waiting().count() == 2
