"""Some hundred are deleted as each of them by itself would be, with as many queries as for one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.high_water.hold import name_installation
from digest.high_water.leavings import find_journal
from digest.models import Webhook
from subscribers.account.address import delete_subscriber, delete_subscribers
from subscribers.models import (
    Confirmation,
    FormerAddress,
    ListImport,
    RejectedLine,
    Subscriber,
    Topic,
)
from subscribers.models.deletion import deletion_begins
from subscribers.models.leanings import Leaning
from subscribers.signup import mailbox_limits
from tests.digest.track.reports import make_sent, tell
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)
SPELLINGS = ["RAG", "rag systems", "RAG Systems", "Rag-Systems", "robots", "Robots", "speech"]
SUBSCRIBERS = apps.get_app_config("subscribers")
CHANGED = {
    *("Subscriber", "Interest", "Topic", "Delivery", "ProviderEvent", "MailTrace", "WebhookPost"),
    *("ConsentEvent", "Leaning", "Confirmation", "Mailbox", "ListImport", "RejectedLine"),
}
WORDS = ["agents", "Bees", "bees", "clouds"]
# What counts how often something was done, and which numbers rows got.
NOT_COMPARED = {"ListImport": {"erasures"}, "MailTrace": {"id"}, "WebhookPost": {"id"}}
NOT_COMPARED["PageVersion"] = {"token"}  # drawn at random


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.HIGH_WATER_DIR = tmp_path / "high_water"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.OUTBOX_DIR.mkdir()
    find_journal(name_installation()).parent.mkdir(parents=True, exist_ok=True)
    return tmp_path


def fill(seed: int, count: int = 12) -> list[Subscriber]:
    """Some people whose addresses, topics and lists hang together, and whom of them to delete."""
    dice = random.Random(seed)
    people = [fill_one(dice, number) for number in range(count)]
    emails = [one.email for one in people]
    for one in dice.sample(people, count // 2):
        Subscriber.objects.filter(pk=one.pk).update(
            new_email=dice.choice(emails), move_asked_at=dice.choice([NOW, None])
        )
    Webhook.objects.create(name="ours", url="https://h.example/", kinds=["left"], created_at=NOW)
    for name in range(3):
        lines = "".join(f"{one},RAG\n" for one in dice.sample(emails, 4))
        row = ListImport.objects.create(
            text=f"email,topics\n{lines}", name=f"{name}.csv", by="ada", created_at=NOW, lines=4
        )
        for number, email in enumerate(dice.sample(emails, 3)):
            cells = [email.upper(), ""]
            RejectedLine.objects.create(of=row, number=number, cells=cells, reason="No topic.")
    rows = list(Subscriber.objects.order_by("pk"))
    return [rows[0], *dice.sample(rows[1:], count // 2 - 1)]


def fill_one(dice: random.Random, number: int) -> Subscriber:
    email = f"reader{number}@example.org"
    one = make_subscriber(email=email, confirmed_at=NOW - 9 * DAY)
    follows, mutes = dice.sample(SPELLINGS, dice.randint(1, 4)), dice.sample(WORDS, 2)
    follows += ["what the first alone follows"] * (number == 0)
    one.replace_interests(*Topic.objects.get_or_create_lists([follows, mutes]))
    for days in range(dice.randint(0, 3) or number == 0):
        mail = make_sent(one, days=-days)
        if dice.random() < 0.3 or number == 0:
            tell(mail, "delivered")
    if dice.random() < 0.4:
        FormerAddress.objects.create(
            subscriber=one, email=f"reader{dice.randrange(6)}@example.org", left_at=NOW
        )
    Leaning.objects.create(subscriber=one, kind="word", term="bee", said="bees", steps=1)
    Confirmation.objects.create(subscriber=one, sent_at=NOW, wish={"topics": ["RAG"]})
    mailbox_limits.claim_mail(email, NOW - DAY, dice.choice(["", mailbox_limits.MOVE]))
    if dice.random() < 0.3 or number == 0:
        one.unsubscribe(NOW - DAY)
    elif dice.random() < 0.2:
        Subscriber.objects.filter(pk=one.pk).update(status="pending", confirmed_at=None)
    return one


def write_outbox(folder: Path, emails: list[str]) -> None:
    for email in emails:
        mail = EmailMessage()
        mail["To"] = email
        (folder / "outbox" / f"{email.partition('@')[0]}.eml").write_bytes(mail.as_bytes())


def read_rows() -> dict[str, Counter[str]]:
    """Every row of ours, by its table."""
    rows = {}
    for model in (*apps.get_app_config("digest").get_models(), *SUBSCRIBERS.get_models()):
        left_out = NOT_COMPARED.get(model.__name__, set())
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
        rows[model.__name__] = Counter(map(repr, model._base_manager.values_list(*names)))
    return rows


def see_what_stays(delete: Callable[[], None], folder: Path, capture: Any) -> tuple[Any, ...]:
    """All rows, files of the outbox and hashes in the journal after this; the rows come back."""
    write_outbox(folder, [f"reader{number}@example.org" for number in range(12)])
    journal = find_journal(name_installation())
    journal.write_text("")
    with transaction.atomic():
        with capture(execute=True):
            delete()
        rows = read_rows()
        transaction.set_rollback(True)
    files = sorted(path.name for path in (folder / "outbox").iterdir())
    return rows, files, sorted(line.split()[1] for line in journal.read_text().splitlines())


@pytest.mark.parametrize("seed", range(5))
def test_together_is_as_one_after_the_other(
    seed: int, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    people = fill(seed)
    before = read_rows()

    def one_by_one() -> None:
        for one in people:
            delete_subscriber(one)

    capture = django_capture_on_commit_callbacks
    apart = see_what_stays(one_by_one, folder, capture)
    together = see_what_stays(lambda: delete_subscribers(people), folder, capture)
    for name, rows in apart[0].items():
        assert together[0][name] == rows, name
    assert together == apart
    changed = {name for name, rows in before.items() if rows != apart[0][name]}
    assert changed >= CHANGED


def test_whoever_stays_after_all_is_told_of_when_they_go() -> None:
    reader = make_reader("agents")
    with transaction.atomic():
        Subscriber.objects.filter(pk=reader.pk).delete()
        transaction.set_rollback(True)
    told: list[int] = []

    def hear(subscribers: Sequence[Subscriber], **_: Any) -> None:
        told.extend(one.pk for one in subscribers)

    deletion_begins.connect(hear)
    try:
        Subscriber.objects.get().delete()
    finally:
        deletion_begins.disconnect(hear)
    assert len(told) == 1


@pytest.mark.parametrize("way", ["act", "rows"])
def test_many_cost_as_many_queries_as_few(way: str, admin_client: Client) -> None:
    counts = []
    for seed, count in ((1, 6), (2, 12)):
        Subscriber.objects.all().delete()
        Webhook.objects.all().delete()
        people = fill(seed, count)
        FormerAddress.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            if way == "act":
                typed = {"id": [one.pk for one in people]}
                admin_client.post("/admin/subscribers/subscriber/act/delete/", typed)
            else:
                Subscriber.objects.filter(pk__in=[one.pk for one in people]).delete()
        assert not Subscriber.objects.filter(pk__in=[one.pk for one in people]).exists()
        counts.append(len(asked))
    assert counts[1] - counts[0] <= 4  # the lists and lines that were changed differ
