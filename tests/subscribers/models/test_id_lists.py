"""Many ids at once find what one by one would have found."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscribers.models import Interest, Subscriber
from subscribers.models.id_lists import SLICE, cut_ids
from tests.factories import make_reader

pytestmark = pytest.mark.django_db


def test_ids_are_found_in_their_own_column_in_others_and_in_none() -> None:
    first, second, third = (make_reader(topic) for topic in ("RAG", "LoRA", "SAM"))
    ids = {first.pk, third.pk, 0}
    people = Subscriber.objects.order_by("pk")
    assert list(people.filter(pk__any_of=ids)) == [first, third]
    assert list(people.exclude(pk__any_of=ids)) == [second]
    interests = Interest.objects.filter(subscriber_id__any_of=ids)
    assert set(interests.values_list("subscriber_id", flat=True)) == {first.pk, third.pk}
    with CaptureQueriesContext(connection) as queries:
        assert not people.filter(pk__any_of=[]).exists()
    assert not queries.captured_queries


def test_postgresql_is_sent_them_as_one_value() -> None:
    sql, values = Subscriber.objects.filter(pk__any_of=range(500)).query.sql_with_params()
    is_array = connection.vendor == "postgresql"
    assert len(values) == (1 if is_array else 500)
    assert ("= ANY(" in sql) == is_array


def test_ids_are_cut_into_slices_of_neighbours() -> None:
    slices = list(cut_ids({*range(2 * SLICE, -1, -1)}))
    assert [len(one) for one in slices] == [SLICE, SLICE, 1]
    assert [pk for one in slices for pk in one] == list(range(2 * SLICE + 1))
    assert not list(cut_ids(()))
