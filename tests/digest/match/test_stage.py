"""Stage 3 on real rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers, stage
from digest.match.process_cache import process_cache
from digest.match.stage import _match_new_topics
from digest.models import Match, Paper
from subscribers.models import Interest, Topic
from tests.digest.match.topics_followed import follow, found
from tests.factories import NOW, make_paper, make_subscriber
from tests.together import at_once


@pytest.mark.django_db
def test_a_new_paper_is_matched_with_every_topic_it_speaks_of() -> None:
    follow("diffusion policies", "author:lecun", "org:nvidia", "cat:cs", "graph + networks", "RAG")
    make_paper(
        title="A Diffusion-Policy for rag dolls",
        abstract="Graph neural networks.",
        authors=["Yann LeCun"],
        organization="NVIDIA Research",
        categories=["cs.RO"],
    )
    report = match_papers(NOW)
    assert {query for query, _ in found()} == {
        "diffusion policies",
        "author:lecun",
        "org:nvidia",
        "cat:cs",
        "graph + networks",
    }
    assert (report.papers, report.matches) == (1, 5)


@pytest.mark.django_db
def test_a_match_says_where_as_the_paper_spells_it_and_how_strongly() -> None:
    follow("agents + tool use")
    make_paper(title="Tool-Use by Agents", abstract="An agent learns tool use.")
    match_papers(NOW)
    match = Match.objects.get()
    assert match.where == "Agents · agent · Tool-Use · tool use"
    assert match.strength > 0
    assert match.made_at == NOW


@pytest.mark.django_db
def test_words_that_stand_apart_are_not_yet_a_topic() -> None:
    follow("diffusion policy", "exploration")
    make_paper(title="A policy for diffusion", abstract="We explore. Diffusion. Policy.")
    match_papers(NOW)
    assert not Match.objects.exists()


@pytest.mark.django_db
def test_every_paper_is_brought_to_normal_form_and_matched_once() -> None:
    paper = make_paper(title="Parallel Decoding for Diffusion", abstract="It decodes.")
    assert match_papers(NOW).papers == 1
    paper.refresh_from_db()
    assert paper.normal_form == " parallel decod for diffus | it decod "
    assert paper.matched_at == NOW
    assert match_papers(NOW).papers == 0


@pytest.mark.django_db
def test_a_paper_without_words_is_matched_too_and_not_asked_again() -> None:
    make_paper(title="…")
    assert match_papers(NOW).papers == 1
    assert Paper.objects.get().normal_form == ""
    assert match_papers(NOW).papers == 0


@pytest.mark.django_db
def test_a_paper_whose_text_changed_loses_what_no_longer_holds_and_keeps_the_rest() -> None:
    follow("world model", "video")
    paper = make_paper(title="A world model of video")
    match_papers(NOW)
    later = NOW + timedelta(hours=1)
    Paper.objects.filter(pk=paper.pk).update(title="Pictures of video", matched_at=None)
    report = match_papers(later)
    assert report.withdrawn == 1
    assert found() == {("video", "Pictures of video")}
    assert Match.objects.get().made_at == NOW  # it was made then and still holds


@pytest.mark.django_db
def test_a_new_topic_finds_the_papers_of_the_last_thirty_days_only() -> None:
    make_paper(title="World model one", first_seen_at=NOW - timedelta(days=29))
    make_paper(title="World model two", first_seen_at=NOW - timedelta(days=31))
    match_papers(NOW)
    [topic] = follow("world models")
    report = match_papers(NOW)
    assert (report.papers, report.topics) == (0, 1)
    assert found() == {("world models", "World model one")}
    topic.refresh_from_db()
    assert topic.matched_at == NOW


@pytest.mark.django_db
def test_a_topic_that_nobody_follows_is_not_matched() -> None:
    Topic.objects.get_or_create_topics(["world model"])
    make_paper(title="A world model")
    assert match_papers(NOW).topics == 0
    assert not Match.objects.exists()


@pytest.mark.django_db
def test_a_muted_topic_is_matched_like_a_followed_one() -> None:
    [topic] = Topic.objects.get_or_create_topics(["survey"])
    Interest.objects.create(subscriber=make_subscriber(), topic=topic, mode="mute")
    make_paper(title="A survey")
    match_papers(NOW)
    assert len(found()) == 1


@pytest.mark.django_db
def test_matches_older_than_thirty_days_are_dropped() -> None:
    follow("video")
    make_paper(title="Video")
    match_papers(NOW)
    make_paper(first_seen_at=NOW + timedelta(days=31))
    assert match_papers(NOW + timedelta(days=30)).dropped == 0
    assert match_papers(NOW + timedelta(days=30, seconds=1)).dropped == 1


@pytest.mark.django_db
def test_a_second_run_changes_nothing() -> None:
    follow("video", "RAG")
    make_paper(title="Video RAG", abstract="Videos.")
    match_papers(NOW)
    before = list(Match.objects.order_by("pk").values())
    Paper.objects.update(matched_at=None)
    Topic.objects.update(matched_at=None)
    match_papers(NOW)
    assert list(Match.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_topic_that_no_longer_parses_is_left_out_alone() -> None:
    Topic.objects.create(query="the", normal_form="the", slug="the")
    Interest.objects.create(subscriber=make_subscriber(), topic=Topic.objects.get())
    follow("video")
    make_paper(title="The video")
    match_papers(NOW)
    assert found() == {("video", "The video")}


@pytest.mark.django_db
def test_neither_is_one_that_an_older_release_has_put_into_the_index() -> None:
    reader = make_subscriber()
    for query, anchor in (("video OR sound", "video"), ("video", "video")):
        topic = Topic.objects.create(
            query=query, normal_form=query, slug=query, anchor=anchor, matched_at=NOW
        )
        Interest.objects.create(subscriber=reader, topic=topic)
    make_paper(title="The video")
    match_papers(NOW)
    assert found() == {("video", "The video")}


@pytest.mark.django_db
def test_acronyms_that_papers_spell_out_find_their_long_form() -> None:
    for n in range(3):
        make_paper(title=f"Large language models (LLMs), part {n}")
    make_paper(title="Large Language Models at work")
    follow("LLM agents", "LLM", '"LLM"')
    match_papers(NOW)
    assert ("LLM", "Large Language Models at work") in found()
    assert ('"LLM"', "Large Language Models at work") not in found()
    assert ('"LLM"', "Large language models (LLMs), part 0") in found()  # the letters, in plural


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_number_of_topics() -> None:
    def queries(topics: int) -> int:
        for start in range(0, topics, 49):
            follow("video", *(f"subject {topics} {n}" for n in range(start, start + 49)))
        Topic.objects.update(matched_at=NOW)
        process_cache.get_topic_index()
        for n in range(3):
            make_paper(title=f"Video {topics} {n}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            match_papers(NOW)
        return len(captured)

    assert queries(49) == queries(490)


@pytest.mark.django_db
def test_new_topics_are_matched_in_as_many_queries_as_one() -> None:
    for n in range(3):
        make_paper(title=f"Video subject {n}")
    match_papers(NOW)
    follow("video")  # the papers are counted once for all topics that come
    match_papers(NOW)

    def queries(*topics: str) -> int:
        follow(*topics)
        with CaptureQueriesContext(connection) as captured:
            match_papers(NOW)
        return len(captured)

    assert queries("video subject") == queries(*(f"subject {n}" for n in range(40)))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_match_every_paper_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.match.stage._PAPERS_AT_ONCE", 3)
    follow("video", "world model")
    for n in range(20):
        make_paper(title=f"Video of a world model {n}")
    reports = at_once(lambda: match_papers(NOW))
    assert sum(report.papers for report in reports) == 20
    assert Match.objects.count() == 40
    assert not Paper.objects.unmatched().exists()


@pytest.mark.django_db
def test_a_topic_made_while_a_paper_is_being_matched_loses_nothing() -> None:
    follow("video")
    paper = make_paper(title="A world model of video")
    # The paper is in the hands of a worker that does not know the topic yet.
    [late] = follow("world model")
    Topic.objects.exclude(pk=late.pk).update(matched_at=NOW)
    _match_new_topics(NOW, None)
    assert found() == {("world model", paper.title)}


@pytest.mark.django_db
def test_progress_is_told_paper_by_batch() -> None:
    for n in range(3):
        make_paper(title=f"Video {n}")
    told: list[tuple[int, int]] = []
    match_papers(NOW, lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


@pytest.mark.django_db
def test_what_was_typed_for_a_topic_is_read_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_PAPERS_AT_ONCE", 1)
    follow("video")
    match_papers(NOW)
    for n in range(4):
        make_paper(title=f"Video {n}")
    with CaptureQueriesContext(connection) as captured:
        assert match_papers(NOW).matches == 4
    asked = [query["sql"] for query in captured if "subscribers_interest" in query["sql"]]
    assert len([sql for sql in asked if "query" in sql and "matched_at" not in sql]) == 1


@pytest.mark.django_db
def test_somebody_may_follow_a_topic_while_its_run_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "_PAPERS_AT_ONCE", 1)
    [topic] = follow("video")
    match_papers(NOW)
    [interest] = Interest.objects.all()
    interest.delete()
    for n in range(2):
        make_paper(title=f"Video {n}")

    def follow_again(*_progress: int) -> None:
        Interest.objects.get_or_create(topic=topic, subscriber=interest.subscriber)

    match_papers(NOW, follow_again)
    assert found() == {("video", "Video 1")}
