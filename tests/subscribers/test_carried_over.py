"""What an earlier release stored of wishes and confirmations is there after the migration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.tokens import DatedLink
from tests.factories import NOW

DAY = timedelta(days=1)
BEFORE = [("subscribers", "0008_former_addresses")]


@pytest.fixture
def earlier(transactional_db: None) -> Iterator[Any]:
    """The models of the release before; the tables are brought up to date when it is over."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    bring_up_to_date()


def bring_up_to_date() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_every_letter_goes_on_confirming_what_it_showed(earlier: Any) -> None:
    def wish(*topics: str, **more: str) -> dict[str, Any]:
        return Wishes(list(topics)).to_json() | more

    rows = earlier.get_model("subscribers", "Subscriber").objects
    waiting = rows.create(
        email="waiting@example.org",
        confirmation_sent_at=NOW,
        wishes=wish("agents", asked_at=(NOW + DAY).isoformat()),
        letters={
            (NOW - DAY).isoformat(timespec="microseconds"): wish("modèle du monde"),
            NOW.isoformat(timespec="microseconds"): wish("RAG", asked_at=NOW.isoformat()),
        },
    )
    settled = rows.create(
        email="settled@example.org", wishes=wish("RAG"), status="active", confirmed_at=NOW
    )
    nothing = rows.create(email="nothing@example.org")
    bring_up_to_date()

    row = Subscriber.objects.get(pk=waiting.pk)
    assert row.wish_asked_at == NOW + DAY
    assert opt_in.read_latest_wishes(row) == Wishes(["agents"])
    for sent_at, topic in ((NOW - DAY, "modèle du monde"), (NOW, "RAG")):
        link = DatedLink(row.pk, sent_at)
        assert opt_in.find_own_wishes(row, link) == Wishes([topic])
    row = Subscriber.objects.get(pk=settled.pk)
    assert (opt_in.read_latest_wishes(row), row.wish_asked_at) == (Wishes(["RAG"]), None)
    row = Subscriber.objects.get(pk=nothing.pk)
    assert (row.wishes, row.wish_asked_at, row.confirmations.count()) == ({}, None, 0)
