"""Many lines brought in at once come to what the same lines come to one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digest.models import Webhook, WebhookPost
from digest.webhooks import note
from subscribers.lists import import_chunk
from subscribers.lists.import_chunk import import_lines
from subscribers.lists.import_csv import (
    Candidate,
    Fate,
    ImportRules,
    Outcome,
    import_candidate,
    read_line,
)
from subscribers.lists.import_file import Line, read_lines
from subscribers.models import (
    ConsentEvent,
    Departure,
    Interest,
    Mailbox,
    Subscriber,
    Suppression,
    Topic,
)
from subscribers.signup import mailbox_limits, opt_in
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_reader, make_subscriber
from tests.properties import examples

pytestmark = pytest.mark.django_db
Import = Callable[[Sequence[Line], ImportRules], list[Fate]]
COLUMNS = "email,topics,cadence,max_papers,confirmed,muted,paused_until,wants_near"
ADDRESSES = [
    *("new1@example.org", "New1@Example.org", "new2@example.org", "nobody"),
    *("new+tag@gmail.com", "n.ew@gmail.com", "active@a.example", "pending@a.example"),
    *("waiting@a.example", "gone@a.example", "left@a.example", "Left+2@a.example"),
    *("bounced@a.example", "spam@a.example"),
]
TOPICS = (
    "LLM agents",
    "llm agents",
    "LLM agent",
    "RAG",
    "rag",
    "robots",
    "robot -toy",
    "AND AND",
    "",
)
lines = st.lists(
    st.tuples(
        st.sampled_from(ADDRESSES),
        st.lists(st.sampled_from(TOPICS), max_size=3).map("; ".join),
        st.sampled_from(["", "weekly", "hourly"]),
        st.sampled_from(["", "7"]),
        st.sampled_from(["", "yes", "2026-01-02", "no", "2099-01-01"]),
        st.sampled_from(["", "", "robots", "RAG; bees"]),
        st.sampled_from(["", "", "2026-05-01"]),
        st.sampled_from(["", "", "no"]),
    ).map(",".join),
    min_size=1,
    max_size=12,
)

WAYS = [(True, False), (True, False), (False, False), (True, True)]  # consent given, a trial


def fill() -> None:
    """Everybody whom a line may meet, and what their topics were named before."""
    wishes = Wishes(["bees"])
    make_reader("Llm Agents", email="active@a.example")
    make_subscriber(email="pending@a.example", status="pending", confirmed_at=None)
    waiting = opt_in.request_confirmation("waiting@a.example", wishes, NOW - timedelta(days=2))
    opt_in.record_confirmation(Subscriber.objects.get(pk=waiting), NOW - timedelta(days=2))
    make_subscriber(email="gone@a.example", status="unsubscribed", unsubscribed_at=NOW)
    Departure.objects.note("left@a.example", NOW - timedelta(days=40))
    Suppression.objects.suppress("bounced@a.example", "bounce")
    Suppression.objects.suppress("spam@a.example", "bounce")
    Suppression.objects.suppress("spam@a.example", "complaint")
    for email in ("new1@example.org", "new@gmail.com"):
        mailbox_limits.claim_mail(email, NOW - timedelta(days=3))
    Webhook.objects.create(name="CRM", url="https://a.example", kinds=["confirmed"], created_at=NOW)
    Webhook.objects.create(name="Log", url="https://b.example", kinds=["left"], created_at=NOW)


def one_by_one(chunk: Sequence[Line], rules: ImportRules) -> list[Fate]:
    read = [read_line(line, NOW, rules) for line in chunk]
    return [
        import_candidate(one, NOW, rules) if isinstance(one, Candidate) else one for one in read
    ]


def together(chunk: Sequence[Line], rules: ImportRules) -> list[Fate]:
    return import_lines(chunk, NOW, rules)


def dump() -> list[Any]:
    """All that an import may write, without what numbers and moments the database gives."""
    ours = ("id", "created_at", "subscriber_id", "topic_id", "link_version")
    people = [
        {name: value for name, value in row.items() if name not in ours}
        for row in Subscriber.objects.order_by("email").values()
    ]
    emails = dict(Subscriber.objects.values_list("pk", "email"))
    return [
        people,
        list(
            Interest.objects.order_by("subscriber__email", "pk").values_list(
                "subscriber__email", "topic__normal_form", "mode", "typed"
            )
        ),
        list(Topic.objects.order_by("normal_form").values_list("normal_form", "query", "slug")),
        list(
            ConsentEvent.objects.order_by("subscriber__email", "pk").values_list(
                "subscriber__email", "kind", "happened_at", "noted_at", "by", "note"
            )
        ),
        sorted(Mailbox.objects.values_list("fingerprint", "letters_sent")),
        sorted(
            (emails[number], *rest)
            for number, *rest in WebhookPost.objects.values_list(
                "subscriber_number", "webhook__name", "kind", "reason", "happened_at"
            )
        ),
        list(Subscriber.objects.values_list("confirmations__wish").order_by("pk")),
    ]


def try_out(bring: Import, rows: list[str], rules: dict[str, Any]) -> tuple[list[Fate], list[Any]]:
    """What becomes of the lines and what is there then; all of it taken back."""
    with transaction.atomic():
        fill()
        text = "\n".join([COLUMNS, *rows])
        read = read_lines(text)
        fates = bring(list(read), ImportRules(read.header, **rules))
        said = fates, dump()
        transaction.set_rollback(True)
    return said


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
@given(lines, st.sampled_from(WAYS))
@example([f"new{n}@example.org,{topic},,,yes,,," for n, topic in enumerate(TOPICS[:3])], WAYS[0])
def test_a_chunk_comes_to_what_its_lines_come_to(rows: list[str], way: tuple[bool, bool]) -> None:
    rules = dict(zip(("is_consent_given", "is_trial"), way, strict=True))
    assert try_out(together, rows, rules) == try_out(one_by_one, rows, rules)


def test_a_chunk_asks_no_more_of_many_than_of_few(django_assert_max_num_queries: Any) -> None:
    for first, count in ((0, 20), (100, 200)):
        text = "\n".join(
            ["email,topics,confirmed"]
            + [f"r{n}@example.org,topic {n}; RAG,yes" for n in range(first, first + count)]
        )
        read = read_lines(text)
        with django_assert_max_num_queries(24):
            fates = import_lines(list(read), NOW, ImportRules(read.header, is_consent_given=True))
        assert fates == [(Outcome.CONFIRMED, "")] * count


def test_who_signs_up_meanwhile_is_brought_in_all_the_same(monkeypatch: Any) -> None:
    real = import_chunk._look_up

    def look_up(emails: set[str]) -> Any:
        found = real(emails)
        opt_in.request_confirmation("ada@example.org", Wishes(["bees"]), NOW)
        return found

    monkeypatch.setattr(import_chunk, "_look_up", look_up)
    read = read_lines("email,topics,confirmed\nada@example.org,RAG,yes\nbob@example.org,RAG,yes\n")
    import_lines(list(read), NOW, ImportRules(read.header, is_consent_given=True))
    assert Subscriber.objects.active().count() == 2
    assert ConsentEvent.objects.count() == 2


def test_of_what_many_confirm_no_more_waits_for_an_address_than_may(monkeypatch: Any) -> None:
    monkeypatch.setattr(note, "MOST_WAITING", 3)
    Webhook.objects.create(name="CRM", url="https://a.example", kinds=["confirmed"], created_at=NOW)
    text = "email,topics,confirmed\n" + "".join(f"r{n}@example.org,RAG,yes\n" for n in range(5))
    read = read_lines(text)
    import_lines(list(read), NOW, ImportRules(read.header, is_consent_given=True))
    assert WebhookPost.objects.waiting().count() == 3
