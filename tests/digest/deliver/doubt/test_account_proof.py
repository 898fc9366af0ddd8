"""A new key settles what an earlier one left in doubt; one of another account does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver import settle_doubts
from digest.models import Delivery, ProviderPace
from tests.digest.deliver.doubtful_mails import accept, make_doubtful
from tests.factories import NOW
from tests.provider_keys import KEYS
from tests.provider_server import Server

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ASKED = ["postmark", "mailgun", "brevo", "resend"]


def rotate_key(settings: Any, provider: str) -> None:
    [name] = [name for name in KEYS[provider] if name.endswith(("API_KEY", "TOKEN"))]
    settings.ANYMAIL = settings.ANYMAIL | {name: "a new one"}


def settle(*deliveries: Delivery) -> list[str]:
    for hours in range(1, 4):
        ProviderPace.objects.all().delete()  # the time that each page waits for has passed
        settle_doubts(NOW + hours * HOUR)
    return [Delivery.objects.get(pk=delivery.pk).status for delivery in deliveries]


@pytest.mark.parametrize("provider", ASKED)
def test_a_new_key_of_the_same_account_settles_what_the_old_one_left_in_doubt(
    provider: str, use: Callable[[str], None], server: Server, settings: Any
) -> None:
    use(provider)
    sent = make_doubtful(1, status="sent", sent_at=NOW)
    had, had_not = make_doubtful(2)
    Delivery.objects.filter(pk=sent[0].pk).update(message_id=f"found-{sent[0].key}")
    accept(server, [*sent, had])
    rotate_key(settings, provider)
    assert settle(had, had_not) == ["sent", "planned"]


@pytest.mark.parametrize("provider", ASKED)
def test_that_another_account_does_not_have_a_mail_is_not_believed(
    provider: str, use: Callable[[str], None], server: Server, settings: Any
) -> None:
    use(provider)
    sent = make_doubtful(1, status="sent", sent_at=NOW)
    Delivery.objects.filter(pk=sent[0].pk).update(message_id=f"found-{sent[0].key}")
    [doubtful] = make_doubtful(1)
    rotate_key(settings, provider)  # of an account that has accepted nothing of ours
    assert settle(doubtful) == ["in_doubt"]
    assert server.book.searched
