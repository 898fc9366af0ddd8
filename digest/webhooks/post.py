"""Posting what waits: signed, to public addresses alone, again after growing waits, not for ever.

Signed as https://www.standardwebhooks.com has it, for which there are libraries in most languages.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import requests
from django.utils.translation import gettext as _

from digest.ingest.sources.address_guard import Deadline, RefusedAddress, open_guarded_session
from digest.ingest.sources.fetch import format_user_agent
from digest.models import Webhook, WebhookPost
from digest.models.webhooks import SECRET_PREFIX
from subscribers.forgiving_cache import is_new_hour
from subscribers.models import Subscriber

logger = logging.getLogger(__name__)

POST_SECONDS = 5.0
LEASE = timedelta(minutes=2)  # a worker that dies gives a post back after so long
# After the first try, the second and so on; then it is given up, after two days and a half.
WAITS = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
    timedelta(hours=24),
]
MOST_AT_ONCE = 500  # of one address
KEPT_FOR = timedelta(days=7)
ERROR_CHARS = 200


def has_posts() -> bool:
    """Whether any post is kept, waiting or done."""
    return WebhookPost.objects.exists()


def post_due(now: datetime, keep_going: Callable[[], bool] = lambda: True) -> tuple[int, int]:
    """Post what is due, each once; how many were taken, and how many were not.

    The addresses take turns. One that does not take a post is left alone for the rest of the run:
    it may hang, and nobody waits behind all that is due there.
    """
    taken, refused = 0, 0
    turns = deque(_list_due(now))
    while turns and keep_going():
        waiting = turns.popleft()
        post = _claim_post(waiting.popleft(), now)
        if post and not _try_post(post, now):
            refused += 1
            continue
        taken += post is not None
        if waiting:
            turns.append(waiting)
    if is_new_hour("digest.posts_pruned", now):
        WebhookPost.objects.filter(next_try_at=None, happened_at__lt=now - KEPT_FOR).delete()
    return taken, refused


def _list_due(now: datetime) -> list[deque[int]]:
    """The ids of what is due, the oldest first, for each address by itself."""
    due = WebhookPost.objects.due(now)
    webhooks = due.order_by().values_list("webhook", flat=True).distinct()
    rows = (due.filter(webhook=webhook).values_list("pk", flat=True) for webhook in webhooks)
    return [deque(ids[:MOST_AT_ONCE]) for ids in rows]


def _claim_post(pk: int, now: datetime) -> WebhookPost | None:
    """The post, for us alone until the lease ends; None where another worker has it."""
    rows = WebhookPost.objects.filter(pk=pk, next_try_at__lte=now)
    if not rows.update(next_try_at=now + LEASE):
        return None
    return WebhookPost.objects.select_related("webhook").get(pk=pk)


def _try_post(post: WebhookPost, now: datetime) -> bool:
    webhook = Webhook.objects.filter(pk=post.webhook_id)
    error = send_event(post.webhook, f"post-{post.pk}", describe_event(post), now)
    post.attempts, post.last_error = post.attempts + 1, error
    if not error:
        post.taken_at, post.next_try_at = now, None
        webhook.update(last_taken_at=now, failed_at=None, last_error="")
    else:
        is_last = post.attempts > len(WAITS)
        post.next_try_at = None if is_last else now + WAITS[post.attempts - 1]
        webhook.update(failed_at=now, last_error=error)
        logger.warning("The webhook %s did not take it: %s", post.webhook_id, error)
    post.save(update_fields=["attempts", "last_error", "taken_at", "next_try_at"])
    return not error


def describe_event(post: WebhookPost) -> dict[str, Any]:
    """What is told: the address as it is now, null where the subscriber was deleted since."""
    row = Subscriber.objects.filter(pk=post.subscriber_number)
    email = row.values_list("email", flat=True).first()
    return {
        "type": f"subscriber.{post.kind}",
        "timestamp": post.happened_at.isoformat(),
        "data": {"id": post.subscriber_number, "email": email, "reason": post.reason},
    }


def send_event(webhook: Webhook, name: str, event: dict[str, Any], now: datetime) -> str:
    """Post an event; "" where it was taken, else what went wrong, without the address.

    No redirect is followed and no answer read, and nothing goes to an address within a private
    network unless FETCH_ALLOW_PRIVATE names it.
    """
    body = json.dumps(event, ensure_ascii=False).encode()
    headers = sign_event(webhook.secret, name, body, now)
    headers |= {"Content-Type": "application/json", "User-Agent": format_user_agent()}
    deadline = Deadline(POST_SECONDS)
    try:
        with deadline, open_guarded_session(deadline) as session:
            answer = session.post(
                webhook.url,
                data=body,
                headers=headers,
                timeout=POST_SECONDS,
                stream=True,
                allow_redirects=False,
            )
            status = answer.status_code
            answer.close()
    except Exception as error:  # requests, urllib3, ssl and sockets each have their own
        return _explain_failure(error, deadline)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    moved = _(" It leads elsewhere: write the address it leads to.") if 300 <= status < 400 else ""
    return _("It answered %(status)s.%(moved)s") % {"status": status, "moved": moved}


def sign_event(secret: str, name: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that prove who sent it and when; `name` stays the same when it is sent again."""
    stamp = str(int(now.timestamp()))
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{name}.{stamp}.".encode() + body, sha256).digest()
    return {
        "Webhook-Id": name,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": f"v1,{b64encode(signed).decode()}",
    }


def _explain_failure(error: Exception, deadline: Deadline) -> str:
    """In words, without the address: it may hold a secret of its own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedAddress):
            return str(cause)[:ERROR_CHARS]
        cause = cause.__cause__ or cause.__context__
    if deadline.is_over or isinstance(error, requests.Timeout):
        return _("It did not answer within %(post_seconds)s seconds.") % {
            "post_seconds": f"{POST_SECONDS:.0f}"
        }
    return _("It could not be reached (%(error)s).") % {"error": type(error).__name__}


def make_test_event(now: datetime) -> tuple[str, dict[str, Any]]:
    """An event about nobody, and its name."""
    data = {"id": 0, "email": "somebody@example.org", "reason": "test"}
    event = {"type": "test", "timestamp": now.isoformat(), "data": data}
    return f"test-{time.time_ns()}", event
