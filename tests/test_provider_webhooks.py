"""What needs a package of its own, the signatures of webhooks and Amazon's, works with it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from digest.models import Delivery
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
HEADERS = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}  # name:password
MESSAGE_ID = "m-1"


@pytest.fixture
def delivery() -> Any:
    return make_delivery(status="sent", sent_at=NOW, message_id=MESSAGE_ID)


def post(provider: str, body: str, headers: dict[str, str]) -> int:
    url = f"/anymail/{provider}/tracking/"
    answer = Client().post(url, body, "application/json", headers=HEADERS | headers)
    return answer.status_code


def is_delivered(delivery: Any) -> bool:
    delivery.refresh_from_db()
    return delivery.delivered_at is not None


@pytest.mark.parametrize(("secret", "status"), [("bmFtZTpwYXNzd29yZA==", 200), ("eDp5", 400)])
def test_amazons_notification_is_read(
    secret: str, status: int, delivery: Any, settings: Any
) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html"""
    pytest.importorskip("boto3")
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    to = delivery.subscriber.email
    said = {
        "eventType": "Delivery",
        "mail": {"messageId": MESSAGE_ID, "destination": [to]},
        "delivery": {"recipients": [to], "timestamp": "2026-04-22T12:05:00Z"},
    }
    envelope = {
        "Type": "Notification",
        "MessageId": "n-1",
        "TopicArn": "arn:aws:sns:eu-west-1:1:digest",
        "Timestamp": "2026-04-22T12:05:01Z",
        "Message": json.dumps(said),
    }
    headers = {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": "n-1",
        "Authorization": f"Basic {secret}",
    }
    assert post("amazon_ses", json.dumps(envelope), headers) == status
    assert is_delivered(delivery) == (status == 200)


@pytest.mark.parametrize(("change", "status"), [("", 200), (" ", 400)])
def test_resends_signature_is_checked(
    change: str, status: int, delivery: Any, settings: Any
) -> None:
    """https://resend.com/docs/webhooks/verify-webhooks-requests"""
    svix = pytest.importorskip("svix.webhooks")
    secret = "whsec_" + b64encode(b"a secret of ours").decode()
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password", "RESEND_SIGNING_SECRET": secret}
    data = {"email_id": MESSAGE_ID, "to": [delivery.subscriber.email]}
    said = {"type": "email.delivered", "created_at": "2026-04-22T12:05:00Z", "data": data}
    body, now = json.dumps(said), datetime.now(UTC)
    signature = svix.Webhook(secret).sign("e-1", now, body)
    headers = {
        "svix-id": "e-1",
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": signature,
    }
    assert post("resend", body + change, headers) == status
    assert is_delivered(delivery) == (status == 200)


@pytest.mark.parametrize(("change", "status"), [("", 200), (" ", 400)])
def test_postals_signature_is_checked(
    change: str, status: int, delivery: Any, settings: Any
) -> None:
    """https://docs.postalserver.io/developer/webhooks"""
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    own = "".join(public.decode().splitlines()[1:-1])
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password", "POSTAL_WEBHOOK_KEY": own}
    Delivery.objects.filter(pk=delivery.pk).update(message_id="12")
    message = {"id": 12, "to": delivery.subscriber.email, "direction": "outgoing"}
    said = {"event": "MessageSent", "payload": {"status": "Sent", "message": message}}
    body = json.dumps(said)
    signature = key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())
    headers = {"x-postal-signature": b64encode(signature).decode()}
    assert post("postal", body + change, headers) == status
    assert is_delivered(delivery) == (status == 200)
