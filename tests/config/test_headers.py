"""What every public page tells a browser to hold to."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

PAGES = ["/subscribe/", "/search", "/api/", "/nothing/", "/robots.txt", "/static/offprint.css"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_browser_is_told_to_guess_nothing_and_to_tell_nobody(
    client: Client, address: str
) -> None:
    answer = client.get(address)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert not answer.cookies


@pytest.mark.parametrize(("site", "said"), [("https", "max-age=31536000"), ("http", "")])
def test_a_site_of_https_stays_one(settings: Any, site: str, said: str) -> None:
    # As config/settings.py has it for a SITE_URL of https.
    settings.SECURE_HSTS_SECONDS = 31536000 if site == "https" else 0
    answer = Client().get("/healthz", secure=True)
    assert answer.get("Strict-Transport-Security", "") == said


def test_the_share_image_is_what_scrapers_expect_and_stays_small() -> None:
    png = (configured.BASE_DIR / "static" / "share.png").read_bytes()
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1200, 630)
    assert len(png) < 100_000


@pytest.mark.django_db
def test_a_shared_link_shows_its_picture(client: Client) -> None:
    page = client.get("/api/").content.decode()
    assert '<meta property="og:image" content="http://localhost:8000/static/share.png">' in page
    assert '<meta property="og:title" content="Feeds and API">' in page
    assert '<link rel="canonical" href="http://localhost:8000/api/">' in page
    assert client.get("/static/share.png").status_code == 200
    assert client.get("/static/icon.png").status_code == 200
