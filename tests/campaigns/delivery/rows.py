"""The campaign's deliveries: planned before it, counted during it, compared after it."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import Error, connection
from django.test import Client
from django.utils import timezone

from digest.deliver import deliver_planned, settle_doubts, sweep
from digest.deliver.provider.send import Provider
from digest.models import Delivery, Edition, Source
from subscribers.models import Subscriber
from tests.factories import make_paper
from tests.webhook_posts import Happening, post_happening

OPEN = ("planned", "claimed")
ADDRESS = re.compile(rb"^To: (\S+)", re.MULTILINE)
LATER = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(hours=13))
MOST_ROUNDS = 50


def prepare(mails: int) -> None:
    """An edition of so many deliveries, all planned and due."""
    call_command("migrate", verbosity=0)
    Source.objects.update(is_active=False)  # nobody outside is asked
    now = timezone.now()
    item = {"id": make_paper().pk, "section": "new", "topics": [[1, "papers", "Paper"]]}
    readers = Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.org", status="active", confirmed_at=now)
        for n in range(mails)
    )
    edition = Edition.objects.create(date=now.date())
    Delivery.objects.bulk_create(
        (
            Delivery(
                subscriber=reader, edition=edition, covers_until=now, contents={"papers": [item]}
            )
            for reader in readers
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def count_by_status() -> Counter[str]:
    return Counter(dict(_count()))


def _count() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM digest_delivery GROUP BY status")
        return list(cursor.fetchall())


def count_open() -> int | None:
    """How many are not in a last state; None while the database is away."""
    try:
        counts = count_by_status()
    except Error:
        connection.close()
        return None
    return sum(counts[status] for status in OPEN)


def describe() -> str:
    try:
        return ", ".join(f"{count} {status}" for status, count in sorted(_count()))
    except Error:
        connection.close()
        return "no database"


def find_key(body: bytes) -> str:
    """The key of the delivery whose mail a mail server took."""
    found = ADDRESS.search(body)
    assert found
    keys = Delivery.objects.filter(subscriber__email=found[1].decode())
    return str(keys.values_list("key", flat=True).get())


def report(provider: str, accepted: Counter[str]) -> None:
    """Post the provider's report of each delivery that it accepted, by our key, as it does."""
    client, now = Client(SERVER_NAME="localhost"), timezone.now()
    rows = Delivery.objects.filter(key__in=list(accepted)).select_related("subscriber")
    for row in rows:
        message_id = row.message_id or f"found-{row.key}"
        address, key = row.subscriber.email, str(row.key)
        told = Happening(provider, "delivered", address, message_id, now, f"e-{row.pk}", key)
        answer = post_happening(client, told)
        assert answer.status_code == 200, answer.content


def settle() -> None:
    """Let hours pass, and all that is in doubt be settled by asking the provider."""
    for later in LATER:
        now = timezone.now() + later
        for _ in range(MOST_ROUNDS):
            done = settle_doubts(now)
            if not done["asked"]:
                break
        while Delivery.objects.planned().exists():
            sweep(now)
            deliver_planned(now)
            now += timedelta(minutes=1)
            time.sleep(0.01)


def compare(accepted: Counter[str]) -> dict[str, Any]:
    """What the provider wrote down, against what the rows say."""
    states = {str(key): status for key, status in Delivery.objects.values_list("key", "status")}
    with Provider() as provider:
        traits = provider.traits
    return {
        "twice": sum(times > 1 for times in accepted.values()),
        "never": sum(not accepted[key] and states[key] != "in_doubt" for key in states),
        "unmailed": sum(not accepted[key] and states[key] == "in_doubt" for key in states),
        "said_sent_but_never": sum(
            status == "sent" and not accepted[key] for key, status in states.items()
        ),
        "accepted_but_said_unsent": sum(
            states[key] not in ("sent", "in_doubt") for key in accepted
        ),
        "in_doubt": Counter(states.values())["in_doubt"],
        "states": Counter(states.values()),
        "batch_size": traits.batch_size,
    }
