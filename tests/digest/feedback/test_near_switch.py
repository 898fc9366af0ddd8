"""One press switches off what is close to the topics, and one switches it on again."""

from __future__ import annotations

import pytest
from django.test import Client

from subscribers.mail.mail_links import feedback_url
from tests.factories import make_reader

pytestmark = pytest.mark.django_db


def test_only_a_press_switches_it_off_and_another_takes_it_back(client: Client) -> None:
    reader = make_reader("diffusion policy")
    page = f"{feedback_url(reader.pk)}near/"
    assert "Switch it off" in client.get(page).content.decode()
    client.head(page)
    reader.refresh_from_db()
    assert reader.wants_near
    for wanted, said in (("off", "Switched off."), ("on", "Switched on.")):
        shown = client.post(page, {"near": wanted}, follow=True)
        assert said in shown.content.decode()
        reader.refresh_from_db()
        assert reader.wants_near is (wanted == "on")
