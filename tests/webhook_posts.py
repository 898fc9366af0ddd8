"""What every provider that anymail knows posts of a mail, signed as each signs.

The shapes are those of the captured reports and of the providers' documents, reduced to what is
read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from anymail.webhooks import amazon_ses, postal
from django.test import Client

from tests.webhook_words import REPLIES, WORDS, Json

SECRET, KEY = "name:password", "signing-key"
SETTINGS = {
    "WEBHOOK_SECRET": SECRET,
    "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
    "MAILERSEND_SIGNING_SECRET": KEY,
    "MAILTRAP_TRACKING_SECRET": KEY,
    "MANDRILL_WEBHOOK_KEY": KEY,
    "MANDRILL_WEBHOOK_URL": "https://example.org/anymail/mandrill/",
    "POSTAL_WEBHOOK_KEY": KEY,
    "UNISENDER_GO_API_KEY": KEY,
}


@dataclass(frozen=True)
class Happening:
    """One event of one mail, before a provider puts it into its own shape."""

    provider: str
    what: str
    address: str
    message_id: str
    moment: datetime
    event_id: str
    key: str = ""

    def having(self, **changes: Any) -> Happening:
        return replace(self, **changes)


def build_document(of: Happening) -> Any:
    """The JSON that the provider posts."""
    words = dict(WORDS[of.provider][of.what])
    reply = REPLIES.get(words.pop("reply", ""), "")
    name = "brevo" if of.provider == "sendinblue" else of.provider
    document: Any = globals()[f"_{name}"](of, words, reply)
    return document


def _postmark(of: Happening, words: Json, reply: str) -> Any:
    at = {"DeliveredAt" if of.what == "delivered" else "BouncedAt": of.moment.isoformat()}
    own = {"ID": of.event_id} if words["RecordType"] in ("Bounce", "SpamComplaint") else {}
    named = {"MessageID": of.message_id, "Recipient": of.address, "Details": reply}
    return named | at | own | words


def _resend(of: Happening, words: Json, reply: str) -> Any:
    data: Json = {"email_id": of.message_id, "to": [f"Reader <{of.address}>"]}
    if bounce := words.pop("bounce", None):
        data["bounce"] = {"message": "… sent a hard bounce message …"} | bounce
    return {"created_at": of.moment.isoformat(), "data": data} | words


def _brevo(of: Happening, words: Json, reply: str) -> Any:
    at = int(of.moment.timestamp() * 1000)
    return {"message-id": of.message_id, "email": of.address, "ts_epoch": at} | words


def _mailgun(of: Happening, words: Json, reply: str) -> Any:
    data = {
        "id": of.event_id,
        "recipient": of.address,
        "timestamp": of.moment.timestamp(),
        "message": {"headers": {"message-id": of.message_id.strip("<>"), "to": of.address}},
        "delivery-status": {"message": reply},
    }
    return {"event-data": data | words}


def _amazon_ses(of: Happening, words: Json, reply: str) -> Any:
    kind, one = words.pop("eventType"), {"emailAddress": of.address}
    told: dict[str, Json] = {
        "Bounce": {"bouncedRecipients": [one | ({"diagnosticCode": reply} if reply else {})]},
        "Complaint": {"complainedRecipients": [one]},
        "Delivery": {"recipients": [of.address]},
    }
    people = told.get(kind, {})
    if kind == "Bounce":
        words.setdefault("bounceSubType", "General")
    mail: Json = {"messageId": of.message_id, "destination": [of.address]}
    if of.key:
        mail["headers"] = [{"name": "X-Metadata", "value": json.dumps({"delivery": of.key})}]
    return {"eventType": kind, "mail": mail, kind.lower(): people | words}


def _mailjet(of: Happening, words: Json, reply: str) -> Any:
    at = int(of.moment.timestamp())
    return [{"email": of.address, "MessageID": of.message_id, "time": at} | words]


def _mailersend(of: Happening, words: Json, reply: str) -> Any:
    email: Json = {"message": {"id": of.message_id}, "recipient": {"email": of.address}}
    email["tags"] = [of.key] if of.key else []
    data = {"id": of.event_id, "created_at": of.moment.isoformat(), "email": email} | words
    if reply:
        data["morph"] = {"object": "recipient_bounce", "reason": reply}
    return {"type": f"activity.{words['type']}", "data": data}


def _mailtrap(of: Happening, words: Json, reply: str) -> Any:
    named = {"email": of.address, "message_id": of.message_id, "event_id": of.event_id}
    return {"events": [named | {"timestamp": int(of.moment.timestamp())} | words]}


def _mandrill(of: Happening, words: Json, reply: str) -> Any:
    msg: Json = {"email": of.address, "diag": reply}
    msg["metadata"] = {"delivery": of.key} if of.key else {}
    msg |= {"bounce_description": words.pop("bounce_description", "")}
    return [{"_id": of.message_id, "ts": int(of.moment.timestamp()), "msg": msg} | words]


def _postal(of: Happening, words: Json, reply: str) -> Any:
    name = "original_message" if "bounce" in words else "message"
    message = {"id": of.message_id, "to": of.address, "direction": "outgoing"}
    message["tag"] = of.key or None
    payload = {name: message, "output": reply} | words
    at = of.moment.timestamp()
    return {"event": "Message", "timestamp": at, "uuid": of.event_id, "payload": payload}


def _sparkpost(of: Happening, words: Json, reply: str) -> Any:
    event = {
        "event_id": of.event_id,
        "raw_rcpt_to": of.address,
        "transmission_id": of.message_id,
        "timestamp": str(int(of.moment.timestamp())),
        "rcpt_meta": {},
    }
    return [{"msys": {"message_event": event | words}}]


def _sendgrid(of: Happening, words: Json, reply: str) -> Any:
    named = {"email": of.address, "anymail_id": of.message_id, "sg_event_id": of.event_id}
    return [named | {"timestamp": int(of.moment.timestamp())} | words]


def _unisender_go(of: Happening, words: Json, reply: str) -> Any:
    data = {
        "job_id": of.message_id,
        "email": of.address,
        "status": words["status"],
        "event_time": of.moment.strftime("%Y-%m-%d %H:%M:%S"),
        "delivery_info": {"delivery_status": words.get("delivery_status", "")},
    }
    event = {"event_name": "transactional_email_status", "event_data": data}
    return {"auth": "a" * 32, "events_by_user": [{"user_id": 1, "events": [event]}]}


# -- posting ------------------------------------------------------------------------------------


class _Key:
    """A public key for Postal, which takes what our test signs: its package need not be there."""

    def verify(self, signature: bytes, body: bytes, *_: object) -> None:
        if signature != hmac.new(KEY.encode(), body, hashlib.sha1).digest():
            raise postal.InvalidSignature


class _Stands:
    """In place of what anymail would load for signatures and accounts."""

    class InvalidSignature(Exception):
        pass

    PKCS1v15 = SHA1 = staticmethod(lambda: None)

    @staticmethod
    def load_pem_public_key(*_: object, **__: object) -> _Key:
        return _Key()


def stand_in_packages(monkeypatch: Any) -> None:
    """anymail's views for Amazon and Postal want packages that only their users install."""
    monkeypatch.setattr(amazon_ses, "_get_anymail_boto3_params", lambda **_: ({}, {}))
    for name in ("serialization", "hashes", "padding"):
        monkeypatch.setattr(postal, name, _Stands)
    monkeypatch.setattr(postal, "default_backend", lambda: None)
    monkeypatch.setattr(postal, "InvalidSignature", _Stands.InvalidSignature)


def post_happening(client: Client, of: Happening, **wrong: str) -> Any:
    at = of.moment.isoformat()
    return post_document(client, of.provider, build_document(of), of.event_id, at=at, **wrong)


def post_document(
    client: Client,
    provider: str,
    document: Any,
    event_id: str = "1",
    secret: str = SECRET,
    key: str = KEY,
    at: str = "2026-04-22T12:05:00Z",
) -> Any:
    """Through anymail's own view, signed as the provider signs; a wrong secret or key forges it.

    `at` is when Amazon notified us: anymail takes it for the time of the event.
    """
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
    body = json.dumps(_wrap(provider, document, event_id, key, at)).encode()
    if provider == "amazon_ses":
        headers |= {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": event_id}
    if provider == "resend":
        headers["svix-id"] = event_id
    if provider == "mandrill":
        return _post_mandrill(client, body.decode(), key, headers)
    if provider == "unisender_go" and isinstance(document, dict) and "auth" in document:
        auth = document["auth"].encode()
        made = hashlib.md5(body.replace(auth, key.encode())).hexdigest()
        body = body.replace(auth, made.encode())
    url = f"/anymail/{provider}/tracking/"
    headers |= _sign(body, key)
    return client.post(url, body, content_type="application/json", headers=headers)


def _wrap(provider: str, document: Any, event_id: str, key: str, at: str) -> Any:
    if provider == "mailgun" and isinstance(document, dict):
        made = hmac.new(key.encode(), f"1{event_id}".encode(), hashlib.sha256).hexdigest()
        return document | {"signature": {"timestamp": "1", "token": event_id, "signature": made}}
    if provider == "amazon_ses":
        said = json.dumps(document)
        return {"Type": "Notification", "MessageId": event_id, "Timestamp": at, "Message": said}
    return document


def _sign(body: bytes, key: str) -> dict[str, str]:
    """As MailerSend, Mailtrap and Postal sign; the others look at none of it."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    made = b64encode(hmac.new(key.encode(), body, hashlib.sha1).digest()).decode()
    return {"Signature": digest, "Mailtrap-Signature": digest, "X-Postal-Signature": made}


def _post_mandrill(client: Client, said: str, key: str, headers: dict[str, str]) -> Any:
    signed = (SETTINGS["MANDRILL_WEBHOOK_URL"] + "mandrill_events" + said).encode()
    made = b64encode(hmac.new(key.encode(), signed, hashlib.sha1).digest()).decode()
    form = urlencode({"mandrill_events": said})
    kind = "application/x-www-form-urlencoded"
    headers |= {"X-Mandrill-Signature": made}
    return client.post("/anymail/mandrill/", form, content_type=kind, headers=headers)
