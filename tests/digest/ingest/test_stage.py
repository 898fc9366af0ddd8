from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from digest.ingest import IngestReport, ingest_due, ingest_source, schedule
from digest.ingest.sources import host_rate_limit
from digest.ingest.sources.sandbox import MachineBusy
from digest.ingest.store import StoredChanges, store_document
from digest.models import Entry, HostTurn, Paper, Snapshot, Source
from tests.digest.ingest.sources.wire import arxiv_item, arxiv_rss, feed_item, hf_list, hf_row, rss
from tests.factories import NOW, make_source
from tests.web_server import Answer, WebServer, web_server

# How sources behave; what is stored of them is tried on both databases by test_store.py.
pytestmark = [pytest.mark.django_db, pytest.mark.indirect]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HF_PATH = "/api/daily_papers"
ARXIV_PATH = "/rss/cs.CL"


@pytest.fixture
def server(settings: Any) -> Iterator[WebServer]:
    """A host that stands in for Hugging Face, arXiv and every lab; no default sources."""
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    Source.objects.all().delete()
    with web_server() as running:
        settings.OFFPRINT_HF_URL = settings.OFFPRINT_ARXIV_URL = running.url
        running.give(HF_PATH, b"[]")
        running.give(ARXIV_PATH, arxiv_rss(arxiv_item()))
        yield running


def _lab(server: WebServer, *answers: Answer | bytes, path: str = "/lab") -> Source:
    return make_source(url=server.give(path, *answers), title="Lab")


def _arxiv() -> Source:
    return make_source(kind="arxiv", url=f"https://rss.arxiv.org{ARXIV_PATH}", title="arXiv")


def _hf() -> Source:
    return make_source(kind="huggingface", url=f"https://huggingface.co{HF_PATH}", title="HF")


def _ask(source: Source, now: datetime = NOW) -> tuple[IngestReport, Source]:
    HostTurn.objects.all().delete()  # three seconds of waiting prove nothing here
    report = ingest_source(source.pk, now)
    source.refresh_from_db()
    return report, source


POST = feed_item("A post", link="/1", pubDate="Wed, 22 Apr 2026 10:00:00 GMT")


# -- the happy path


def test_a_feed_is_read_and_says_what_came_in(server: WebServer) -> None:
    report, source = _ask(_lab(server, Answer(rss(POST), headers={"ETag": '"1"'})))
    assert report == IngestReport(source.pk, "Lab", "healthy", "1 new paper.", new=1)
    assert (source.state, source.note, source.last_error) == ("healthy", "1 new paper.", "")
    assert (source.etag, source.failures) == ('"1"', 0)
    assert source.last_fetched_at == source.last_new_at == NOW
    assert source.next_fetch_at is not None
    assert source.next_fetch_at >= NOW + timedelta(minutes=30)
    assert Paper.objects.get().news_at == NOW


def test_an_unchanged_feed_is_healthy_and_keeps_its_validators(server: WebServer) -> None:
    source = _lab(server, Answer(rss(POST), headers={"ETag": 'W/"1, 2"'}), Answer(status=304))
    _ask(source)
    report, source = _ask(source, NOW + HOUR)
    assert report.sentence == "Nothing new since the last poll."
    assert (source.state, source.last_fetched_at) == ("healthy", NOW + HOUR)
    assert source.last_new_at == NOW
    assert [sent.get("If-None-Match") for sent in server.requests("/lab")] == [None, 'W/"1, 2"']
    assert source.etag == 'W/"1, 2"'


def test_arxiv_is_read_with_its_announce_types(server: WebServer) -> None:
    items = [
        arxiv_item(f"2604.0000{n}", type=kind, version=1 + kind.startswith("replace"))
        for n, kind in enumerate(("new", "cross", "replace", "replace-cross"), 1)
    ]
    server.give(ARXIV_PATH, arxiv_rss(*items))
    report, source = _ask(_arxiv())
    assert (report.new, report.replacements) == (2, 2)
    assert report.sentence == "2 new papers, 2 replacements."
    assert source.freshness == {"cs.CL": {"listed_on": "2026-04-22", "new": 2}}
    assert Paper.objects.filter(news_at=None).count() == 2
    types = Entry.objects.order_by("guid").values_list("announce_type", flat=True)
    assert list(types) == ["new", "cross", "replace", "replace-cross"]


def test_hugging_face_is_asked_day_by_day(server: WebServer) -> None:
    for day, row in (("22", hf_row("2604.00001")), ("21", hf_row("2604.00002"))):
        answer = Answer(hf_list(row), headers={"ETag": f'"{day}"'})
        server.give(f"{HF_PATH}?limit=100&date=2026-04-{day}", answer, Answer(status=304))
    report, source = _ask(_hf())
    assert (report.new, report.state) == (2, "healthy")
    assert len(server.requests(HF_PATH)) == 15
    assert source.documents["2026-04-21"] == {
        "etag": '"21"',
        "last_modified": "",
        "asked_at": NOW.isoformat(),
        "entries": 1,
        "is_whole": True,
    }
    assert Snapshot.objects.count() == 2
    report, source = _ask(source, NOW + HOUR)
    assert (report.new, report.state) == (0, "healthy")
    assert len(server.requests(HF_PATH)) == 18
    assert server.requests(HF_PATH)[15]["If-None-Match"] == '"22"'
    assert source.documents["2026-04-22"]["entries"] == 1


def test_days_long_past_are_forgotten(server: WebServer) -> None:
    _, source = _ask(_hf())
    _, source = _ask(source, NOW + 10 * DAY)
    assert min(source.documents) == "2026-04-18"
    assert len(source.documents) == 15


def test_a_weekend_names_its_reason(server: WebServer) -> None:
    saturday = datetime(2026, 4, 18, 12, tzinfo=UTC)
    server.give(ARXIV_PATH, arxiv_rss(on=saturday))
    report, _ = _ask(_arxiv(), saturday)
    assert report.state == "empty"
    assert report.sentence == "arXiv announces nothing on Saturdays and Sundays."
    report, _ = _ask(_hf(), saturday)
    assert report.state == "empty"
    assert report.sentence == "Hugging Face lists nothing on Saturdays and Sundays."


def test_a_working_day_without_a_list_says_so(server: WebServer) -> None:
    report, _ = _ask(_hf())
    assert report.state == "empty"
    assert report.sentence == "Hugging Face has not listed anything for today yet."
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", hf_list(hf_row()))
    report, _ = _ask(_hf_again())
    assert (report.state, report.sentence) == ("healthy", "1 new paper.")


def _hf_again() -> Source:
    return Source.objects.get(kind="huggingface")


def test_a_day_the_host_does_not_know_yet_costs_nothing(server: WebServer) -> None:
    server.give(f"{HF_PATH}?limit=100&date=2026-04-22", Answer(b'{"error":"x"}', 400))
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", hf_list(hf_row()))
    report, source = _ask(_hf())
    assert (report.state, report.new) == ("healthy", 1)
    server.give(HF_PATH, Answer(status=400))
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", Answer(status=400))
    report, source = _ask(source, NOW + HOUR)
    assert report.state == "failing"
    assert report.sentence == "Hugging Face has no list for 2026-04-22."


def test_a_list_that_was_not_renewed_is_stale(server: WebServer) -> None:
    _, source = _ask(_arxiv())
    report, source = _ask(source, NOW + DAY)
    assert report.state == "stale"
    assert report.sentence.startswith("arXiv's list is still that of Wednesday 22 April")
    assert source.freshness["cs.CL"]["listed_on"] == "2026-04-22"


def test_an_empty_feed_is_no_failure(server: WebServer) -> None:
    report, source = _ask(_lab(server, rss()))
    assert (report.state, source.note) == ("empty", "The feed holds no entries at the moment.")


def test_a_feed_of_which_most_never_becomes_news_says_so(server: WebServer) -> None:
    old = {"pubDate": "Thu, 01 Jan 2015 00:00:00 GMT"}
    items = [feed_item(f"A post {n}", link=f"/{n}", **old) for n in range(12)]
    report, _ = _ask(_lab(server, rss(*items)))
    assert report.state == "healthy"
    assert "12 of the 12 entries of the last 14 days never became news" in report.sentence


def test_faults_in_a_feeds_xml_are_only_remarked_on(server: WebServer) -> None:
    report, _ = _ask(
        _lab(server, rss(feed_item("A & B", link="/1")).replace(b"</rss>", b"</bad></rss>"))
    )
    assert report.state == "healthy"
    assert report.sentence == "1 new paper. Its XML has faults, but it could be read."


# -- what is only partly there


def test_of_an_answer_cut_short_the_whole_entries_are_in_and_no_validators(
    server: WebServer,
) -> None:
    body = arxiv_rss(arxiv_item("2604.00001"), arxiv_item("2604.00002"))
    cut = body.index(b"2604.00002") + 30
    answer = Answer(body, headers={"ETag": '"x"', "Last-Modified": "y"}, cut_to=cut)
    server.give(ARXIV_PATH, answer)
    report, source = _ask(_arxiv())
    assert (report.state, report.new) == ("partial", 1)
    assert "cut short" in report.sentence
    assert report.sentence.endswith("1 new paper.")
    assert (source.etag, source.last_modified, source.last_error) == ("", "", "")


def test_a_document_cut_before_it_was_stored_there_keeps_no_validators(server: WebServer) -> None:
    body = rss(POST, feed_item("Two", link="/2"))
    cut = body[: body.index(b"Two") + 1]
    report, source = _ask(_lab(server, Answer(cut, headers={"ETag": '"x"', "Last-Modified": "y"})))
    assert (report.state, report.new) == ("partial", 1)
    assert (source.etag, source.last_modified) == ("", "")


def test_only_the_end_of_the_answer_missing_still_counts_as_cut(server: WebServer) -> None:
    body = rss(POST) + b"<!-- the end -->"
    report, source = _ask(_lab(server, Answer(body, headers={"ETag": '"x"'}, cut_to=len(body) - 9)))
    assert (report.state, report.new, source.etag) == ("partial", 1, "")
    assert report.sentence.startswith("The answer was cut short.")


OLD = feed_item("An old post", link="/2", pubDate="Wed, 21 Jan 2026 10:00:00 GMT")
LATE = feed_item("A late post", link="/3", pubDate="Wed, 21 Jan 2026 10:00:00 GMT")


def test_the_rest_of_a_first_look_that_was_cut_short_is_backlog(server: WebServer) -> None:
    whole = rss(POST, OLD)
    cut = Answer(whole, cut_to=whole.index(b"An old post"))
    report, source = _ask(_lab(server, cut, whole, rss(POST, OLD, LATE)))
    assert (report.state, report.new, source.read_whole_at) == ("partial", 1, None)
    _, source = _ask(source, NOW + HOUR)
    assert Paper.objects.get(title="An old post").news_at < NOW - DAY
    assert source.read_whole_at == NOW + HOUR
    _, source = _ask(source, NOW + 2 * HOUR)
    assert Paper.objects.get(title="A late post").news_at == NOW + 2 * HOUR
    assert source.read_whole_at == NOW + HOUR


def test_a_list_that_never_comes_whole_counts_as_seen_after_two_days(server: WebServer) -> None:
    whole, longer = rss(POST, OLD), rss(POST, LATE, OLD)
    cut = Answer(whole, cut_to=whole.index(b"An old post"))
    again = Answer(longer, cut_to=longer.index(b"An old post"))
    _, source = _ask(_lab(server, cut, cut, again))
    _, source = _ask(source, NOW + 2 * DAY)
    assert source.read_whole_at == NOW + 2 * DAY
    _ask(source, NOW + 3 * DAY)
    assert Paper.objects.get(title="A late post").news_at == NOW + 3 * DAY


def test_of_a_day_that_was_cut_short_the_rest_is_backlog_too(server: WebServer) -> None:
    day = f"{HF_PATH}?limit=100&date=2026-04-15"
    rows = hf_list(
        hf_row("2604.00001", submittedOnDailyAt="2026-04-15T00:00:00Z"),
        hf_row("2604.00002", submittedOnDailyAt="2026-04-15T00:00:00Z"),
    )
    server.give(day, Answer(rows, cut_to=rows.index(b"2604.00002") - 20), rows)
    _, source = _ask(_hf())
    assert Paper.objects.count() == 1
    _ask(source, NOW + DAY)
    assert Paper.objects.get(identifier="arxiv:2604.00002").news_at < NOW - DAY


def test_rows_that_cannot_be_read_are_counted_and_the_rest_is_in(server: WebServer) -> None:
    day = f"{HF_PATH}?limit=100&date=2026-04-22"
    server.give(day, hf_list(hf_row(), {"paper": None}, {"paper": {"id": 5}}))
    report, _ = _ask(_hf())
    assert (report.state, report.new, report.skipped) == ("partial", 1, 2)
    assert report.sentence.startswith("2 of 3 papers had no readable number or title")


def test_one_day_that_cannot_be_read_does_not_cost_the_others(server: WebServer) -> None:
    server.give(f"{HF_PATH}?limit=100&date=2026-04-22", b"<html>", hf_list())
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", b"garbage")
    server.give(f"{HF_PATH}?limit=100&date=2026-04-20", hf_list(hf_row()))
    report, source = _ask(_hf())
    assert (report.state, report.new) == ("partial", 1)
    assert report.sentence == (
        "A web page or XML came instead of the list of papers. (And 1 more such.) 1 new paper."
    )
    assert "2026-04-22" not in source.documents


def test_a_failure_on_the_way_keeps_what_was_read_before(server: WebServer) -> None:
    server.give(f"{HF_PATH}?limit=100&date=2026-04-22", hf_list(hf_row()))
    busy = Answer(status=429, headers={"Retry-After": "9000"})
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", busy)
    report, source = _ask(_hf())
    assert (report.state, report.new) == ("partial", 1)
    assert report.sentence == "It asks us to slow down (429). 1 new paper."
    assert len(server.requests(HF_PATH)) == 2
    assert source.next_fetch_at == NOW + timedelta(seconds=9000)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"broken", 500), "The server failed (error 500)."),
        (Answer(b"gone fishing", 503), "503"),
        (Answer(hangs=True), "within 1 seconds"),
    ],
    ids=["500", "503 without a pause", "time-out"],
)
def test_a_fault_on_the_first_day_does_not_cost_the_others(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    monkeypatch.setattr("digest.ingest.poll.FETCH_SECONDS", 3.0 if answer.hangs else 30.0)
    server.give(f"{HF_PATH}?limit=100&date=2026-04-22", answer)
    server.give(f"{HF_PATH}?limit=100&date=2026-04-21", hf_list(hf_row()))
    report, source = _ask(_hf())
    assert (report.state, report.new) == ("partial", 1)
    assert words in report.sentence
    assert "2026-04-21" in source.documents
    assert "2026-04-22" not in source.documents


@pytest.mark.parametrize(
    ("busy", "asked"),
    [
        (Answer(status=429), 1),
        (Answer(status=429, headers={"Retry-After": "60"}), 1),
        (Answer(status=503, headers={"Retry-After": "60"}), 1),
        (Answer(status=500), 2),
    ],
)
def test_a_host_that_asks_for_a_pause_or_fails_twice_is_left_alone(
    server: WebServer, busy: Answer, asked: int
) -> None:
    for day in range(10, 23):
        server.give(f"{HF_PATH}?limit=100&date=2026-04-{day}", busy)
    report, source = _ask(_hf())
    assert (report.state, source.failures) == ("failing", 1)
    assert len(server.requests(HF_PATH)) == asked


# -- what fails


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"broken", 500), "The server failed (error 500)."),
        (Answer(status=404), "There is nothing at this address (404)."),
        (Answer(b""), "The answer is empty where a feed should be."),
        (Answer(b"<!DOCTYPE html><html>Hi"), "A web page came instead of a feed"),
        (Answer(b"\x01\x02garbage" * 99), "The answer is not a feed in RSS, Atom or JSON."),
        (
            Answer(status=302, headers={"Location": "http://169.254.169.254/latest/"}),
            "169.254.169.254 is not a public address",
        ),
        (Answer(rss(POST) * 200_000), "more than 10 MB"),
    ],
    ids=["500", "404", "empty", "web page", "garbage", "redirect-private", "too large"],
)
def test_every_failure_ends_in_a_sentence_and_the_other_sources_still_come_in(
    server: WebServer, answer: Answer, words: str
) -> None:
    broken, whole = _lab(server, answer), _arxiv()
    reports = {report.source_id: report for report in ingest_due(NOW)}
    assert reports[whole.pk].new == 1
    assert words in reports[broken.pk].sentence
    assert reports[broken.pk].is_failing
    broken.refresh_from_db()
    assert (broken.state, broken.failures) == ("failing", 1)
    assert words in broken.note
    assert broken.note == broken.last_error
    assert broken.last_fetched_at is None
    assert broken.next_fetch_at is not None
    assert broken.next_fetch_at >= NOW + timedelta(minutes=30)


def test_a_source_that_recovers_is_healthy_again(server: WebServer) -> None:
    source = _lab(server, Answer(status=500), Answer(status=500), Answer(rss(POST)))
    _ask(source)
    _, source = _ask(source, NOW + HOUR)
    assert source.failures == 2
    _, source = _ask(source, NOW + 3 * HOUR)
    assert (source.state, source.failures, source.last_error) == ("healthy", 0, "")


def test_a_busy_host_is_left_alone_for_as_long_as_it_asks(server: WebServer) -> None:
    _, source = _ask(_lab(server, Answer(status=503, headers={"Retry-After": "86400"})))
    assert (source.state, source.next_fetch_at) == ("failing", NOW + DAY)


def test_a_feed_that_is_gone_is_never_asked_again(server: WebServer) -> None:
    report, source = _ask(_lab(server, Answer(status=410)))
    assert (report.state, source.state, source.is_active) == ("stopped", "stopped", False)
    assert "gone for good" in source.note
    assert ingest_due(NOW + 400 * DAY) == []


def test_a_fault_of_our_own_hurts_only_its_source_and_is_logged(
    server: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = _hf(), _arxiv()
    Source.objects.filter(pk=broken.pk).update(documents={"not a date": {}})
    with caplog.at_level(logging.ERROR):
        reports = {report.source_id: report for report in ingest_due(NOW)}
    assert reports[whole.pk].state == "healthy"
    assert reports[broken.pk].state == "failing"
    assert "Offprint itself failed" in reports[broken.pk].sentence
    assert "Traceback" in caplog.text


# -- moving


def test_three_same_permanent_redirects_move_the_source(server: WebServer) -> None:
    source = _lab(server, Answer(status=301, headers={"Location": "/new"}))
    new = server.give("/new", rss(POST))
    for hours in range(2):
        _, source = _ask(source, NOW + hours * HOUR)
        assert source.url.endswith("/lab")
    assert (source.moved_to, source.moved_times) == (new, 2)
    _, source = _ask(source, NOW + 2 * HOUR)
    assert (source.url, source.moved_to, source.moved_times) == (new, "", 0)


def test_a_redirect_that_changes_its_mind_moves_nothing(server: WebServer) -> None:
    to_new = Answer(status=301, headers={"Location": "/new"})
    source = _lab(server, to_new, to_new, Answer(rss(POST)), to_new)
    server.give("/new", rss(POST))
    for hours in range(4):
        _, source = _ask(source, NOW + hours * HOUR)
    assert source.url.endswith("/lab")
    assert source.moved_times == 1


def test_a_source_does_not_move_onto_another_one(server: WebServer) -> None:
    source = _lab(server, Answer(status=308, headers={"Location": "/new"}))
    make_source(url=server.give("/new", rss(POST)))
    for hours in range(4):
        _, source = _ask(source, NOW + hours * HOUR)
    assert (source.url.endswith("/lab"), source.state) == (True, "healthy")


# -- who is asked, and when


def test_only_due_sources_are_asked_the_longest_waiting_first(server: WebServer) -> None:
    later = _lab(server, rss(), path="/later")
    waiting = _lab(server, rss(), path="/waiting")
    never = _lab(server, rss(), path="/never")
    resting = _lab(server, rss(), path="/resting")
    Source.objects.filter(pk=later.pk).update(next_fetch_at=NOW + HOUR)
    Source.objects.filter(pk=waiting.pk).update(next_fetch_at=NOW - HOUR)
    Source.objects.filter(pk=resting.pk).update(is_active=False)
    heard: list[IngestReport] = []
    reports = ingest_due(NOW, heard.append)
    assert [report.source_id for report in reports] == [never.pk, waiting.pk]
    assert heard == reports
    assert ingest_due(NOW) == []


def test_a_source_can_be_asked_before_it_is_due(server: WebServer) -> None:
    source = _lab(server, rss(POST))
    Source.objects.filter(pk=source.pk).update(next_fetch_at=NOW + DAY)
    assert _ask(source)[0].new == 1
    with pytest.raises(Source.DoesNotExist):
        ingest_source(0, NOW)


def test_a_source_that_another_worker_has_is_left_to_it(server: WebServer) -> None:
    source = _lab(server, rss(POST))
    seen: list[list[IngestReport]] = []

    def meanwhile(report: IngestReport) -> None:
        seen.append(ingest_due(NOW))  # a second worker, while the first is at work

    other = _lab(server, rss(POST), path="/other")
    reports = ingest_due(NOW, meanwhile)
    assert [report.source_id for report in reports] == [source.pk]
    assert [[report.source_id for report in late] for late in seen] == [[other.pk]]
    assert len(server.requests("/lab")) == len(server.requests("/other")) == 1


def test_a_source_whose_time_changed_between_look_and_grasp_is_not_asked(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _lab(server, rss(POST))
    look = Source.objects.get(pk=source.pk)
    Source.objects.filter(pk=source.pk).update(next_fetch_at=NOW + HOUR)
    monkeypatch.setattr(Source.objects, "get", lambda **_: look)
    report = ingest_source(source.pk, NOW)
    assert not report.was_asked
    assert report.sentence == "Another worker is asking this source at the moment."
    assert not server.log


@pytest.mark.usefixtures("server")
def test_arxiv_waits_for_its_turn_and_gives_up_without_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host_rate_limit, "WAIT_SECONDS", 0.1)
    source = _arxiv()
    HostTurn.objects.create(host="arxiv.org", free_at=timezone.now() + timedelta(hours=1))
    report = ingest_source(source.pk, NOW)
    source.refresh_from_db()
    assert not report.was_asked
    assert "one request at a time" in report.sentence
    assert (source.state, source.failures) == ("new", 0)
    assert source.next_fetch_at == NOW + timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_storing_one_paper_at_once_make_one_row(server: WebServer) -> None:
    items = [feed_item(f"Post {n}", link=f"https://j.org/{n}") for n in range(60)]
    sources = [_lab(server, rss(*items), path=f"/{n}") for n in range(3)]
    failures: list[Exception] = []

    def ask(source: Source) -> None:
        try:
            ingest_source(source.pk, NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=ask, args=(source,)) for source in sources]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    assert set(Source.objects.values_list("state", flat=True)) == {"healthy"}
    assert (Paper.objects.count(), Entry.objects.count()) == (60, 180)


def test_a_machine_too_busy_to_read_a_document_is_no_fault_of_its_source(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: Any, **__: Any) -> None:
        raise MachineBusy("This machine was too busy to read the document within 120 seconds.")

    monkeypatch.setattr("digest.ingest.sources.feed.parse_in_child", give_up)
    report, source = _ask(_lab(server, rss(POST)))
    assert (report.was_asked, source.failures, source.last_error) == (False, 0, "")
    assert source.next_fetch_at == NOW + schedule.BUSY_RETRY


def test_the_time_we_take_to_store_a_document_is_not_taken_from_the_host(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]

    def store_slowly(*args: Any, **options: Any) -> StoredChanges:
        moment[0] += 40.0
        return store_document(*args, **options)

    monkeypatch.setattr("digest.ingest.poll.time", SimpleNamespace(monotonic=lambda: moment[0]))
    monkeypatch.setattr("digest.ingest.poll.store_document", store_slowly)
    for day in (22, 21, 20):
        row = hf_row(f"2604.{day:05}")
        server.give(f"{HF_PATH}?limit=100&date=2026-04-{day}", hf_list(row))
    report, _ = _ask(_hf())
    assert report.new == 3
