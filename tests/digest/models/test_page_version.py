"""The number that tells whether pages look different: every writer changes it, few others do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from digest.models import Match, Paper, PaperVector, Snapshot, Source, TopicVector
from digest.models.page_triggers import install_page_triggers, list_missing_triggers
from digest.models.page_version import read_page_version
from digest.models.row_updates import update_rows
from subscribers.models import Acronym, Interest, SpellingVariant, Topic
from tests.factories import NOW, make_match, make_paper, make_reader, make_source, make_topic
from tests.together import at_once

pytestmark = pytest.mark.django_db


def update_trend_at_once() -> None:
    paper = Paper.objects.get()
    paper.trend = 2.5
    update_rows([paper], ["trend"])


def write_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE digest_paper SET title = 'Typed at the database'")


def write_match(**conflicts: Any) -> None:
    topic = Topic.objects.get(query="nobody's")
    match = Match(paper=Paper.objects.get(), topic=topic, strength=1, made_at=NOW)
    Match.objects.bulk_create([match], **conflicts)


def learn_acronym() -> None:
    row = {"short": "LLM", "stems": "larg languag model", "spelled": "large language model"}
    Acronym.objects.create(**row, papers=3, learned_on=NOW.date())


def learn_variant() -> None:
    row = {"kind": "compound", "form": "rerank", "other": "re rank", "spelled": "reranking"}
    counts = {"papers": 3, "other_papers": 3, "learned_on": NOW.date()}
    SpellingVariant.objects.create(**row, other_spelled="re-ranking", **counts)


SEEN: dict[str, Callable[[], object]] = {
    "a paper comes": make_paper,
    "a paper's text changes": lambda: Paper.objects.update(title="Another"),
    "a score, written in bulk": update_trend_at_once,
    "a row changed without Django": write_by_hand,
    "a match is written if there is none": lambda: write_match(ignore_conflicts=True),
    "a match is written over": lambda: write_match(
        update_conflicts=True, unique_fields=["topic", "paper"], update_fields=["strength"]
    ),
    "a paper goes": lambda: Paper.objects.all().delete(),
    "votes are counted": lambda: Snapshot.objects.create(paper=Paper.objects.get(), taken_at=NOW),
    "a source gets another name": lambda: Source.objects.update(title="Renamed"),
    "a source fails": lambda: Source.objects.update(state="partial", note="Half of it."),
    "a topic is found": lambda: make_match(Paper.objects.get(), "diffusion policy"),
    "a topic goes": lambda: Topic.objects.filter(query="nobody's").delete(),
    "the last follower of what others mute goes": lambda: Interest.objects.filter(
        topic__query="muted by one", mode="follow"
    ).delete(),
    "a follower mutes instead": lambda: Interest.objects.filter(mode="follow").update(mode="mute"),
    "somebody mutes": lambda: make_reader(mutes=("nobody's",)),
    "an acronym is learned": learn_acronym,
    "a variant is learned": learn_variant,
    "a model reads a paper": lambda: PaperVector.objects.create(
        paper=Paper.objects.get(), model="tiny", vector=b"", made_at=NOW
    ),
    "a model reads a topic": lambda: TopicVector.objects.create(
        topic=Topic.objects.get(query="followed"), model="tiny", vector=b""
    ),
}
UNSEEN: dict[str, Callable[[], object]] = {
    "somebody follows a topic": lambda: make_reader("nobody's", "new"),
    "a follower goes": lambda: Interest.objects.filter(topic__query="followed").delete(),
    "a source is asked again": lambda: Source.objects.update(next_fetch_at=NOW, etag="1"),
    "compose takes the papers": lambda: Paper.objects.update(available_at=NOW, matched_at=NOW),
}


@pytest.fixture
def _rows() -> None:
    make_paper(make_source(), title="One")
    make_topic("nobody's")
    make_reader("muted by one", "followed")
    make_reader(mutes=("muted by one",))


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("what", SEEN)
def test_whatever_pages_show_changes_it_whoever_writes(what: str) -> None:
    before = read_page_version()
    SEEN[what]()
    assert read_page_version() != before


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("what", UNSEEN)
def test_what_no_page_shows_leaves_it_alone(what: str) -> None:
    before = read_page_version()
    UNSEEN[what]()
    assert read_page_version() == before


def test_a_change_that_is_taken_back_takes_the_number_back_with_it() -> None:
    before = read_page_version()
    with transaction.atomic():
        make_paper()
        assert read_page_version() != before
        transaction.set_rollback(True)
    assert read_page_version() == before


def test_triggers_that_went_with_their_table_come_back_with_the_next_migrate() -> None:
    name = "digest_page_source_update"
    table = " ON digest_source" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{table}")
    assert list_missing_triggers(connection) == [name]
    install_page_triggers()
    assert list_missing_triggers(connection) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_two_writers_do_not_wait_for_each_other_and_both_are_seen() -> None:
    papers = [make_paper(), make_paper()]
    seen = {read_page_version()}
    waiting = list(papers)

    def change() -> None:
        paper = waiting.pop()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '20s'")
            Paper.objects.filter(pk=paper.pk).update(news_at=NOW - timedelta(days=1))
            both.wait()  # neither has committed yet

    both = Barrier(2, timeout=30)
    assert len(at_once(change)) == 2
    seen.add(read_page_version())
    assert len(seen) == 2


def test_a_topic_that_becomes_public_or_private_by_its_third_follower_changes_pages(
    settings: Any,
) -> None:
    settings.PUBLIC_TOPIC_FOLLOWERS = 3
    install_page_triggers()
    assert not list_missing_triggers(connection)
    seen = []
    topic = make_topic("world model")
    for _ in range(5):
        before = read_page_version()
        make_reader("world model")
        seen.append((Topic.objects.public().contains(topic), read_page_version() != before))
    assert seen == [(False, False), (False, False), (True, True), (True, False), (True, False)]
    seen = []
    for interest in Interest.objects.filter(topic=topic).order_by("-pk")[:4]:
        before = read_page_version()
        interest.delete()
        seen.append((Topic.objects.public().contains(topic), read_page_version() != before))
    assert seen == [(True, False), (True, False), (False, True), (False, False)]
