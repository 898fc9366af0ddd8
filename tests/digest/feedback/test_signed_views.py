"""Whoever only follows a signed link changes nothing."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from digest.models import Feedback, Paper, SavedPaper
from subscribers import tokens
from subscribers.mail.mail_links import feedback_url, preferences_url, reading_list_url
from subscribers.models import Subscriber
from subscribers.web.known_browsers import COOKIE
from tests.digest.feedback.signed_pages import VERBS, at, refuse_writes, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


class TestWhoeverOnlyLooks:
    def addresses(self, reader: Subscriber, paper: Paper) -> list[str]:
        other = Subscriber.objects.create(email="gone@example.org")
        gone = feedback_url(other.pk)
        other.delete()
        ours = [feedback_url(reader.pk), reading_list_url(reader.pk), preferences_url(reader.pk)]
        return [
            *(at(reader, verb, paper) for verb in VERBS),
            *(f"{at(reader, verb, paper)}?undone=1&muted=title%3Asurvey" for verb in VERBS),
            *(at(reader, verb, Paper(pk=0)) for verb in VERBS),
            *(f"{gone}{verb}/{paper.pk}/".removeprefix(settings.SITE_URL) for verb in VERBS),
            *(url.removeprefix(settings.SITE_URL) for url in [*ours, gone]),
        ]

    def test_changes_nothing_and_leaves_no_trace(self, reader: Subscriber, paper: Paper) -> None:
        client = Client()
        for verb in VERBS[:3]:
            client.post(at(reader, verb, paper))
        addresses = self.addresses(reader, paper)
        with connection.execute_wrapper(refuse_writes):
            for address in addresses:
                for ask in (client.get, client.head):
                    answer = ask(address)
                    assert answer.status_code in (200, 404), address
                    assert "no-store" in answer["Cache-Control"]
                    assert answer["X-Robots-Tag"] == "noindex, nofollow"
                    assert answer["Referrer-Policy"] == "no-referrer"
                    is_preferences = address.startswith("/preferences/")
                    assert set(answer.cookies) == ({COOKIE} if is_preferences else set())

    def test_sees_forms_that_only_a_person_sends(self, reader: Subscriber, paper: Paper) -> None:
        for verb in VERBS:
            page = Client().get(at(reader, verb, paper)).content.decode()
            assert '<form method="post">' in page
            scripts = re.findall(r"<script[^>]*>", page)
            assert all('src="/static/' in script for script in scripts)
            assert not re.search(r"\son\w+=|http-equiv|autosubmit|\.submit\(", page)

    def test_with_a_broken_link_gets_the_houses_sentence(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        good = tokens.sign(tokens.FEEDBACK, reader.pk)
        wrong = [tokens.sign(tokens.PREFERENCES, reader.pk), good[:-1], "x", "🙂"]
        for token in wrong:
            for verb in ("", f"more/{paper.pk}/"):
                page = told(client, f"/feedback/{token}/{verb}", 404)
                assert "This link does not work." in page

    @pytest.mark.parametrize("pk", ["0", "99999999999999999999999999"])
    def test_for_a_paper_that_is_gone_gets_a_kind_page(
        self, client: Client, reader: Subscriber, pk: str
    ) -> None:
        address = f"{feedback_url(reader.pk)}more/{pk}/".removeprefix(settings.SITE_URL)
        assert "not here any more" in told(client, address, 404)
        assert client.post(address).status_code == 404

    def test_after_the_reader_is_gone_gets_a_kind_page(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        address = at(reader, "save", paper)
        reader.delete()
        assert "You get no mail from Offprint." in told(client, address)
        assert client.post(address).status_code == 200
        assert not SavedPaper.objects.exists()

    def test_sends_no_more_than_a_button_does(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        address = at(reader, "more", paper)
        assert client.post(address, {"x": "y" * 300_000}).status_code == 413
        assert client.put(address).status_code == 405
        assert not Feedback.objects.exists()
