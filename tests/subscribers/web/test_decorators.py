"""Pages behind a link are private; open forms answer on a beat."""

from __future__ import annotations

import pytest
from django.test import Client

from subscribers.mail import mail_links
from subscribers.web import decorators
from subscribers.web.known_browsers import COOKIE
from tests.factories import allow, make_reader
from tests.subscribers.web.test_views import ADDRESS, path, sign_up

pytestmark = pytest.mark.django_db


TOKEN_PAGES = ["confirm", "preferences", "unsubscribe"]


@pytest.mark.parametrize("page", TOKEN_PAGES)
def test_a_page_behind_a_link_is_kept_by_no_cache_and_told_to_nobody(
    client: Client, page: str
) -> None:
    reader = make_reader("RAG")
    urls = {
        "confirm": mail_links.confirm_url(reader),
        "preferences": mail_links.preferences_url(reader.pk),
        "unsubscribe": mail_links.unsubscribe_url(reader.pk),
    }
    for url in (path(urls[page]), f"/{page}/garbage/"):
        answer = client.get(url)
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert set(answer.cookies) <= (set() if page == "unsubscribe" else {COOKIE})


@pytest.mark.parametrize("page", ["subscribe", *(f"{page}/garbage" for page in TOKEN_PAGES)])
def test_other_methods_are_refused(client: Client, page: str) -> None:
    assert client.put(f"/{page}/").status_code == 405
    assert client.head(f"/{page}/").content == b""


def test_an_answer_comes_on_the_beat_whoever_is_asked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(decorators, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(decorators.time, "sleep", slept.append)
    sign_up(client)
    client.post("/preferences/", {"email": ADDRESS})
    assert len(slept) == 2
    assert all(0 < seconds <= 0.05 for seconds in slept)
    allow(monkeypatch, "SIGN_UPS", 0)
    assert sign_up(client).status_code == 429
    assert len(slept) == 2
