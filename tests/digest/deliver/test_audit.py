from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.deliver import audit
from digest.deliver.claims import LEASE
from digest.models import EXPIRES_AFTER, Delivery, Edition, Entry, Source
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery, make_paper, make_source, make_subscriber

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def broken(now=NOW):
    """The promises that are broken, with the sentences that say by what."""
    return {f.promise: f.broken for f in audit.audit(now) if f.broken}


def sent(**fields):
    return make_delivery(**{"status": "sent", "sent_at": NOW} | fields)


def edition(day):
    return Edition.objects.create(date=date(2026, 5, day))


def with_papers(*papers):
    items = [{"id": paper.pk, "section": "new", "topics": []} for paper in papers]
    return {"papers": items}


def test_all_promises_hold_where_nothing_ever_happened():
    assert [finding.broken for finding in audit.audit(NOW)] == [""] * 7


def test_all_promises_hold_on_an_ordinary_day():
    reader = make_subscriber()
    papers = [make_paper() for _ in range(3)]
    sent(subscriber=reader, contents=with_papers(*papers[:2]), message_id="m-1", claimed_at=NOW)
    sent(subscriber=reader, contents=with_papers(papers[2]), edition=edition(2), message_id="m-2")
    make_delivery(status="quiet", quiet_reason="no_match", contents={})
    make_delivery(status="claimed", claimed_at=NOW, contents=with_papers(papers[0]))
    make_source(state="failing", note="It answered 500.", last_error="HTTP 500")
    assert broken() == {}


def test_a_message_with_the_name_of_another_was_sent_twice():
    sent(message_id="m-1")
    sent(message_id="m-1")
    sent(message_id="")
    sent(message_id="")
    assert broken() == {"One mail per subscriber and day": "1 sent twice: message m-1."}


@pytest.mark.services  # SQLite cannot drop a constraint and take that back
def test_two_mails_a_day_are_found_even_where_the_constraint_is_gone():
    first = sent()
    other = sent(edition=edition(2), subscriber=first.subscriber)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE digest_delivery DROP CONSTRAINT delivery_is_once_per_edition")
    Delivery.objects.filter(pk=other.pk).update(edition=first.edition)
    said = f"1 sent twice: subscriber {first.subscriber_id} in edition {first.edition_id}."
    assert broken() == {"One mail per subscriber and day": said}


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "claimed", "claimed_at": NOW - 2 * LEASE - HOUR},
        {"status": "planned", "covers_until": NOW - EXPIRES_AFTER - LEASE - HOUR},
    ],
)
def test_what_was_left_lying_is_found(fields):
    delivery = make_delivery(**fields)
    assert broken() == {
        "Nothing is lost: every delivery has a named state": (
            f"1 delivery left lying (is the sweep running?): {delivery.pk}."
        )
    }


@pytest.mark.parametrize("claimed_at", [None, NOW])
def test_mail_to_somebody_unconfirmed_is_found(claimed_at):
    delivery = sent(claimed_at=claimed_at)
    Subscriber.objects.update(status="pending", confirmed_at=None)
    assert list(broken().values()) == [f"1 delivery sent where none was allowed: {delivery.pk}."]


def test_mail_to_somebody_who_had_left_is_found():
    sent()
    Subscriber.objects.update(status="unsubscribed", unsubscribed_at=NOW - HOUR)
    assert list(broken()) == ["Nobody unconfirmed, unsubscribed or suppressed is mailed"]


def test_mail_to_a_suppressed_address_is_found():
    delivery = sent()
    Suppression.objects.suppress(delivery.subscriber.email, "manual")
    Suppression.objects.update(created_at=NOW - HOUR)
    assert list(broken()) == ["Nobody unconfirmed, unsubscribed or suppressed is mailed"]


def test_mail_that_left_before_the_reader_did_is_in_order():
    delivery = sent(claimed_at=NOW - 2 * HOUR)
    Subscriber.objects.update(status="unsubscribed", unsubscribed_at=NOW - HOUR)
    Suppression.objects.suppress(delivery.subscriber.email, "manual")
    Suppression.objects.update(created_at=NOW - HOUR)
    assert broken() == {}


@pytest.mark.parametrize("status", ["sent", "in_doubt"])
def test_a_paper_that_came_twice_is_found(status):
    reader, paper = make_subscriber(), make_paper()
    sent(subscriber=reader, contents=with_papers(paper))
    when = {"sent_at": NOW} if status == "sent" else {"sent_at": None}
    contents = with_papers(paper, make_paper())
    sent(subscriber=reader, edition=edition(2), contents=contents, status=status, **when)
    assert broken()["A paper comes once to a subscriber"] == (
        f"1 paper sent twice: paper {paper.pk} to subscriber {reader.pk}."
    )


def test_the_same_paper_for_two_readers_is_in_order():
    paper = make_paper()
    sent(contents=with_papers(paper))
    sent(contents=with_papers(paper))
    assert broken() == {}


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_a_paper_whose_mail_never_left_may_come_again(status):
    reader, paper = make_subscriber(), make_paper()
    make_delivery(subscriber=reader, contents=with_papers(paper), status=status)
    sent(subscriber=reader, edition=edition(2), contents=with_papers(paper))
    assert "A paper comes once to a subscriber" not in broken()


def test_a_replacement_sent_as_new_is_found_and_a_deleted_paper_is_not_taken_for_one():
    replaced, deleted = make_paper(), make_paper()
    sent(contents=with_papers(replaced, deleted))
    Entry.objects.filter(paper=replaced).update(announce_type="replace")
    deleted.delete()
    assert broken() == {
        "A replacement is never sent as new": (
            f"1 paper sent that was only ever replaced: {replaced.pk}."
        )
    }


@pytest.mark.parametrize("state", ["stopped", "empty", "stale", "partial"])
def test_a_source_that_is_unwell_and_does_not_say_why_is_found(state):
    source = make_source(state=state)
    assert list(broken().values()) == [f"1 source that does not say what is wrong: {source}."]
    Source.objects.update(note="It was empty: a weekend.")
    assert broken() == {}


def test_of_many_only_some_are_named_and_the_others_counted():
    ids = sorted(sent().pk for _ in range(7))
    Subscriber.objects.update(status="pending", confirmed_at=None)
    named = ", ".join(map(str, ids[:5]))
    assert list(broken().values()) == [
        f"7 deliveries sent where none was allowed: {named} and 2 more."
    ]


def test_the_sum_of_each_edition_says_what_became_of_everybody():
    make_delivery()
    make_delivery(status="quiet", quiet_reason="no_match")
    sent()
    later = edition(2)
    sent(edition=later)
    sums = audit.count_by_edition()
    assert list(sums) == [later.date, NOW.date()]
    counts = sums[NOW.date()]
    assert audit.format_sum_line(counts) == (
        "planned 2 = sent 1 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 0"
    )
    assert audit.count_open(counts) == 1
    assert list(audit.count_by_edition(limit=1)) == [later.date]


def test_the_sum_and_the_open_ones_are_all_there_is():
    states = ["planned", "sent", "quiet", "suppressed", "failed", "expired", "in_doubt", "claimed"]
    for status in states:
        more = {"sent": {"sent_at": NOW}, "quiet": {"quiet_reason": "muted"}}
        make_delivery(status=status, claimed_at=NOW, **more.get(status, {}))
    [counts] = audit.count_by_edition().values()
    assert audit.format_sum_line(counts).startswith("planned 6 = ")
    assert audit.count_open(counts) == 2
    assert set(states) == set(Delivery.Status.values)


def test_whoever_is_due_for_hours_is_counted():
    make_subscriber(next_digest_at=NOW - 3 * HOUR)
    make_subscriber(next_digest_at=NOW - HOUR)
    make_subscriber(next_digest_at=NOW - 3 * HOUR, status="unsubscribed", unsubscribed_at=NOW)
    assert audit.count_overdue(NOW) == 1


def test_an_audit_asks_as_few_queries_for_many_rows_as_for_none():
    with CaptureQueriesContext(connection) as few:
        audit.audit(NOW)
    for day in range(1, 28):
        sent(edition=edition(day))
    with CaptureQueriesContext(connection) as many:
        assert broken() == {}
    assert len(many) == len(few)


def test_an_audit_writes_nothing():
    sent()
    with CaptureQueriesContext(connection) as queries:
        audit.audit(NOW)
    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs <= {"SELECT", "DECLARE", "FETCH", "CLOSE"}


@pytest.mark.parametrize(
    ("sections", "is_broken"),
    [
        (("new", "again"), False),
        (("again",), False),
        (("again", "again"), True),
        (("new", "again", "again"), True),
        (("again", "new"), True),
    ],
)
def test_a_second_wave_is_the_one_paper_that_may_come_twice(sections, is_broken):
    reader, paper = make_subscriber(), make_paper()
    for day, section in enumerate(sections, 1):
        contents = with_papers(paper)
        contents["papers"][0]["section"] = section
        sent(subscriber=reader, edition=edition(day), contents=contents)
    said = f"1 paper sent twice: paper {paper.pk} to subscriber {reader.pk}."
    assert broken() == ({"A paper comes once to a subscriber": said} if is_broken else {})
