"""Feedback by signed link: what is shown, what a button does, and what a scanner cannot do."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client

from digest.compose.features import mute_suggestion
from digest.feedback import mute
from digest.ingest.merge import merge
from digest.match.stage import paper_to_text
from digest.models import Feedback, Paper, SavedPaper
from subscribers import tokens
from subscribers.mail_links import feedback_url, preferences_url, reading_list_url
from subscribers.models import MAX_TOPICS, Interest, Leaning, Subscriber
from subscribers.topics import read
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
VERBS = ["more", "less", "save", "mute"]


@pytest.fixture
def reader() -> Subscriber:
    return make_reader("RAG")


@pytest.fixture
def paper() -> Paper:
    return matched_paper("A Survey of RAG for Slow Cameras", categories=["cs.CL"])


def matched_paper(title: str, **fields: Any) -> Paper:
    """A paper in the topic RAG, with the normal form that stage 3 would give it."""
    paper = make_paper(title=title, **fields)
    make_match(paper, "RAG")
    paper.normal_form = read(paper_to_text(paper)).normal_form
    paper.matched_at = NOW
    paper.save()
    return paper


def at(reader: Subscriber, verb: str, paper: Paper) -> str:
    return f"{feedback_url(reader.pk)}{verb}/{paper.pk}/".removeprefix(settings.SITE_URL)


def told(client: Client, address: str, status: int = 200) -> str:
    """What a person reads on the page."""
    answer = client.get(address)
    assert answer.status_code == status
    text = re.sub(r"<(style|script|head).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(text).split())


def press(client: Client, address: str, **button: str) -> str:
    """Post as the page's form does, without cookies; follow to the page that comes then."""
    answer = client.post(address, button or {"x": "1"})
    assert answer.status_code == 302
    return told(client, answer["Location"].removeprefix(settings.SITE_URL))


def undo_on(client: Client, address: str) -> str:
    """The press that the page's Undo names."""
    [named] = re.findall(r'name="undo" value="([^"]+)"', client.get(address).content.decode())
    return unescape(named)


def refuse_writes(execute: Any, sql: str, *rest: Any) -> Any:
    if not re.match(r"\s*(SELECT|PRAGMA|SAVEPOINT|RELEASE)", sql, re.IGNORECASE):
        raise DatabaseError(f"A page that only shows tried to write: {sql}")
    return execute(sql, *rest)


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
                    assert not answer.cookies

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
        merge(paper, other, NOW)
        assert [row.paper.title for row in SavedPaper.objects.all()] == ["Orcas"]
        assert Feedback.objects.get().paper == other
        assert "Saved. Orcas" in told(client, address)
        assert "It is not on your reading list." in press(client, address, undo="1")


class TestMute:
    def mutes(self, reader: Subscriber) -> list[str]:
        muted = reader.interests.filter(mode="mute")
        return [interest.topic.query for interest in muted.select_related("topic")]

    @pytest.fixture(autouse=True)
    def others(self) -> None:
        matched_paper("Slow Cameras and a Survey", abstract="One of the user surveys.")
        matched_paper("Orcas", abstract="We survey orcas.", categories=["cs.CL", "cs.IR"])
        matched_paper("Old Survey", news_at=NOW.replace(month=3, day=1))
        make_paper(title="A Survey that is in no Topic")

    def test_each_way_says_how_many_of_this_readers_papers_it_would_hide(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        page = told(client, at(reader, "mute", paper))
        assert "Your topics found 3 papers in the last 28 days." in page
        assert "“survey” in the title 2 of 3, more than half Mute" in page
        assert "“survey” anywhere 3 of 3, more than half Mute" in page
        assert "“Slow Cameras” 2 of 3" in page
        assert "all of cs.CL 2 of 3" in page
        assert "“RAG”" not in page

    def test_phrases_that_many_of_this_readers_papers_share_are_offered_too(
        self, client: Client, reader: Subscriber
    ) -> None:
        for n in range(12):
            boats = "Of small boats." if n == 1 else ""
            matched_paper(f"RAG {n}", abstract=boats if n % 3 else "We use credit assignment.")
        for n in range(4):
            matched_paper(f"Credit of Orcas {n}", abstract="")
        paper = matched_paper(
            "RAG for Whale Songs of Small Boats",
            abstract="Whale songs of small boats with credit assignment and a credit score; see "
            "github.com/credit/assignment.",
            organization="Northlight Labs",
        )
        page = told(client, at(reader, "mute", paper))
        assert "“Whale Songs” 1 of 19" in page
        assert "“credit assignment” 5 of 19 Mute" in page
        assert "credit score" not in page
        assert "“Small Boats”" not in page  # one other paper is no reason to offer it
        assert "github" not in page
        assert "all from Northlight Labs 1 of 19 Mute" in page

    def test_with_very_many_papers_the_number_is_an_estimate(
        self, client: Client, reader: Subscriber, paper: Paper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mute, "SAMPLE_PAPERS", 1)
        page = told(client, at(reader, "mute", paper))
        assert re.search(r"“survey” anywhere about [03] of 3|none of your papers so far", page)

    def test_the_words_on_the_mails_link_are_the_first_ones_here(
        self, client: Client, reader: Subscriber
    ) -> None:
        for title in ["Towards Whale Songs with RAG", "A Case Study of RAG", "RAG"]:
            paper = matched_paper(title, categories=["cs.SD"], organization="Lab")
            page = client.get(at(reader, "mute", paper)).content.decode()
            first = re.findall(r'<span class="row-name">(.*?)</span>', page)[0]
            assert mute_suggestion(paper, ["RAG"]) in unescape(first)

    def test_a_mute_is_made_once_shown_and_undone(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        address = at(reader, "mute", paper)
        page = press(client, address, mute="title:survey")
        assert "Muted: “survey” in the title." in page
        assert "2 of 3, more than half · muted Undo" in page
        press(client, address, mute="title:survey")
        assert self.mutes(reader) == ["title:survey"]
        assert "Undone: “survey” in the title may come again." in press(
            client, address, undo="title:survey"
        )
        assert self.mutes(reader) == []
        press(client, address, undo="title:survey")

    def test_papers_that_are_muted_already_are_not_counted(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        Interest.objects.create(subscriber=reader, topic=make_topic("orcas"), mode="mute")
        make_match(Paper.objects.get(title="Orcas"), "orcas")
        page = told(client, at(reader, "mute", paper))
        assert "“survey” anywhere 2 of 2" in page

    def test_a_link_mutes_and_unmutes_only_what_its_page_offers(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        Interest.objects.create(subscriber=reader, topic=make_topic("orcas"), mode="mute")
        address = at(reader, "mute", paper)
        for button in ({"mute": "cameras"}, {"mute": "RAG"}, {"mute": ""}, {"undo": "orcas"}):
            press(client, address, **button)
        assert self.mutes(reader) == ["orcas"]
        assert reader.interests.get(topic__query="RAG").mode == "follow"

    def test_with_fifty_topics_it_says_what_to_do(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        for n in range(MAX_TOPICS - 1):
            Interest.objects.create(subscriber=reader, topic=make_topic(f"topic {n}"))
        answer = client.post(at(reader, "mute", paper), {"mute": "title:survey"})
        assert answer.status_code == 422
        assert b"Take one out in your preferences" in answer.content
        assert self.mutes(reader) == []

    def test_a_paper_of_which_nothing_tells_sends_to_the_preferences(
        self, client: Client, reader: Subscriber
    ) -> None:
        page = told(client, at(reader, "mute", matched_paper("RAG")))
        assert "nothing telling" in page
