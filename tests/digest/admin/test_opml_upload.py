"""Feeds of an OPML file become sources in the admin, as by the command."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from digest.models import Source
from tests.digest.admin.pages import address, text
from tests.digest.management.commands.test_import_sources import OPML
from tests.factories import make_source

pytestmark = pytest.mark.django_db


def upload(staff: Client, body: bytes) -> str:
    file = SimpleUploadedFile("mine.opml", body)
    return text(staff.post(address(Source, "opml_upload"), {"file": file}))


def test_each_feed_says_what_became_of_it_and_the_log_notes_it(staff: Client) -> None:
    Source.objects.all().delete()
    page = upload(staff, OPML.encode())
    assert "3 added, 1 known already, 3 left out." in page
    assert "Added, cs.CL: https://rss.arxiv.org/rss/cs.CL" in page
    assert Source.objects.due(Source.objects.latest("pk").next_fetch_at).count() == 3  # type: ignore[arg-type]
    assert LogEntry.objects.filter(change_message="Added, 3 at once.").count() == 3
    assert "0 added, 4 known already" in upload(staff, OPML.encode())
    exported = staff.get(address(Source, "opml")).content
    assert "0 added, 3 known already, 0 left out." in upload(staff, exported)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The file is empty"),
        (b"<html/>", "It cannot be read as OPML"),
        (b"<opml><body><outline text='News'/></body></opml>", "It names no feed"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", "It cannot be read as OPML"),
    ],
)
def test_what_is_no_opml_comes_back_as_a_sentence(staff: Client, body: bytes, said: str) -> None:
    before = Source.objects.count()
    assert said in upload(staff, body)
    assert Source.objects.count() == before


def test_a_feed_that_somebody_adds_meanwhile_is_known(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.ingest.add_outlines.list_known_sources", dict)
    monkeypatch.setattr(Source, "full_clean", lambda _: None)
    make_source(url="https://lab.example.org/feed")
    assert "Known already, somebody added it in this moment" in upload(staff, OPML.encode())


def test_the_list_of_sources_leads_there(staff: Client) -> None:
    assert address(Source, "opml_upload") in text(staff.get(address(Source)))
