"""What a paper offers to mute, with how many papers each topic would hide."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from digest.compose.features import MuteOffers
from digest.feedback import mute
from digest.models import Paper
from subscribers.account import topic_changes
from subscribers.models import MAX_TOPICS, Interest, Subscriber
from tests.digest.feedback.signed_pages import at, matched_paper, press, told
from tests.factories import NOW, make_match, make_paper, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


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
            offers = MuteOffers(paper.title, paper.abstract, paper.categories)
            assert offers.choose_offer(["RAG"]) in unescape(first)

    def test_a_mute_is_made_once_shown_and_undone(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        for title in ("Whales", "Dolphins"):
            matched_paper(title, abstract="At sea.")
        address = at(reader, "mute", paper)
        page = press(client, address, mute="title:survey")
        assert "Muted: “survey” in the title." in page
        assert "2 of 5 · muted Undo" in page
        press(client, address, mute="title:survey")
        assert self.mutes(reader) == ["title:survey"]
        assert "Undone: “survey” in the title may come again." in press(
            client, address, undo="title:survey"
        )
        assert self.mutes(reader) == []
        press(client, address, undo="title:survey")

    def test_what_would_hide_most_papers_asks_the_mailbox(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        page = press(client, at(reader, "mute", paper), mute="title:survey")
        assert "Nothing is muted yet." in page
        assert self.mutes(reader) == []
        reader.refresh_from_db()
        assert reader.own_link_asked_at is not None
        wish = topic_changes.read_wish(reader, timezone.now())
        assert wish == (["RAG"], ["title:survey"])

    def test_small_mutes_of_a_day_are_counted_together(
        self, client: Client, reader: Subscriber, paper: Paper
    ) -> None:
        for title in ("Whales", "Dolphins"):
            matched_paper(title, abstract="At sea.")
        orcas = Paper.objects.get(title="Orcas")
        Interest.objects.create(subscriber=reader, topic=make_topic("orcas"), mode="mute")
        make_match(orcas, "orcas")
        assert "Nothing is muted yet." in press(
            client, at(reader, "mute", paper), mute="title:survey"
        )
        assert self.mutes(reader) == ["orcas"]
        reader.interests.mutes().update(created_at=NOW - timedelta(days=2))
        press(client, at(reader, "mute", paper), mute="title:survey")
        assert self.mutes(reader) == ["orcas", "title:survey"]

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
