"""What every provider that anymail knows posts of a mail, signed as each signs.

The shapes are those of the captured reports and of the providers' documents, reduced to what is
read. `WORDS` has for each provider what it says of the same happening.
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
Json = dict[str, Any]
REPLIES = {
    "hard": "550 5.1.1 The account that you tried to reach does not exist.",
    "full": "552 5.2.2 The mailbox is full.",
    "dns": "550 5.4.4 Host not found.",
    "blocked": "554 5.7.1 Service unavailable; client host blocked.",
    "soft": "451 4.3.2 Try again later.",
}
# Every happening that is told apart, where the provider tells of it.
WORDS: dict[str, dict[str, Json]] = {
    "postmark": {
        "delivered": {"RecordType": "Delivery"},
        "hard": {"RecordType": "Bounce", "Type": "HardBounce"},
        "complaint": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
        "left": {"RecordType": "SubscriptionChange", "SuppressionReason": "ManualSuppression"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce"},
        "full": {"RecordType": "Bounce", "Type": "SoftBounce"},
        "dns": {"RecordType": "Bounce", "Type": "DnsError"},
        "blocked": {"RecordType": "Bounce", "Type": "Blocked"},
        "ours": {"RecordType": "Bounce", "Type": "DMARCPolicy"},
        "opened": {"RecordType": "Open"},
    },
    "resend": {
        "delivered": {"type": "email.delivered"},
        "hard": {"type": "email.bounced", "bounce": {"type": "Permanent", "subType": "General"}},
        "complaint": {"type": "email.complained"},
        "soft": {"type": "email.bounced", "bounce": {"type": "Transient", "subType": "General"}},
        "full": {
            "type": "email.bounced",
            "bounce": {"type": "Transient", "subType": "MailboxFull"},
        },
        "dns": {"type": "email.bounced", "bounce": {"type": "Undetermined"}},
        "ours": {
            "type": "email.bounced",
            "bounce": {"type": "Transient", "subType": "ContentRejected"},
        },
        "opened": {"type": "email.opened"},
    },
    "brevo": {
        "delivered": {"event": "delivered"},
        "hard": {"event": "hard_bounce", "reason": REPLIES["hard"]},
        "complaint": {"event": "spam"},
        "left": {"event": "unsubscribe"},
        "soft": {"event": "soft_bounce", "reason": REPLIES["soft"]},
        "full": {"event": "soft_bounce", "reason": REPLIES["full"]},
        "dns": {"event": "soft_bounce", "reason": "undefined Unable to find MX of domain"},
        "blocked": {"event": "hard_bounce", "reason": REPLIES["blocked"]},
        "opened": {"event": "opened"},
    },
    "mailgun": {
        "delivered": {"event": "delivered"},
        "hard": {"event": "failed", "severity": "permanent", "reason": "bounce", "reply": "hard"},
        "complaint": {"event": "complained"},
        "left": {"event": "unsubscribed"},
        "soft": {"event": "failed", "severity": "permanent", "reason": "generic", "reply": "soft"},
        "full": {"event": "failed", "severity": "permanent", "reason": "bounce", "reply": "full"},
        "dns": {"event": "failed", "severity": "permanent", "reason": "old", "reply": "dns"},
        "blocked": {"event": "failed", "severity": "permanent", "reason": "espblock"},
        "ours": {"event": "rejected", "reject": {"reason": "Sandbox"}},
        "opened": {"event": "opened"},
    },
    "amazon_ses": {
        "delivered": {"eventType": "Delivery"},
        "hard": {"eventType": "Bounce", "bounceType": "Permanent", "bounceSubType": "NoEmail"},
        "complaint": {"eventType": "Complaint", "complaintFeedbackType": "abuse"},
        "soft": {"eventType": "Bounce", "bounceType": "Transient", "bounceSubType": "General"},
        "full": {"eventType": "Bounce", "bounceType": "Transient", "bounceSubType": "MailboxFull"},
        "dns": {"eventType": "Bounce", "bounceType": "Permanent", "reply": "dns"},
        "blocked": {"eventType": "Bounce", "bounceType": "Permanent", "reply": "blocked"},
        "ours": {"eventType": "Reject", "reason": "Bad content"},
        "opened": {"eventType": "Open"},
    },
    "mailjet": {
        "delivered": {"event": "sent"},
        "hard": {"event": "bounce", "error": "user unknown", "hard_bounce": True},
        "complaint": {"event": "spam", "source": "JMRPP"},
        "left": {"event": "unsub"},
        "soft": {"event": "bounce", "error": "system issue", "hard_bounce": False},
        "full": {"event": "bounce", "error": "quota exceeded", "hard_bounce": True},
        "dns": {"event": "bounce", "error": "no mail host", "hard_bounce": True},
        "blocked": {"event": "bounce", "error": "sender blocked", "hard_bounce": True},
        "ours": {"event": "blocked", "error": "duplicate in campaign"},
        "opened": {"event": "open"},
    },
    "mailersend": {
        "delivered": {"type": "delivered"},
        "hard": {"type": "hard_bounced", "reply": "hard"},
        "complaint": {"type": "spam_complaint"},
        "left": {"type": "unsubscribed"},
        "soft": {"type": "soft_bounced", "reply": "soft"},
        "full": {"type": "soft_bounced", "reply": "full"},
        "dns": {"type": "hard_bounced", "reply": "dns"},
        "blocked": {"type": "hard_bounced", "reply": "blocked"},
        "opened": {"type": "opened"},
    },
    "mailtrap": {
        "delivered": {"event": "delivery"},
        "hard": {"event": "bounce", "response": REPLIES["hard"]},
        "complaint": {"event": "spam"},
        "left": {"event": "unsubscribe"},
        "soft": {"event": "soft bounce", "response": REPLIES["soft"]},
        "full": {"event": "bounce", "response": REPLIES["full"]},
        "dns": {"event": "bounce", "response": REPLIES["dns"]},
        "blocked": {"event": "bounce", "response": REPLIES["blocked"]},
        "opened": {"event": "open"},
    },
    "mandrill": {
        "delivered": {"event": "delivered"},  # anymail knows no such event of it
        "hard": {"event": "hard_bounce", "bounce_description": "bad_mailbox"},
        "complaint": {"event": "spam"},
        "left": {"event": "unsub"},
        "soft": {"event": "soft_bounce", "bounce_description": "general"},
        "full": {"event": "soft_bounce", "bounce_description": "mailbox_full"},
        "dns": {"event": "hard_bounce", "bounce_description": "invalid_domain"},
        "blocked": {"event": "hard_bounce", "bounce_description": "general", "reply": "blocked"},
        "opened": {"event": "open"},
    },
    "postal": {
        "delivered": {"status": "Sent"},
        "hard": {"status": "HardFail", "reply": "hard"},
        "full": {"status": "HardFail", "reply": "full"},
        "dns": {"status": "HardFail", "reply": "dns"},
        "soft": {"bounce": {"id": 7}},
        "blocked": {"status": "HardFail", "reply": "blocked"},
        "opened": {"url": "https://example.org"},
    },
    "sparkpost": {
        "delivered": {"type": "delivery"},
        "hard": {"type": "bounce", "bounce_class": "10"},
        "complaint": {"type": "spam_complaint", "fbtype": "abuse"},
        "left": {"type": "list_unsubscribe"},
        "soft": {"type": "bounce", "bounce_class": "20"},
        "full": {"type": "bounce", "bounce_class": "22"},
        "dns": {"type": "bounce", "bounce_class": "21"},
        "blocked": {"type": "bounce", "bounce_class": "50"},
        "ours": {"type": "bounce", "bounce_class": "23"},
        "opened": {"type": "open"},
    },
    "sendgrid": {
        "delivered": {"event": "delivered"},
        "hard": {"event": "bounce", "type": "bounce", "reason": REPLIES["hard"]},
        "complaint": {"event": "spamreport"},
        "left": {"event": "unsubscribe"},
        "soft": {"event": "bounce", "type": "bounce", "reason": REPLIES["soft"]},
        "full": {"event": "bounce", "type": "bounce", "reason": REPLIES["full"]},
        "dns": {"event": "dropped", "type": "expired"},
        "blocked": {"event": "bounce", "type": "blocked", "reason": REPLIES["blocked"]},
        "ours": {"event": "dropped", "reason": "Spam Content (if spam checker app enabled)"},
        "opened": {"event": "open"},
    },
    "unisender_go": {
        "delivered": {"status": "delivered"},
        "hard": {"status": "hard_bounced", "delivery_status": "err_user_unknown"},
        "complaint": {"status": "spam"},
        "left": {"status": "unsubscribed"},
        "soft": {"status": "soft_bounced", "delivery_status": "err_delivery_failed"},
        "full": {"status": "soft_bounced", "delivery_status": "err_mailbox_full"},
        "dns": {"status": "hard_bounced", "delivery_status": "err_domain_inactive"},
        "blocked": {"status": "hard_bounced", "delivery_status": "err_blacklisted"},
        "ours": {"status": "hard_bounced", "delivery_status": "err_too_large"},
        "opened": {"status": "opened"},
    },
}
WORDS["sendinblue"] = WORDS["brevo"]
PROVIDERS = sorted(WORDS)


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
    mail = {"messageId": of.message_id, "destination": [of.address]}
    return {"eventType": kind, "mail": mail, kind.lower(): people | words}


def _mailjet(of: Happening, words: Json, reply: str) -> Any:
    at = int(of.moment.timestamp())
    return [{"email": of.address, "MessageID": of.message_id, "time": at} | words]


def _mailersend(of: Happening, words: Json, reply: str) -> Any:
    email = {"message": {"id": of.message_id}, "recipient": {"email": of.address}}
    data = {"id": of.event_id, "created_at": of.moment.isoformat(), "email": email} | words
    if reply:
        data["morph"] = {"object": "recipient_bounce", "reason": reply}
    return {"type": f"activity.{words['type']}", "data": data}


def _mailtrap(of: Happening, words: Json, reply: str) -> Any:
    named = {"email": of.address, "message_id": of.message_id, "event_id": of.event_id}
    return {"events": [named | {"timestamp": int(of.moment.timestamp())} | words]}


def _mandrill(of: Happening, words: Json, reply: str) -> Any:
    msg = {"email": of.address, "diag": reply}
    msg |= {"bounce_description": words.pop("bounce_description", "")}
    return [{"_id": of.message_id, "ts": int(of.moment.timestamp()), "msg": msg} | words]


def _postal(of: Happening, words: Json, reply: str) -> Any:
    name = "original_message" if "bounce" in words else "message"
    message = {"id": of.message_id, "to": of.address, "direction": "outgoing"}
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
