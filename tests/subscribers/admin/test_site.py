"""What visitors see is edited on one page, previewed without being saved, and refused in words."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from subscribers.admin.site import read_png_size
from subscribers.models import SiteLook

pytestmark = pytest.mark.django_db
LIST = reverse("admin:subscribers_sitelook_changelist")
ADD = reverse("admin:subscribers_sitelook_add")
PREVIEW = reverse("admin:subscribers_sitelook_preview")
TYPED = {"name": "Lab papers", "accent": "#005a9c", "accent_dark": "#8ec8ff", "topics": "RAG"}


def make_png(width: int, height: int) -> bytes:
    """As much of one as tells its size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06"


def test_the_list_leads_to_the_one_row(admin_client: Client) -> None:
    assert admin_client.get(LIST)["Location"] == ADD
    admin_client.post(ADD, TYPED)
    row = SiteLook.objects.get()
    assert (row.pk, row.name) == (1, "Lab papers")
    change = reverse("admin:subscribers_sitelook_change", args=[1])
    assert admin_client.get(LIST)["Location"] == change
    assert admin_client.get(ADD).status_code == 403
    assert (
        admin_client.get(reverse("admin:subscribers_sitelook_delete", args=[1])).status_code == 403
    )
    assert "What visitors would see" in admin_client.get(change).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "<b>"}, "Write a name of letters"),
        ({"accent": "red"}, "Write a colour like #a8321a."),
        ({"accent": "#ffeeaa"}, "Take a darker one."),
        ({"accent_dark": "#222222"}, "Take a lighter one."),
        ({"topics": "RAG\n-power"}, "“-power”"),
        ({"topics": "\n".join(f"topic {n}" for n in range(13))}, "Offer at most 12"),
        ({"reply_to": "nobody"}, "valid email address"),
    ],
)
def test_what_could_not_be_read_is_refused(
    typed: dict[str, str], said: str, admin_client: Client
) -> None:
    page = admin_client.post(ADD, TYPED | typed).content.decode()
    assert said in page
    assert not SiteLook.objects.exists()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"GIF89a", "It has to be a PNG"),
        (make_png(4000, 20), "at most 1200 pixels"),
        (make_png(10, 10) + b"\0" * 70_000, "65,536 are the most"),
    ],
)
def test_only_a_small_png_is_a_logo(held: bytes, said: str, admin_client: Client) -> None:
    typed = TYPED | {"logo_file": SimpleUploadedFile("logo.png", held)}
    assert said in admin_client.post(ADD, typed).content.decode()


def test_a_logo_is_kept_until_it_is_taken_away(admin_client: Client) -> None:
    logo = SimpleUploadedFile("logo.png", make_png(200, 64))
    admin_client.post(ADD, TYPED | {"logo_file": logo})
    change = reverse("admin:subscribers_sitelook_change", args=[1])
    admin_client.post(change, TYPED)
    assert read_png_size(bytes(SiteLook.objects.get().logo or b"")) == (200, 64)
    admin_client.post(change, TYPED | {"without_logo": "on"})
    assert SiteLook.objects.get().logo is None


def test_a_preview_shows_what_is_typed_and_saves_nothing(admin_client: Client) -> None:
    typed: dict[str, Any] = TYPED | {"imprint": "The lab, Example Street 1"}
    page = admin_client.post(PREVIEW, typed).content.decode()
    assert "--accent:#005a9c" in page
    assert "Lab papers" in page
    assert "Example Street 1" in page
    assert not SiteLook.objects.exists()
    wrong = admin_client.post(PREVIEW, TYPED | {"accent": "#ffeeaa"})
    assert wrong.status_code == 422
    assert "Take a darker one." in wrong.content.decode()
    assert "Offprint<span" in admin_client.get(PREVIEW).content.decode(), "as it is now"


def test_a_bookmark_of_the_row_leads_to_an_empty_form_before_anybody_set_it(
    admin_client: Client, client: Client
) -> None:
    change = reverse("admin:subscribers_sitelook_change", args=[1])
    page = admin_client.get(change, follow=True)
    assert page.redirect_chain[-1][0] == ADD
    assert "doesn’t exist" not in page.content.decode()
    assert 'name="_addanother"' not in page.content.decode(), "there is one row"
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_sitelook"))
    client.force_login(viewer)
    assert "Nobody has set what visitors see" in client.get(change, follow=True).content.decode()
