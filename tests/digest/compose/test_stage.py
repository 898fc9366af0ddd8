from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.compose import compose_due
from digest.compose.profiles import read_profiles
from digest.models import Delivery, Edition, Entry, Paper
from digest.render import Typesetter
from subscribers.models import Interest, Subscriber, Suppression, Topic
from tests.factories import (
    NOW,
    make_delivery,
    make_match,
    make_paper,
    make_reader,
    make_source,
    note_sources_read,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sources_that_are_read")]


@pytest.fixture
def sources_that_are_read() -> None:
    note_sources_read(days=60)


DAY = timedelta(days=1)


def news(query="diffusion policy", at=NOW, strength=1.0, **fields):
    """A paper that became news at `at` and is in the topic."""
    paper = make_paper(news_at=at, first_seen_at=at, published_at=at, **fields)
    make_match(paper, query, strength)
    return paper


def papers_of(delivery):
    return [item["id"] for item in delivery.contents["papers"]]


def last_delivery(reader):
    return reader.deliveries.order_by("-pk").first()


def told(delivery, **fields):
    """What deliver does, in short: the mail went out."""
    fields = {"status": "sent", "sent_at": NOW} | fields
    Delivery.objects.filter(pk=delivery.pk).update(**fields)


def test_a_due_subscriber_gets_the_papers_of_their_topics():
    reader, paper = make_reader("diffusion policy"), news()
    news("world models")
    report = compose_due(NOW)
    delivery = reader.deliveries.get()
    assert (report.planned, delivery.status, papers_of(delivery)) == (1, "planned", [paper.pk])
    assert delivery.contents["papers"][0]["topics"][0][1:] == ["diffusion policy"] * 2


def test_composing_twice_makes_one_delivery():
    reader = make_reader("diffusion policy")
    news()
    compose_due(NOW)
    Subscriber.objects.update(next_digest_at=NOW)  # as if the first run had died before its end
    report = compose_due(NOW)
    assert (report.planned, report.repeated, reader.deliveries.count()) == (0, 1, 1)


def test_a_paper_comes_once_though_another_source_brings_it_again():
    reader, paper = make_reader("diffusion policy"), news()
    compose_due(NOW)
    told(reader.deliveries.get())
    later = NOW + DAY
    Entry.objects.create(
        source=make_source(), paper=paper, guid="again", published_at=later, seen_at=later
    )
    Paper.objects.update(news_at=later)
    compose_due(later)
    second = last_delivery(reader)
    assert (second.status, second.quiet_reason) == ("quiet", "sent_before")


def test_a_paper_left_out_on_its_day_comes_when_another_source_lists_it():
    reader = make_reader("diffusion policy", max_papers=1)
    best, other = news(strength=2), news(strength=1)
    compose_due(NOW)
    assert papers_of(reader.deliveries.get()) == [best.pk]
    compose_due(NOW + DAY)
    assert last_delivery(reader).quiet_reason == "nothing_new"
    Paper.objects.filter(pk=other.pk).update(news_at=NOW + 2 * DAY, trend=3)
    compose_due(NOW + 2 * DAY)
    assert papers_of(last_delivery(reader)) == [other.pk]


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_papers_of_a_mail_that_never_left_come_with_the_next(status):
    reader, paper = make_reader("diffusion policy"), news()
    compose_due(NOW)
    told(reader.deliveries.get(), status=status, sent_at=None)
    compose_due(NOW + DAY)
    assert papers_of(last_delivery(reader)) == [paper.pk]


@pytest.mark.parametrize("status", ["planned", "claimed"])
def test_papers_of_a_mail_that_may_have_left_do_not_come_again(status):
    reader = make_reader("diffusion policy")
    paper = news()
    compose_due(NOW)
    told(reader.deliveries.get(), status=status, sent_at=None, claimed_at=NOW)
    Paper.objects.filter(pk=paper.pk).update(news_at=NOW + DAY)
    compose_due(NOW + DAY)
    assert last_delivery(reader).quiet_reason == "sent_before"


def test_a_list_that_is_stored_while_digests_are_composed_comes_with_the_next():
    reader = make_reader("diffusion policy")
    first = news()
    compose_due(NOW)
    late = news(at=NOW - timedelta(minutes=1))  # stored after, under an earlier moment
    same = news(at=NOW)
    compose_due(NOW + DAY)
    assert set(papers_of(last_delivery(reader))) == {late.pk, same.pk} - {first.pk}


def test_papers_not_matched_yet_wait_for_the_next_digest():
    reader, paper = make_reader("diffusion policy"), news()
    Paper.objects.update(matched_at=None)
    compose_due(NOW)
    assert last_delivery(reader).quiet_reason == "nothing_new"
    Paper.objects.update(matched_at=NOW)
    compose_due(NOW + DAY)
    assert papers_of(last_delivery(reader)) == [paper.pk]


def test_a_replacement_is_not_news():
    reader = make_reader("diffusion policy")
    make_match(make_paper(news_at=None), "diffusion policy")
    compose_due(NOW)
    assert last_delivery(reader).quiet_reason == "nothing_new"


def test_who_follows_a_topic_not_compared_with_the_papers_yet_stays_due():
    reader = make_reader("diffusion policy")
    Topic.objects.update(matched_at=None)
    news()
    compose_due(NOW)
    assert not reader.deliveries.exists()
    Topic.objects.update(matched_at=NOW)
    assert compose_due(NOW).planned == 1


def test_a_pause_that_is_over_is_no_pause():
    reader = make_reader("diffusion policy", paused_until=NOW - DAY)
    news()
    compose_due(NOW)
    assert reader.deliveries.get().status == "planned"


def test_neither_trend_nor_strength_rules_alone_within_a_section():
    reader = make_reader("diffusion policy", max_papers=4)
    weak, strong = news(strength=1), news(strength=5)
    talked_about = {"trend": 5.0, "votes": 9, "place": 1, "among": 9}
    trending = news(strength=0.1, trend=5.0, trend_parts=talked_about)
    lifted = news(strength=0.2, trend=4.0, trend_parts=talked_about | {"trend": 4.0, "place": 2})
    # A single vote is that of whoever put it on the list: it moves nothing.
    news(strength=0.9, trend=0.8, trend_parts={"trend": 0.8, "votes": 1, "place": 3, "among": 9})
    compose_due(NOW)
    delivery = reader.deliveries.get()
    assert papers_of(delivery) == [trending.pk, strong.pk, lifted.pk, weak.pk]
    sections = [p["section"] for p in delivery.contents["papers"]]
    assert sections == ["trending", "new", "new", "new"]


def test_a_paper_in_two_topics_names_both():
    reader = make_reader("diffusion policy", "robots")
    make_match(news(), "robots", where="robot")
    compose_due(NOW)
    [item] = reader.deliveries.get().contents["papers"]
    assert [reason[1:] for reason in item["topics"]] == [
        ["diffusion policy", "diffusion policy"],
        ["robots", "robot"],
    ]


def test_nobody_unconfirmed_or_gone_is_composed_for_and_the_suppressed_are_named():
    news()
    make_reader("diffusion policy", status="pending", confirmed_at=None)
    make_reader("diffusion policy", status="unsubscribed", unsubscribed_at=NOW)
    refused = make_reader("diffusion policy")
    Suppression.objects.suppress(refused.email, "bounce")
    report = compose_due(NOW)
    assert (report.planned, report.suppressed, Delivery.objects.count()) == (0, 1, 1)
    assert refused.deliveries.get().status == "suppressed"


def test_the_first_digest_leaves_at_once_and_the_next_at_their_own_hour():
    reader = make_reader("diffusion policy", timezone="Asia/Tokyo", send_hour=7)
    news()
    compose_due(NOW)  # 21:00 on 22 April in Tokyo
    reader.refresh_from_db()
    assert reader.deliveries.get().edition.date == date(2026, 4, 22)
    assert reader.next_digest_at == datetime(2026, 4, 22, 22, tzinfo=UTC)  # 23 April, 07:00


def test_no_second_digest_on_the_day_of_the_first():
    early = NOW.replace(hour=6)
    reader = make_reader("diffusion policy", send_hour=8)
    news(at=early)
    compose_due(early)
    reader.refresh_from_db()
    assert reader.next_digest_at == NOW.replace(day=23, hour=8)


def test_after_days_without_power_one_digest_comes_and_not_five():
    reader = make_reader("diffusion policy", next_digest_at=NOW - 5 * DAY)
    news()
    compose_due(NOW)
    reader.refresh_from_db()
    assert reader.deliveries.count() == 1
    assert reader.next_digest_at > NOW


def test_who_is_not_due_is_left_alone():
    reader = make_reader("diffusion policy", next_digest_at=NOW + timedelta(minutes=1))
    news()
    assert compose_due(NOW).planned == 0
    assert not reader.deliveries.exists()


def test_one_address_can_be_composed_alone():
    mine, other = make_reader("diffusion policy"), make_reader("diffusion policy")
    news()
    compose_due(NOW, only=mine.email)
    assert (mine.deliveries.count(), other.deliveries.count()) == (1, 0)


def test_a_first_digest_reaches_back_only_to_be_full():
    old = news(at=NOW - 2 * DAY)
    open_then = compose_due(NOW - 2 * DAY)
    assert open_then.planned == 0
    recent = news()
    modest = make_reader("diffusion policy", max_papers=1)
    hungry = make_reader("diffusion policy", max_papers=10)
    compose_due(NOW)
    assert papers_of(modest.deliveries.get()) == [recent.pk]
    assert set(papers_of(hungry.deliveries.get())) == {recent.pk, old.pk}


def test_a_backlog_is_not_news_to_those_who_had_a_digest():
    reader = make_reader("diffusion policy")
    news()
    compose_due(NOW)
    told(reader.deliveries.get())
    news(at=NOW - 10 * DAY)
    compose_due(NOW + DAY)
    assert last_delivery(reader).quiet_reason == "nothing_new"


def test_a_weekly_reader_gets_the_whole_week():
    monday = datetime(2026, 4, 20, 8, tzinfo=UTC)
    reader = make_reader("diffusion policy", cadence="weekly", next_digest_at=monday)
    make_delivery(
        subscriber=reader,
        covers_until=monday - 7 * DAY,
        status="sent",
        sent_at=NOW,
        edition=Edition.objects.create(date=date(2026, 4, 13)),
        contents={},
    )
    papers = [news(at=monday - n * DAY) for n in (1, 3, 6)]
    for n in (6, 3, 1):  # daily ticks open the news as it comes
        compose_due(monday - n * DAY)
    compose_due(monday)
    assert set(papers_of(last_delivery(reader))) == {paper.pk for paper in papers}
    reader.refresh_from_db()
    assert reader.next_digest_at == monday + 7 * DAY


def test_more_papers_excluded_than_a_list_is_cut_to_still_fill_the_digest(monkeypatch):
    monkeypatch.setattr("digest.compose.shortlist.CUT", 2)
    reader = make_reader("diffusion policy", mutes=("surveys",), max_papers=2)
    for strength in (9, 8, 7):
        make_match(news(strength=strength), "surveys")
    wanted = [news(strength=strength) for strength in (6, 5, 4)]
    compose_due(NOW)
    assert papers_of(reader.deliveries.get()) == [paper.pk for paper in wanted[:2]]


def test_topics_beyond_what_memory_keeps_are_read_again(monkeypatch):
    monkeypatch.setattr("digest.compose.shortlist.MOST_TOPICS", 1)
    monkeypatch.setattr("digest.compose.stage.CHUNK", 1)
    readers = [make_reader("a"), make_reader("b"), make_reader("a")]
    for query in "ab":
        news(query)
    assert compose_due(NOW).planned == len(readers)


def test_news_of_the_very_moment_of_a_digest_comes_in_the_next_one():
    reader = make_reader("diffusion policy")
    news()
    compose_due(NOW)
    told(last_delivery(reader))
    late = news()  # nobody had matched it yet when the digest was composed
    compose_due(NOW)
    compose_due(NOW + DAY)
    assert papers_of(last_delivery(reader)) == [late.pk]


def test_whoever_reaches_farther_back_than_those_before_gets_the_older_papers_too(monkeypatch):
    monkeypatch.setattr("digest.compose.stage.CHUNK", 1)
    readers = [make_reader("diffusion policy") for _ in range(2)]
    for reader, days in zip(readers, (1, 2.5), strict=True):
        last = NOW - days * DAY
        edition, _ = Edition.objects.get_or_create(date=last.date())
        make_delivery(subscriber=reader, edition=edition, covers_until=last)
        told(last_delivery(reader))
    old = news(at=NOW - 2 * DAY, available_at=NOW - 2 * DAY)
    new = news(at=NOW - DAY / 2, available_at=NOW - DAY / 2)
    compose_due(NOW)
    assert [set(papers_of(last_delivery(reader))) for reader in readers] == [
        {new.pk},
        {old.pk, new.pk},
    ]


def test_the_number_of_queries_does_not_grow_with_the_readers():
    news()
    counts = []
    for more in (1, 2, 40):
        for _ in range(more):
            make_reader("diffusion policy")
        with CaptureQueriesContext(connection) as queries:
            compose_due(NOW)
        counts.append(len(queries))
    assert counts[1] == counts[2]  # the first run also made the edition


def test_a_minute_in_which_nobody_is_due_reads_no_papers(django_assert_num_queries):
    make_reader("diffusion policy", next_digest_at=NOW + DAY)
    news()
    with django_assert_num_queries(7):  # opens the news, and asks each range of who is due
        assert compose_due(NOW).planned == 0


def test_progress_is_told_of_every_chunk(monkeypatch):
    monkeypatch.setattr("digest.compose.stage.CHUNK", 2)
    for _ in range(3):
        make_reader("diffusion policy")
    told_of = []
    compose_due(NOW, progress=told_of.append)
    assert told_of == [2, 1]


def test_a_delivery_keeps_what_was_said_of_its_papers_though_they_are_scored_anew():
    hf = make_source(
        kind="huggingface", title="HF", state="healthy", documents={"2026-04-22": {"entries": 31}}
    )
    arxiv = {"cs.CL": {"listed_on": "2026-04-22", "new": 95}}
    make_source(kind="arxiv", state="healthy", freshness=arxiv)
    reader = make_reader("diffusion policy")
    parts = {"trend": 2.0, "votes": 63, "votes_since_yesterday": 41, "days": 2}
    parts |= {"place": 1, "among": 9}
    trending = news(trend=2.0, trend_parts=parts, categories=["cs.CL"], source=hf)
    quiet = news()
    compose_due(NOW)
    contents = reader.deliveries.get().contents
    assert [(item["id"], item["evidence"]) for item in contents["papers"]] == [
        (trending.pk, "+41 votes since yesterday, 63 in all, 2nd day"),
        (quiet.pk, ""),
    ]
    assert contents["sources"] == ["cs.CL: 95 new", "Hugging Face: 31 listed"]


def test_a_mail_composed_is_the_same_byte_for_byte_whatever_is_counted_and_polled_before_it_goes():
    reader = make_reader("diffusion policy", cadence="weekly")
    source = make_source(kind="arxiv", title="arXiv", state="healthy", last_new_at=NOW)
    code = "https://code.example.org/slow"
    papers = [
        news(source=source, code_url=code, code_stars=454, organization="Northlight Labs"),
        news(source=source, summary="", code_url="", organization=""),
    ]
    compose_due(NOW)
    composed = rendered(reader)
    Paper.objects.update(code_stars=455, trend=9.0)
    late = {"summary": "It says so.", "organization": "New Lab", "code_url": code}
    Paper.objects.filter(pk=papers[1].pk).update(**late)
    make_source(kind="feed", title="Robot Letters", state="healthy", last_new_at=NOW)
    make_paper(news_at=NOW - 9 * DAY)  # from now on the first day's number is another
    Subscriber.objects.update(cadence="daily")
    assert "454 ★" in composed[1]
    assert rendered(reader) == composed


def rendered(reader):
    """The mail's subject, text and HTML, as a worker sets them that has just started."""
    delivery = Delivery.objects.select_related("edition", "subscriber").get(subscriber=reader)
    [message] = Typesetter().render_all([delivery])
    return message.subject, message.body, message.alternatives[0][0]


def test_topics_are_called_as_each_reader_typed_them_and_asked_for_without_a_join() -> None:
    """To join them PostgreSQL reads all topics there are, for every chunk of readers."""
    ada = make_reader("world model")
    grace = make_reader("world model", "video", mutes=("robots",))
    model, video, robots = (Topic.objects.get(query=q) for q in ("world model", "video", "robots"))
    Interest.objects.filter(subscriber=grace, topic=model).update(typed="World Models")
    with CaptureQueriesContext(connection) as queries:
        profiles = read_profiles([ada, grace], NOW)
    assert profiles[ada.pk].follows == {model.pk: "world model"}
    assert profiles[grace.pk].follows == {model.pk: "World Models", video.pk: "video"}
    assert profiles[grace.pk].mutes == {robots.pk}
    assert not [one["sql"] for one in queries if 'JOIN "subscribers_topic"' in one["sql"]]


def test_what_was_typed_first_for_a_topic_is_read_once_a_run(monkeypatch):
    monkeypatch.setattr("digest.compose.stage.CHUNK", 1)
    for queries in (["world model"], ["world model", "video"], ["video"]):
        make_reader(*queries)
    Interest.objects.update(typed="")  # as those who followed before it was noted have it
    news("world model"), news("video")
    with CaptureQueriesContext(connection) as queries:
        assert compose_due(NOW).planned == 3
    asked = [one["sql"] for one in queries if '"subscribers_topic"."query"' in one["sql"]]
    assert len(asked) == 2  # for the second reader's second topic too
