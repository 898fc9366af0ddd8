"""Every provider's own words, posted as it posts them, are judged alike."""

from __future__ import annotations

import pytest
from anymail import urls
from django.test import Client

from digest.models import ProviderEvent
from digest.track.provider_words import TABLES
from subscribers.models import Suppression
from tests.digest.track.reports import MINUTE, make_sent
from tests.factories import NOW
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
    # Of Mandrill's deliveries anymail knows nothing.
    is_unknown = what == "opened" or (provider, what) == ("mandrill", "delivered")
    assert verdicts == ([] if is_unknown else [VERDICTS[what]])
    assert Suppression.objects.exists() == (what in ("hard", "complaint"))


def test_there_is_a_table_for_every_provider_that_anymail_takes_reports_from() -> None:
    views = [getattr(pattern.callback, "view_class", None) for pattern in urls.urlpatterns]
    names = {view.esp_name for view in views if view and "Inbound" not in view.__name__}
    assert names == set(TABLES)
    assert len(PROVIDERS) == len(TABLES)


@pytest.mark.parametrize("provider", sorted(TABLES))
def test_words_stand_as_they_are_looked_up(provider: str) -> None:
    words = [word for column in TABLES[provider] for word in column.words]
    assert all(word == word.lower() and not set(word) & set("_ ") for word in words)
