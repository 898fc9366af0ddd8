"""Every page has the site's own name and colours, as soon as they are saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from digest.render.stage import Typesetter
from subscribers.models import SiteLook
from subscribers.site_look import read_look
from tests.factories import make_delivery

pytestmark = pytest.mark.django_db
PAGES = ["/", "/subscribe/", "/topics/", "/search", "/preferences/", "/nothing/"]


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_as_shipped_nothing_is_loaded_more_and_there_is_no_imprint(client: Client) -> None:
    page = read(client, "/")
    assert "Offprint<span" in page
    assert "/look/" not in page
    assert "/imprint/" not in page
    assert client.get("/imprint/").status_code == 404
    assert client.get("/look/x.png").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_was_kept_for_all_is_shown_anew(address: str, client: Client) -> None:
    read(client, address)
    SiteLook.objects.create(
        name="Lab papers", tagline="Of the lab.", accent="#005a9c", footer="Street 1", imprint="x"
    )
    page = read(client, address)
    assert "Offprint" not in page
    assert "Lab papers<span" in page
    assert "Street 1" in page
    assert f"/look/{read_look().stamp}.css" in page
    assert 'href="/imprint/"' in page


def test_its_own_style_sheet_has_the_colours_and_may_be_kept_for_good(client: Client) -> None:
    SiteLook.objects.create(accent="#005a9c", accent_dark="#8ec8ff")
    answer = client.get(f"/look/{read_look().stamp}.css")
    assert "--accent:#005a9c;--on-accent:#ffffff" in answer.content.decode()
    assert "--accent:#8ec8ff;--on-accent:#171614" in answer.content.decode()
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in client.get("/look/another.css")["Cache-Control"]


def test_the_logo_stands_in_the_place_of_the_name(client: Client) -> None:
    SiteLook.objects.create(name="Lab papers", logo=b"\x89PNG...")
    address = f"/look/{read_look().stamp}.png"
    assert f'class="logo" src="{address}" alt="Lab papers"' in read(client, "/")
    answer = client.get(address)
    assert (answer["Content-Type"], answer.content) == ("image/png", b"\x89PNG...")


def test_the_imprint_says_what_was_typed_and_nothing_of_it_is_html(client: Client) -> None:
    SiteLook.objects.create(imprint="The lab\n<script>", privacy="We keep little.")
    page = read(client, "/imprint/")
    assert "The lab<br>&lt;script&gt;" in page
    assert "We keep little." not in page
    assert "We keep little." in read(client, "/privacy/")
    assert client.get("/contact/").status_code == 404


def test_what_is_typed_stands_above_what_the_environment_says(
    client: Client, settings: Any
) -> None:
    settings.IMPRINT_TEXT = ["By the environment"]
    SiteLook.objects.create(imprint="As typed")
    page = read(client, "/imprint/")
    assert ("As typed" in page, "By the environment" in page) == (True, False)


def test_topics_are_offered_at_the_door(client: Client) -> None:
    SiteLook.objects.create(topics='RAG\n"in-context learning"')
    page = read(client, "/subscribe/")
    assert 'href="/subscribe/?t=RAG"' in page
    assert 'href="/subscribe/?t=%22in-context%20learning%22"' in page
    assert "all of them" in page


def test_a_digest_has_the_name_the_colours_the_footer_and_where_to_answer() -> None:
    SiteLook.objects.create(
        name="Lab papers", accent="#005a9c", footer="Of the lab.", reply_to="desk@example.org"
    )
    [message] = Typesetter().render_all([make_delivery()])
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "Lab papers<span" in html
    assert "#005a9c" in html
    assert "#a8321a" not in html
    assert "Of the lab." in html
    assert "Of the lab." in message.body
    assert str(message.body).startswith("LAB PAPERS.")
    assert message.reply_to == ["desk@example.org"]
