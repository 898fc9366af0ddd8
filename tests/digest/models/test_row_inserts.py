"""Many new rows at once are what one by one would have been."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from digest.models import Delivery, Edition
from digest.models.row_inserts import insert_rows
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db


def make_rows(count: int) -> list[Delivery]:
    edition, _ = Edition.objects.get_or_create(date=NOW.date())
    contents = {"note": 'quotes ", backslashes \\ and\ttabs\n', "papers": []}
    return [
        Delivery(edition=edition, subscriber=make_subscriber(), covers_until=NOW, contents=contents)
        for _ in range(count)
    ]


def test_each_row_has_its_key_and_all_its_values() -> None:
    rows = make_rows(3)
    insert_rows(rows)
    assert list(Delivery.objects.order_by("pk").values()) == [
        {field.attname: getattr(row, field.attname) for field in Delivery._meta.concrete_fields}
        for row in rows
    ]
    rows[0].save()  # it is known to be in the database
    insert_rows([])
    assert Delivery.objects.count() == 3


def test_a_column_that_was_written_as_text_already_is_stored_as_it_says() -> None:
    rows = make_rows(2)
    insert_rows(rows, contents=['{"note": "a \\"word\\""}', "{}"])
    stored = Delivery.objects.order_by("pk").values_list("contents", flat=True)
    assert list(stored) == [{"note": 'a "word"'}, {}]


def test_a_second_row_of_an_edition_is_refused_and_none_is_written() -> None:
    rows = make_rows(2)
    rows[1].subscriber = rows[0].subscriber
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(rows)
    assert not Delivery.objects.exists()
