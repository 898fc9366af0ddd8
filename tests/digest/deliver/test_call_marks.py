"""How far the rows of a call got is marked in one statement, while the claim on them stands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.deliver import sweep
from digest.deliver.call_marks import begin_calls, give_back, mark_results
from digest.deliver.claims import LEASE, claim
from digest.deliver.provider.traits import TRAITS
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def status(delivery):
    delivery.refresh_from_db()
    return delivery.status


def list_updates(queries):
    return [query["sql"] for query in queries if "UPDATE" in query["sql"]]


def test_whoever_leaves_between_the_claim_and_the_call_gets_no_mail():
    stays, leaves = make_delivery(), make_delivery()
    claimed = claim(NOW)
    leaves.subscriber.unsubscribe(NOW)
    assert begin_calls(claimed, NOW) == {stays.pk}


def test_a_worker_that_lost_its_claim_finds_out_before_the_call():
    delivery = make_delivery()
    slow = claim(NOW)
    sweep(NOW + LEASE)
    assert begin_calls(slow, NOW + LEASE) == set()
    [taken] = claim(NOW + LEASE + MINUTE)
    assert begin_calls(slow, NOW + LEASE + MINUTE) == set()
    assert begin_calls([taken], NOW + LEASE + MINUTE) == {delivery.pk}


def test_no_call_is_repeated_once_its_key_may_be_forgotten():
    """A row may be claimed in time, and its turn come late: then it is looked for instead."""
    brevo = replace(TRAITS["Brevo"], name="Brevo")
    delivery = make_delivery(maybe_sent_at=NOW, provider="Brevo")
    almost = NOW + brevo.key_lifetime - timedelta(seconds=1)
    claimed = claim(almost, brevo)
    assert begin_calls(claimed, NOW + brevo.key_lifetime, brevo) == set()
    assert begin_calls(claimed, almost, brevo) == {delivery.pk}
    give_back(claimed)
    claim(NOW + brevo.key_lifetime, brevo)
    assert status(delivery) == "in_doubt"


@pytest.mark.usefixtures("locmem")
def test_a_slow_worker_tells_what_it_knows_to_be_sent_even_after_the_sweep():
    sent, refused = make_delivery(), make_delivery()
    first, second = claim(NOW)
    begin_calls([first, second], NOW)
    sweep(NOW + LEASE)
    first.status, first.sent_at = "sent", NOW
    second.status = "failed"
    mark_results([first, second])
    assert (status(sent), status(refused)) == ("sent", "in_doubt")


def test_each_mark_of_a_call_is_one_statement_and_one_version_of_its_rows():
    made = [make_delivery() for _ in range(3)]
    claimed = claim(NOW)
    with CaptureQueriesContext(connection) as queries:
        begin_calls(claimed, NOW)
    of_rows = [
        sql
        for sql in list_updates(queries)
        if '"digest_delivery"' in sql or " digest_delivery " in sql
    ]
    assert len(of_rows) == 1
    for number, delivery in enumerate(claimed):
        delivery.status, delivery.sent_at, delivery.message_id = "sent", NOW, f"m{number}"
    with CaptureQueriesContext(connection) as queries:
        mark_results(claimed)
    assert len(list_updates(queries)) == 1
    for delivery in made:
        delivery.refresh_from_db()
    assert [d.message_id for d in made] == ["m0", "m1", "m2"]
    assert {d.status for d in made} == {"sent"}


def test_the_message_id_that_a_report_brought_first_stays():
    delivery = make_delivery(message_id="")
    [claimed] = claim(NOW)
    type(delivery).objects.update(message_id="reported")
    claimed.status, claimed.sent_at, claimed.message_id = "sent", NOW, "answered"
    mark_results([claimed])
    delivery.refresh_from_db()
    assert (delivery.message_id, delivery.sent_at) == ("reported", NOW)


def test_where_nothing_is_to_be_given_back_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        give_back([])
