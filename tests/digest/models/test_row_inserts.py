"""Many new rows at once are what one by one would have been."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Delivery, Edition
from digest.models.row_inserts import insert_rows
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db
CONTENTS = {"note": 'quotes ", backslashes \\ and\ttabs\n', "papers": []}


def make_columns(count: int) -> dict[str, list[Any]]:
    edition, _ = Edition.objects.get_or_create(date=NOW.date())
    readers = [make_subscriber().pk for _ in range(count)]
    return {
        "edition_id": [edition.pk] * count,
        "subscriber_id": readers,
        "covers_until": [NOW] * count,
        "contents": [json.dumps(CONTENTS)] * count,
    }


def read_rows() -> list[dict[str, Any]]:
    return list(Delivery.objects.order_by("pk").values())


def test_each_row_is_as_it_would_be_alone_and_its_key_is_told() -> None:
    columns = make_columns(4)
    columns["error"] = ["a tab\t, a line\n\r and a \\", "", r"\N", "ü"]
    keys = insert_rows(Delivery, columns)
    rows = read_rows()
    assert [row["id"] for row in rows] == keys
    assert len({row["key"] for row in rows}) == 4
    expected = [
        Delivery(
            pk=row["id"], key=row["key"], **{name: values[i] for name, values in columns.items()}
        )
        for i, row in enumerate(rows)
    ]
    for one in expected:
        one.contents = CONTENTS
    assert rows == [
        {field.attname: getattr(one, field.attname) for field in Delivery._meta.concrete_fields}
        for one in expected
    ]


def test_keys_go_on_where_others_were_given() -> None:
    first, _ = insert_rows(Delivery, make_columns(2))
    columns = make_columns(2)
    alone = Delivery.objects.create(
        **{name: values[0] for name, values in columns.items()} | {"contents": {}}
    )
    [last] = insert_rows(Delivery, {name: values[1:] for name, values in columns.items()})
    assert [row["id"] for row in read_rows()] == [first, first + 1, alone.pk, last]
    assert insert_rows(Delivery, {name: [] for name in columns}) == []


def test_a_second_row_of_an_edition_is_refused_and_none_is_written() -> None:
    columns = make_columns(2)
    columns["subscriber_id"][1] = columns["subscriber_id"][0]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Delivery, columns)
    assert not Delivery.objects.exists()
