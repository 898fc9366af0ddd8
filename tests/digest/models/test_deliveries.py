"""A delivery is one per edition and subscriber, and reads its contents."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from digest.models import Delivery, DigestContents
from tests.factories import make_delivery

pytestmark = pytest.mark.django_db


def test_a_delivery_that_was_suppressed_holds_nothing() -> None:
    assert Delivery(contents={}).digest == DigestContents()


def test_the_database_refuses_a_second_delivery_of_an_edition():
    delivery = make_delivery()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_delivery(edition=delivery.edition, subscriber=delivery.subscriber, contents={})
