"""Every provider's own words, posted as it posts them, are judged alike."""

from __future__ import annotations

import pytest
from anymail import urls
from django.test import Client

from digest.models import ProviderEvent
from digest.track.provider_words import TABLES
from subscribers.models import Suppression
from tests.digest.track.reports import MINUTE, make_sent
from tests.factories import NOW, make_delivery
from tests.webhook_posts import Happening, post_happening
from tests.webhook_words import PROVIDERS, WORDS

pytestmark = pytest.mark.django_db

VERDICTS = {
    "delivered": "arrived",
    "hard": "hard",
    "complaint": "complaint",
    "left": "left",
    "soft": "soft",
    "full": "soft",
    "dns": "soft",
    "blocked": "blocked",
    "ours": "ours",
}
SAID = [(provider, what) for provider in PROVIDERS for what in WORDS[provider]]


@pytest.mark.parametrize(("provider", "what"), SAID)
def test_each_says_the_same_in_its_own_words(provider: str, what: str, webhooks: Client) -> None:
    delivery = make_sent(message_id="<m-1@example.org>")
    address = delivery.subscriber.email
    happening = Happening(provider, what, address, delivery.message_id, NOW + MINUTE, "e-1")
    assert post_happening(webhooks, happening).status_code == 200
    verdicts = list(ProviderEvent.objects.values_list("verdict", flat=True))
    assert verdicts == ([] if what == "opened" else [VERDICTS[what]])
    assert Suppression.objects.exists() == (what in ("hard", "complaint"))


@pytest.mark.parametrize("what", ["delivered", "hard"])
@pytest.mark.parametrize("provider", ["amazon_ses", "mandrill", "mailersend", "postal"])
def test_our_key_in_a_report_settles_what_was_in_doubt(
    provider: str, what: str, webhooks: Client
) -> None:
    """Whatever the report says of it: the provider had accepted it."""
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW, claimed_at=NOW)
    address, key = delivery.subscriber.email, str(delivery.key)
    happening = Happening(provider, what, address, "m-1", NOW + MINUTE, "e-1", key)
    assert post_happening(webhooks, happening).status_code == 200
    delivery.refresh_from_db()
    assert (delivery.status, delivery.message_id) == ("sent", "m-1")
    assert ProviderEvent.objects.get().has_key


def test_there_is_a_table_for_every_provider_that_anymail_takes_reports_from() -> None:
    views = [getattr(pattern.callback, "view_class", None) for pattern in urls.urlpatterns]
    names = {view.esp_name for view in views if view and "Inbound" not in view.__name__}
    assert names == set(TABLES)
    assert len(PROVIDERS) == len(TABLES)


@pytest.mark.parametrize("provider", sorted(TABLES))
def test_words_stand_as_they_are_looked_up(provider: str) -> None:
    words = [word for column in TABLES[provider] for word in column.words]
    assert all(word == word.lower() and not set(word) & set("_ ") for word in words)
