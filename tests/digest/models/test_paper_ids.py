"""The database itself takes the ids of the papers out of what a delivery holds."""

from __future__ import annotations

import pytest

from digest.models import Delivery
from digest.models.paper_ids import PaperIds
from tests.factories import make_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("contents", "ids"),
    [
        ({"papers": [{"id": 7, "section": "new"}, {"id": 3}]}, [7, 3]),
        ({"papers": [], "note": "None of the 41 new papers is in your topics."}, []),
        ({}, []),
    ],
)
def test_the_ids_come_in_their_order_and_none_is_an_empty_list(
    contents: dict[str, object], ids: list[int]
) -> None:
    make_delivery(contents=contents)
    assert Delivery.objects.values_list(PaperIds("contents"), flat=True).get() == ids
