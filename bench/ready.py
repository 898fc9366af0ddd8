"""The least that handing mails over can cost here: every body is ready before the clock starts.

Each row is claimed with what stands in it, read, marked as begun and as sent, each mark one
statement for many rows; the five links that act for a reader are signed; the ready bodies are put
into the provider's calls, 50 mails each as Offprint makes them, and sent. Nothing is chosen, set,
checked, repeated or logged. What Offprint takes beyond this is what can be saved at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.core.mail import get_connection
from django.db import connection

from bench.meter import measure_cost
from bench.plain import SITE
from bench.readers import DAY
from bench.sink import read_counts
from digest.models import Delivery
from digest.render import Typesetter
from digest.render.digest_mail import DigestMail
from digest.render.template_slots import quote
from subscribers import tokens

ROWS_A_CLAIM, MAILS_A_CALL = 500, 50
PURPOSES = (tokens.PREFERENCES, tokens.UNSUBSCRIBE, tokens.FEEDBACK, tokens.ALL_PAPERS, "page")
_CLAIM = (
    "UPDATE digest_delivery d SET claimed_at = now() FROM subscribers_subscriber s"
    " WHERE s.id = d.subscriber_id AND d.id = ANY(%s)"
    " RETURNING d.id, d.contents::text, s.id, s.link_version, s.email"
)
_BEGIN = "UPDATE digest_delivery SET maybe_sent_at = now() WHERE id = ANY(%s)"
_SETTLE = "UPDATE digest_delivery SET sent_at = now(), status = 'sent' WHERE id = ANY(%s)"


class ReadyMail(NamedTuple):
    """Subject and bodies as they stand within a string of JSON."""

    subject: str
    html: str
    text: str


def hand_over_ready(address: str, limit: int) -> dict[str, Any]:
    """Hand over the first so many mails of the day once more; what it cost and came to."""
    ready = dict(_set_ready(limit))
    before, papers = read_counts(address), 0
    with measure_cost() as cost, get_connection() as backend:
        for ids in _cut(list(ready), ROWS_A_CLAIM):
            for rows in _cut(_run(_CLAIM, ids), MAILS_A_CALL):
                papers += sum(len(json.loads(row[1])["papers"]) for row in rows)
                _run(_BEGIN, [row[0] for row in rows])
                _send(backend, [_make_entry(row, ready[row[0]]) for row in rows])
                _run(_SETTLE, [row[0] for row in rows])
    after = read_counts(address)
    mails = after.mails - before.mails
    size = (after.bytes - before.bytes) // max(mails, 1)
    return cost.to_json() | {"units": mails, "papers": papers, "bytes": size}


def _set_ready(limit: int) -> Iterator[tuple[int, ReadyMail]]:
    sent = Delivery.objects.sent().filter(covers_until__gte=DAY).order_by("pk")
    deliveries = list(sent.select_related("subscriber", "edition")[:limit])
    mails = Typesetter(is_quoted=True).render_each(deliveries)
    for delivery, mail in zip(deliveries, mails, strict=True):
        if isinstance(mail, DigestMail) and mail.quoted:
            subject = quote(str(mail.subject))
            yield delivery.pk, ReadyMail(subject, mail.quoted.html, mail.quoted.text)


def _run(sql: str, ids: Sequence[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        return cursor.fetchall() if sql == _CLAIM else []


def _make_entry(row: Sequence[Any], mail: ReadyMail) -> str:
    """One mail of a call, in Postmark's shape."""
    pk, _, subscriber_id, version, email = row
    links = [tokens.sign(purpose, subscriber_id, version) for purpose in PURPOSES]
    return (
        f'{{"From": "digest@example.org", "To": "{email}", "Subject": "{mail.subject}", '
        f'"HtmlBody": "{mail.html}", "TextBody": "{mail.text}", '
        f'"Metadata": {{"delivery": "{pk}"}}, '
        f'"Headers": [{{"Name": "List-Unsubscribe", "Value": "<{SITE}/{links[1]}/>"}}]}}'
    )


def _send(backend: Any, entries: Sequence[str]) -> None:
    answer = backend.session.post(
        f"{backend.api_url}email/batch", data=f"[{','.join(entries)}]".encode(), timeout=60
    )
    answer.raise_for_status()


def _cut(some: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (some[start : start + size] for start in range(0, len(some), size))
