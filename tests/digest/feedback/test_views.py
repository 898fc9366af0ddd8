"""Feedback by signed link: what is shown, what a button does, and what a scanner cannot do."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from digest.ingest.merge import merge_papers
from digest.models import Feedback, Paper, SavedPaper
from subscribers.mail.mail_links import feedback_url, preferences_url
from subscribers.models import Leaning, Subscriber
from tests.digest.feedback.signed_pages import (
    at,
    matched_paper,
    press,
    told,
    undo_on,
)
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


class TestMoreAndLess:
    def test_a_button_acts_and_its_undo_restores(self, reader: Subscriber, paper: Paper) -> None:
        client = Client(enforce_csrf_checks=True)
        address = at(reader, "more", paper)
        will, now = "will come a little earlier", "now come a little earlier in your digest"
        assert will in told(client, address)
        page = press(client, address)
        assert f"Papers on “RAG” {now}; so do papers in cs.CL." in page
        assert "Of the 1 papers" not in page
        assert "You said so on 22 April." in page
        press(client, address)
        assert Leaning.objects.get(kind="topic").steps == 2
        undo = undo_on(client, address)
        for _ in range(2):
            assert "Your digest’s order is what it was before." in press(client, address, undo=undo)
        assert not Leaning.objects.exists()

    def test_the_opposite_says_what_it_replaces(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        press(client, at(reader, "more", paper))
        less = at(reader, "less", paper)
        assert "On 22 April you asked for more like this." in told(client, less)
        assert "now come a little later" in press(client, less)
        assert "You asked for more like this, as before." in press(
            client, less, undo=undo_on(client, less)
        )
        assert Feedback.objects.get().kind == "more"

    def test_an_undo_takes_back_the_press_of_its_page_and_no_other(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        more, less = at(reader, "more", paper), at(reader, "less", paper)
        all_of_it = feedback_url(reader.pk).removeprefix(settings.SITE_URL)
        press(client, more)
        first = undo_on(client, more)
        with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
            press(client, less)
        second = undo_on(client, less)
        for stale in (first, "1", ""):
            page = press(client, more, undo=stale)
            assert "Nothing was undone: since that page was shown you asked for less" in page
        assert "Nothing was taken back" in press(client, all_of_it, said=first)
        assert Feedback.objects.get().press == second
        for _ in range(2):
            page = press(client, more, undo=second)
            assert "Undone. You asked for more like this, as before. More like this." in page
        assert "Forgotten." in press(client, all_of_it, said=second)
        assert Feedback.objects.get().press == first

    @pytest.mark.parametrize(
        ("status", "why"),
        [("unsubscribed", "You are unsubscribed"), ("pending", "Your address is not confirmed")],
    )
    def test_who_gets_no_digest_is_told_so(
        self, client: Client, reader: Subscriber, paper: Paper, status: str, why: str
    ) -> None:
        assert "no digest comes" not in told(client, at(reader, "more", paper))
        left_at = NOW if status == "unsubscribed" else None
        Subscriber.objects.update(status=status, unsubscribed_at=left_at)
        for verb in ("more", "less", "mute"):
            assert f"{why}, so no digest comes." in told(client, at(reader, verb, paper))

    def test_all_that_was_learned_is_listed_and_can_be_removed(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        all_of_it = feedback_url(reader.pk).removeprefix(settings.SITE_URL)
        assert "Nothing yet." in told(client, all_of_it)
        press(client, at(reader, "more", paper))
        page = told(client, all_of_it)
        assert "Papers on “RAG” a little earlier Forget" in page
        assert "more like this, 22 April 2026" in page
        topic = Leaning.objects.get(kind="topic")
        page = press(client, all_of_it, leaning=str(topic.pk))
        assert "Forgotten." in page
        assert "RAG” a little" not in page
        assert "Papers in cs.CL" in page
        assert "Papers in cs.CL" in press(client, all_of_it, leaning="9" * 30)
        page = press(client, all_of_it, everything="1", from_preferences="1")
        assert "Learned from your more and less Nothing yet." in page
        assert not Feedback.objects.exists()

    def test_what_was_said_of_a_paper_that_is_gone_can_be_taken_back(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        press(client, at(reader, "more", paper))
        paper.delete()
        all_of_it = feedback_url(reader.pk).removeprefix(settings.SITE_URL)
        page = told(client, all_of_it)
        assert "Offprint has let go of the paper since, not of your wish" in page
        assert "Papers on “RAG” a little earlier" in page
        said = Feedback.objects.get().press
        assert "Nothing yet." in press(client, all_of_it, said=said)

    def test_the_preferences_show_what_was_learned_in_words(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        press(client, at(reader, "less", paper))
        address = preferences_url(reader.pk).removeprefix(settings.SITE_URL)
        assert "Papers on “RAG” a little later Forget papers on “RAG”" in told(client, address)
        topic = Leaning.objects.get(kind="topic")
        all_of_it = feedback_url(reader.pk).removeprefix(settings.SITE_URL)
        page = press(client, all_of_it, leaning=str(topic.pk), from_preferences="1")
        assert "Papers in cs.CL a little later" in page
        assert "“RAG”" not in page


class TestSave:
    def test_a_paper_is_saved_once_and_can_be_taken_back(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        address = at(reader, "save", paper)
        assert "Save this paper?" in told(client, address)
        assert "It is on your reading list." in press(client, address)
        press(client, at(reader, "save", matched_paper("Orcas")))
        assert "one of 2 papers" in press(client, address)
        assert "It is not on your reading list." in press(client, address, undo="1")
        assert SavedPaper.objects.get().paper.title == "Orcas"

    def test_a_paper_that_proved_to_be_another_is_saved_as_that_one(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        address, other = at(reader, "save", paper), matched_paper("Orcas")
        press(client, address)
        press(client, at(reader, "more", paper))
        merge_papers(paper, other, NOW)
        assert [row.paper.title for row in SavedPaper.objects.all()] == ["Orcas"]
        assert Feedback.objects.get().paper == other
        assert "Saved. Orcas" in told(client, address)
        assert "It is not on your reading list." in press(client, address, undo="1")
