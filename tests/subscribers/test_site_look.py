"""The site's own name, colours and words, wherever they are shown, and read seldom."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from subscribers import site_look
from subscribers.mail.emails import build_mail, make_unsubscribe_headers
from subscribers.models import SiteLook
from subscribers.models.site_look import ACCENT, ACCENT_DARK
from subscribers.site_look import Look, choose_text_color, compute_contrast, read_look

pytestmark = pytest.mark.django_db


def test_without_a_row_all_is_as_shipped() -> None:
    site_look.forget_look()
    assert read_look() == Look()
    assert not read_look().has_colors


def test_what_is_saved_is_seen_at_once_here_and_asked_for_once() -> None:
    row = SiteLook.objects.create(name="Lab papers", topics="RAG\n\n diffusion policy ")
    with CaptureQueriesContext(connection) as caught:
        looks = [read_look() for _ in range(5)]
    assert len(caught) == 1
    assert {look.name for look in looks} == {"Lab papers"}
    assert looks[0].topics == ("RAG", "diffusion policy")
    row.name = "Other"
    row.save()
    assert read_look().name == "Other"
    assert read_look().stamp != looks[0].stamp


def test_there_is_one_row_and_it_has_a_name() -> None:
    SiteLook.objects.create()
    for wrong in ({"id": 2}, {"id": 1, "name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteLook.objects.bulk_create([SiteLook(**wrong)])


def test_every_mail_has_the_name_the_colours_and_the_footer() -> None:
    SiteLook.objects.create(
        name="Lab papers", accent="#005a9c", footer="Of the lab.", reply_to="desk@example.org"
    )
    message = build_mail("link", "ada@example.org", {"urls": []}, {})
    html = str(message.alternatives[0][0])
    assert message.subject == "Your link to Lab papers"
    assert message.reply_to == ["desk@example.org"]
    assert "LAB PAPERS." in message.body
    assert "Of the lab." in message.body
    assert "Of the lab." in html
    assert "#005a9c" in html
    assert ACCENT not in html
    assert ACCENT_DARK in html, "what was left as shipped stays"
    assert "Offprint" not in html + str(message.body)


@pytest.mark.parametrize(("name", "said"), [("Lab papers", "Lab papers"), ("Übersicht", "Digest")])
def test_a_list_has_a_name_that_a_header_may_have(name: str, said: str) -> None:
    SiteLook.objects.create(name=name)
    assert make_unsubscribe_headers(1)["List-Id"].startswith(f"{said} <digest.")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert round(compute_contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(compute_contrast("#a8321a", "#fcfbf7"), 1) == 6.5
    assert (choose_text_color("#a8321a"), choose_text_color("#f0896f")) == ("#ffffff", "#171614")


def test_colours_may_be_the_shipped_ones_the_other_way_round() -> None:
    swapped = Look(accent=ACCENT_DARK, accent_dark=ACCENT)
    assert swapped.dye(f"day {ACCENT}, night {ACCENT_DARK}") == f"day {ACCENT_DARK}, night {ACCENT}"
