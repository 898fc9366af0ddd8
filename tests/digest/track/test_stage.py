import hashlib
import hmac
import json
import os
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from django.conf import settings

from digest.deliver import deliver_planned
from digest.track import track_event
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = pytest.mark.django_db
THEN, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=2)


def sent(**fields):
    return make_delivery(**({"status": "sent", "sent_at": NOW, "message_id": "m-1"} | fields))


def event(delivery, kind, **fields):
    defaults = {
        "message_id": "m-1",
        "recipient": delivery.subscriber.email.title(),
        "timestamp": THEN,
        "metadata": {},
        "esp_event": {},
    }
    return AnymailTrackingEvent(event_type=kind, **(defaults | fields))


@pytest.mark.parametrize(
    ("kind", "field", "reason"),
    [
        ("delivered", "delivered_at", None),
        ("bounced", "bounced_at", "bounce"),
        ("rejected", "bounced_at", None),
        ("complained", "complained_at", "complaint"),
    ],
)
def test_a_report_sets_its_date_once_and_bad_addresses_are_suppressed(kind, field, reason):
    delivery = sent()
    assert track_event(event(delivery, kind), LATER)
    assert track_event(event(delivery, kind, timestamp=THEN + timedelta(hours=1)), LATER)
    delivery.refresh_from_db()
    assert (getattr(delivery, field), delivery.status) == (THEN, "sent")
    found = Suppression.objects.about(delivery.subscriber.email).first()
    assert (found.reason if found else None) == reason


def test_an_unsubscribe_at_the_provider_unsubscribes_here():
    delivery = sent()
    track_event(event(delivery, "unsubscribed"), NOW)
    assert not Subscriber.objects.mailable().exists()


@pytest.mark.parametrize(
    "raw",
    [
        {"Type": "SoftBounce"},
        {"bounce": {"bounceType": "Transient"}},
        {"data": {"bounce": {"type": "Transient"}}},
        {"event": "soft_bounce"},
        {"event-data": {"severity": "temporary"}},
    ],
)
def test_a_soft_bounce_is_noted_and_the_address_stays(raw):
    delivery = sent()
    track_event(event(delivery, "bounced", esp_event=raw), LATER)
    delivery.refresh_from_db()
    assert delivery.bounced_at == THEN
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"recipient": "somebody.else@example.org"},
        {"message_id": "m-2"},
        {"message_id": None},
        {"recipient": None},
        {"message_id": None, "metadata": {"delivery": "not-a-key"}},
    ],
)
def test_a_report_that_fits_no_delivery_changes_nothing(forged):
    delivery = sent()
    assert not track_event(event(delivery, "complained", **forged), NOW)
    delivery.refresh_from_db()
    assert (delivery.complained_at, Suppression.objects.count()) == (None, 0)


def test_a_report_settles_what_was_in_doubt():
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW, error="no answer")
    report = event(delivery, "delivered", metadata={"delivery": str(delivery.key)})
    assert track_event(report, LATER)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.message_id) == ("sent", NOW, "m-1")
    assert delivery.delivered_at == THEN


def test_a_report_that_comes_before_we_marked_the_row_is_kept():
    delivery = make_delivery(status="claimed", claimed_at=NOW, maybe_sent_at=NOW)
    track_event(event(delivery, "delivered", metadata={"delivery": str(delivery.key)}), LATER)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.delivered_at) == ("sent", THEN)


def test_opens_and_clicks_leave_no_trace():
    delivery = sent()
    assert track_event(event(delivery, "opened"), NOW)
    before = delivery.__dict__.copy()
    delivery.refresh_from_db()
    assert {k: v for k, v in delivery.__dict__.items() if k.endswith("_at")} == {
        k: v for k, v in before.items() if k.endswith("_at")
    }


def test_a_report_without_a_time_takes_ours():
    delivery = sent()
    track_event(event(delivery, "delivered", timestamp=None), datetime(2026, 5, 1, tzinfo=UTC))
    delivery.refresh_from_db()
    assert delivery.delivered_at == datetime(2026, 5, 1, tzinfo=UTC)


HELD_BACK = "suppressed sending"
# What providers really post, reduced to what matters, and what must become of it.
POSTED = {
    "postmark": [
        ({"RecordType": "Delivery", "DeliveredAt": "2026-04-22T12:05:00Z"}, "delivered_at", None),
        ({"RecordType": "Bounce", "Type": "HardBounce"}, "bounced_at", "bounce"),
        ({"RecordType": "Bounce", "Type": "SoftBounce"}, "bounced_at", None),
        ({"RecordType": "Bounce", "Type": "BadEmailAddress"}, "bounced_at", "bounce"),
        ({"RecordType": "Bounce", "Type": "ManuallyDeactivated"}, "bounced_at", "bounce"),
        ({"RecordType": "Bounce", "Type": "DMARCPolicy"}, "bounced_at", None),
        ({"RecordType": "Bounce", "Type": "Blocked"}, "bounced_at", None),
        ({"RecordType": "Bounce", "Type": "VirusNotification"}, "bounced_at", None),
        ({"RecordType": "Bounce", "Type": "Transient"}, None, None),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, "complained_at", "complaint"),
        (
            {"RecordType": "SubscriptionChange", "SuppressionReason": "ManualSuppression"},
            "unsubscribed_at",
            None,
        ),
        (
            {"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"},
            "bounced_at",
            "bounce",
        ),
        ({"RecordType": "Open"}, None, None),
        ({"RecordType": "Click", "OriginalLink": "https://example.org"}, None, None),
    ],
    "resend": [
        ({"type": "email.delivered"}, "delivered_at", None),
        ({"type": "email.bounced", "bounce": {"type": "Permanent"}}, "bounced_at", "bounce"),
        ({"type": "email.bounced", "bounce": {"type": "Transient"}}, "bounced_at", None),
        ({"type": "email.bounced", "bounce": {"type": "Undetermined"}}, "bounced_at", None),
        (
            {"type": "email.bounced", "bounce": {"says": "suppressed sending"}},
            "bounced_at",
            "bounce",
        ),
        ({"type": "email.complained"}, "complained_at", "complaint"),
        ({"type": "email.delivery_delayed"}, None, None),
        ({"type": "email.opened"}, None, None),
    ],
    "brevo": [
        ({"event": "delivered"}, "delivered_at", None),
        ({"event": "hard_bounce"}, "bounced_at", "bounce"),
        ({"event": "soft_bounce"}, "bounced_at", None),
        ({"event": "invalid_email"}, "bounced_at", "bounce"),
        ({"event": "blocked"}, "bounced_at", None),
        ({"event": "spam"}, "complained_at", "complaint"),
        ({"event": "unsubscribe"}, "unsubscribed_at", None),
        ({"event": "deferred"}, None, None),
        ({"event": "error"}, None, None),
    ],
    "mailgun": [
        ({"event": "delivered"}, "delivered_at", None),
        (
            {"event": "failed", "severity": "permanent", "reason": "bounce"},
            "bounced_at",
            "bounce",
        ),
        (
            {"event": "failed", "severity": "permanent", "reason": "suppress-complaint"},
            "bounced_at",
            "bounce",
        ),
        (
            {
                "event": "failed",
                "severity": "permanent",
                "reason": "bounce",
                "delivery-status": {"bounce-type": "soft"},
            },
            "bounced_at",
            None,
        ),
        ({"event": "failed", "severity": "permanent", "reason": "espblock"}, "bounced_at", None),
        ({"event": "failed", "severity": "temporary", "reason": "generic"}, None, None),
        ({"event": "rejected", "reject": {"reason": "Sandbox"}}, "bounced_at", None),
        ({"event": "complained"}, "complained_at", "complaint"),
        ({"event": "unsubscribed"}, "unsubscribed_at", None),
    ],
    "amazon_ses": [
        ({"eventType": "Delivery"}, "delivered_at", None),
        ({"eventType": "Bounce", "type": "Permanent"}, "bounced_at", "bounce"),
        ({"eventType": "Bounce", "type": "Transient"}, "bounced_at", None),
        ({"eventType": "Bounce", "type": "Undetermined"}, "bounced_at", None),
        ({"eventType": "Complaint"}, "complained_at", "complaint"),
        ({"eventType": "Reject", "reason": "Bad content"}, "bounced_at", None),
        ({"eventType": "Open"}, None, None),
    ],
}
SAID = "2026-04-22T12:05:00Z"
SECRET, SIGNING_KEY = "name:password", "signing-key"
CALLS = [(name, *row) for name, rows in POSTED.items() for row in rows]


def as_posted(name, short, delivery):
    """The document a provider posts about this delivery."""
    to, message_id = delivery.subscriber.email, delivery.message_id
    if name == "postmark":
        return {"MessageID": message_id, "Recipient": to, "BouncedAt": SAID} | short
    if name == "brevo":
        return {"message-id": message_id, "email": to, "ts_epoch": THEN.timestamp() * 1000} | short
    if name == "mailgun":
        message = {"headers": {"message-id": message_id.strip("<>"), "to": to}}
        own = {"recipient": to, "timestamp": THEN.timestamp(), "message": message}
        return {"event-data": own | short}
    if name == "resend":
        data = {"email_id": message_id, "to": [f"Reader <{to}>"]}
        if bounce := short.get("bounce"):
            message = bounce.get("says", "sent a hard bounce message")
            data["bounce"] = {"message": f"… {message} …"} | bounce
        return {"type": short["type"], "created_at": SAID, "data": data}
    return amazon(short, to, message_id)


def amazon(short, to, message_id):
    kind, one = short["eventType"], [{"emailAddress": to}]
    details = {
        "Bounce": {
            "bounceType": short.get("type"),
            "bounceSubType": "General",
            "bouncedRecipients": one,
        },
        "Complaint": {"complainedRecipients": one},
        "Delivery": {"recipients": [to]},
        "Reject": {"reason": short.get("reason")},
        "Open": {},
    }
    mail = {"messageId": message_id, "destination": [to]}
    return {"eventType": kind, "mail": mail, kind.lower(): details[kind]}


def signed(document):
    """As Mailgun signs: over a token and a time, not over the document."""
    digest = hmac.new(SIGNING_KEY.encode(), b"1token", hashlib.sha256).hexdigest()
    return document | {"signature": {"timestamp": "1", "token": "token", "signature": digest}}


def post(client, name, document, secret=SECRET):
    """Through anymail's own view, as the provider would."""
    if name == "amazon_ses":
        return post_to_amazon(document)
    if name == "mailgun":
        document = signed(document)
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    return client.post(
        f"/anymail/{name}/tracking/", document, content_type="application/json", headers=headers
    )


def post_to_amazon(document):
    """anymail's view wants boto3 before it looks at anything; its reading of events does not."""
    view = AmazonSESTrackingWebhookView.__new__(AmazonSESTrackingWebhookView)
    for read in view.esp_to_anymail_events(document, {"Timestamp": SAID}):
        tracking.send(sender=type(view), event=read, esp_name=view.esp_name)


@pytest.fixture
def webhooks(settings, client):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}
    return client


def dates(delivery):
    delivery.refresh_from_db()
    names = ("delivered_at", "bounced_at", "complained_at", "unsubscribed_at")
    return {name: moment for name in names if (moment := getattr(delivery, name))}


@pytest.mark.parametrize(("name", "short", "field", "reason"), CALLS)
def test_what_each_provider_posts_sets_the_right_date_and_suppresses_only_bad_addresses(
    name, short, field, reason, webhooks
):
    delivery = sent(message_id="<m-1@example.org>")
    post(webhooks, name, as_posted(name, short, delivery))
    found = dates(delivery)
    assert list(found) == ([field] if field else [])
    if field and "SubscriptionChange" not in short.values():
        assert found[field] == THEN
    suppressed = Suppression.objects.about(delivery.subscriber.email).first()
    assert (suppressed.reason if suppressed else None) == reason
    gone = field == "unsubscribed_at" or reason is not None
    assert Subscriber.objects.mailable().exists() == (not gone)


@pytest.mark.parametrize("name", ["postmark", "resend", "brevo", "mailgun"])
@pytest.mark.parametrize("secret", ["", "name:wrong"])
def test_a_forged_report_is_refused_and_changes_nothing(name, secret, webhooks):
    delivery = sent(message_id="<m-1@example.org>")
    short = next(short for short, _, reason in POSTED[name] if reason == "complaint")
    response = post(webhooks, name, as_posted(name, short, delivery), secret)
    assert response.status_code == 400
    assert (dates(delivery), Suppression.objects.count()) == ({}, 0)


@pytest.mark.parametrize("name", sorted(POSTED))
def test_a_report_on_somebody_elses_address_changes_nothing(name, webhooks):
    delivery = sent(message_id="<m-1@example.org>")
    other = sent(message_id="<m-2@example.org>")
    short = next(short for short, _, reason in POSTED[name] if reason == "complaint")
    document = as_posted(name, short, delivery)
    swapped = json.loads(json.dumps(document).replace("m-1@", "m-2@"))
    post(webhooks, name, swapped)
    assert (dates(delivery), dates(other), Suppression.objects.count()) == ({}, {}, 0)


def test_a_delivery_planned_again_after_no_answer_is_not_sent_once_it_is_reported(settings):
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    delivery = make_delivery(maybe_sent_at=NOW, retry_at=NOW)
    track_event(event(delivery, "delivered", metadata={"delivery": str(delivery.key)}), LATER)
    assert deliver_planned(NOW).counts == {}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.retry_at) == ("sent", NOW, None)


def test_a_delivery_never_begun_is_not_called_sent_by_a_report():
    delivery = make_delivery()
    track_event(event(delivery, "delivered", metadata={"delivery": str(delivery.key)}), LATER)
    delivery.refresh_from_db()
    assert delivery.status == "planned"


def test_a_time_without_a_zone_is_taken_as_utc():
    delivery = sent()
    track_event(event(delivery, "delivered", timestamp=THEN.replace(tzinfo=None)), LATER)
    assert dates(delivery) == {"delivered_at": THEN}


def test_a_report_in_no_shape_we_know_is_taken_by_anymails_word_alone():
    delivery = sent()
    track_event(event(delivery, "bounced", esp_event=None), NOW)
    assert Suppression.objects.get().reason == "bounce"


def test_a_complaint_after_a_bounce_keeps_the_first_reason():
    delivery = sent()
    for kind in ("bounced", "complained"):
        track_event(event(delivery, kind), LATER)
    assert Suppression.objects.get().reason == "bounce"


def test_with_a_provider_and_no_webhook_secret_the_service_refuses_to_start(tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith("ANYMAIL_")}
    env |= {"ANYMAIL_PROVIDER": "postmark", "VAR_DIR": str(tmp_path), "SECRET_KEY": "test"}
    command = [sys.executable, "manage.py", "check"]

    def check(**more):
        return subprocess.run(
            command, env=env | more, cwd=settings.BASE_DIR, capture_output=True, text=True
        )

    refused = check()
    assert refused.returncode != 0
    assert "ANYMAIL_WEBHOOK_SECRET is not set. Without it anyone could forge" in refused.stderr
    assert check(ANYMAIL_WEBHOOK_SECRET="name:password").returncode == 0


REAL = Path(os.environ.get("OFFPRINT_REAL", Path(settings.BASE_DIR).parent / "shared" / "real"))
# (provider, what its capture is called): the date it must set, and why the address is suppressed.
CAPTURED = {
    ("postmark", "test_bounce_event"): ("bounced_at", "bounce"),
    ("postmark", "test_delivered_event"): ("delivered_at", None),
    ("postmark", "test_spam_event"): ("complained_at", "complaint"),
    ("postmark", "test_unsubscribe"): ("unsubscribed_at", None),
    ("postmark", "test_resubscribe"): (None, None),
    ("postmark", "test_subscription_change_bounce"): ("bounced_at", "bounce"),
    ("postmark", "test_open_event"): (None, None),
    ("resend", "test_delivered_event"): ("delivered_at", None),
    ("resend", "test_hard_bounced_event"): ("bounced_at", "bounce"),
    ("resend", "test_suppressed_event"): ("bounced_at", "bounce"),
    ("resend", "test_complained_event"): ("complained_at", "complaint"),
    ("resend", "test_delivery_delayed_event"): (None, None),
    ("brevo", "test_delivered_event"): ("delivered_at", None),
    ("brevo", "test_hard_bounce"): ("bounced_at", "bounce"),
    ("brevo", "test_soft_bounce_event"): ("bounced_at", None),
    ("brevo", "test_blocked"): ("bounced_at", None),
    ("brevo", "test_spam"): ("complained_at", "complaint"),
    ("brevo", "test_complaint"): ("complained_at", "complaint"),
    ("brevo", "test_invalid_email"): ("bounced_at", "bounce"),
    ("brevo", "test_error_email"): (None, None),
    ("brevo", "test_unsubscribe"): ("unsubscribed_at", None),
    ("mailgun", "test_delivered_event"): ("delivered_at", None),
    ("mailgun", "test_failed_permanent_event"): ("bounced_at", "bounce"),
    ("mailgun", "test_failed_temporary_event"): (None, None),
    ("mailgun", "test_failed_greylisted_event"): (None, None),
    ("mailgun", "test_rejected_event"): ("bounced_at", None),
    ("mailgun", "test_complained_event"): ("complained_at", "complaint"),
    ("mailgun", "test_unsubscribed_event"): ("unsubscribed_at", None),
    ("amazon_ses", "test_bounce_event"): ("bounced_at", "bounce"),
    ("amazon_ses", "test_complaint_event"): ("complained_at", "complaint"),
    ("amazon_ses", "test_delivery_event"): ("delivered_at", None),
    ("amazon_ses", "test_reject_event"): ("bounced_at", None),
    ("amazon_ses", "test_rendering_failure_event"): (None, None),
}


@pytest.fixture
def heard():
    """Every report that anymail reads, as it hands it on."""
    reports = []

    def listen(event, **_):
        reports.append(event)

    tracking.connect(listen)
    yield reports
    tracking.disconnect(listen)


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(POSTED))
def test_every_captured_report_sets_its_date(name, webhooks, heard):
    path = REAL / "webhooks" / f"anymail_{name}.json"
    if not path.exists():
        pytest.skip(f"The captured webhook payloads are absent: there is no {path}.")
    captured = {row["test"]: row["payload"] for row in json.loads(path.read_text())}
    for test in [test for provider, test in CAPTURED if provider == name]:
        heard.clear()
        post(webhooks, name, captured[test])  # it fits no delivery yet
        reader = make_subscriber(email=heard[0].recipient.lower())
        delivery = sent(subscriber=reader, message_id=heard[0].message_id)
        assert (dates(delivery), Suppression.objects.count()) == ({}, 0)
        post(webhooks, name, captured[test])
        field, reason = CAPTURED[name, test]
        assert list(dates(delivery)) == ([field] if field else []), test
        found = Suppression.objects.about(reader.email).first()
        assert (found.reason if found else None) == reason, test
        Suppression.objects.all().delete()
        reader.delete()
