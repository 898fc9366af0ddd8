"""Public pages are rendered once for all, and never shown once they would look different."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import ResolverMatch

from digest.ingest.merge import merge_papers
from digest.match import match_papers
from digest.models import Entry, Match, Paper, Snapshot, Source
from digest.score import score_papers
from digest.web import shared_pages
from digest.web.page_store import answer_store, page_store
from subscribers import tokens
from subscribers.models import Interest
from tests.digest.web import browsing
from tests.digest.web.browsing import queries
from tests.factories import NOW, make_match, make_paper, make_reader, make_source, note_sources_read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday", "_library")]
STAMP = re.compile(r'(?<=name="shown_at" value=")[^"]+')
DAY, PAPER, TOPIC = "/papers/2026-04-22/", "/paper/arxiv:2604.1/", "/topics/diffusion-policy/"
SITEMAPS = ["/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/2026-04-22.xml"]
PAGES = ["/", DAY, "/papers/2026-W17/", "/papers/2026-04/", PAPER, "/topics/", TOPIC]
SHARED = [*PAGES, *SITEMAPS]


def shown(client: Client, address: str, status: int = 200) -> str:
    """The page without its form's stamp, which serves one sign-up, so that no two are alike."""
    return STAMP.sub("", browsing.shown(client, address, status))


@pytest.fixture
def _library() -> None:
    source = make_source(title="Lab Notebook")
    paper = make_paper(source, title="Slow Cameras", identifier="arxiv:2604.1", authors=["Ada"])
    make_match(paper, "diffusion policy")
    make_paper(source, title="Another One", identifier="arxiv:2604.2")


def find_paper() -> Paper:
    return Paper.objects.get(identifier="arxiv:2604.1")


def merge() -> None:
    other = Paper.objects.get(identifier="arxiv:2604.2")
    merge_papers(other, find_paper(), NOW)


def score() -> None:
    Snapshot.objects.create(paper=find_paper(), taken_at=NOW, upvotes=99, comments=7)
    score_papers(NOW)


def edit_in_admin() -> None:
    get_user_model().objects.create_superuser("staff", password="-")
    staff = Client()
    staff.force_login(get_user_model().objects.get())
    source = Source.objects.get(title="Lab Notebook")
    fields = {"kind": "feed", "url": source.url, "title": "Renamed", "weight": 1, "is_active": "on"}
    assert staff.post(f"/admin/digest/source/{source.pk}/change/", fields).status_code == 302


# What changes, an address that tells it, and what is read there afterwards and not before.
CHANGES: dict[str, tuple[Callable[[], object], str, str]] = {
    "a paper comes": (lambda: make_paper(title="Just In"), "/", "Just In"),
    "a later version of a paper": (
        lambda: Paper.objects.filter(pk=find_paper().pk).update(abstract="We withdraw it."),
        PAPER,
        "We withdraw it.",
    ),
    "a score": (score, DAY, "99 votes"),
    "two rows prove to be one paper": (merge, DAY, "1 paper"),
    "an edit in the admin": (edit_in_admin, DAY, "Renamed"),
    "a deletion": (lambda: find_paper().delete(), DAY, "1 paper"),
    "a topic finds it": (lambda: make_match(find_paper(), "cameras"), PAPER, ">cameras</a>"),
    "a topic is busier": (lambda: make_match(find_paper(), "cameras"), "/topics/", "cameras"),
    "one more source has it": (
        lambda: Entry.objects.create(
            source=make_source(title="A Second"),
            paper=find_paper(),
            guid="2",
            published_at=NOW,
            seen_at=NOW,
        ),
        PAPER,
        "A Second",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_seen_at_once(what: str, client: Client) -> None:
    change, address, news = CHANGES[what]
    assert news not in shown(client, address)
    etag = client.get(address)["ETag"]
    change()
    assert news in shown(client, address)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_whoever_is_signed_in_is_shown_no_page_that_was_kept_for_all(
    client: Client, admin_client: Client
) -> None:
    for address in PAGES:
        shown(client, address)
        assert queries(client, address) == 1  # of its version: it is kept
        assert queries(admin_client, address) > 1


@pytest.mark.parametrize("address", [PAPER, "/topics/"])
def test_what_a_reader_mutes_leaves_the_pages_at_once(address: str, client: Client) -> None:
    link = ">diffusion policy</a>"
    assert link in shown(client, address)
    make_reader(mutes=("diffusion policy",))
    assert link not in shown(client, address)
    Interest.objects.update(mode="follow")
    assert link in shown(client, address)


def test_a_match_that_is_withdrawn_leaves_its_page(client: Client) -> None:
    assert "Slow Cameras" in shown(client, TOPIC)
    Match.objects.all().delete()
    assert "Slow Cameras" not in shown(client, TOPIC)


def test_a_page_that_is_gone_is_gone(client: Client) -> None:
    shown(client, PAPER)
    find_paper().delete()
    shown(client, PAPER, status=404)


def test_a_new_day_is_seen(client: Client) -> None:
    note_sources_read(days=2)
    assert "Nothing new" not in shown(client, "/")
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert "Nothing new" in shown(client, "/")


@pytest.mark.parametrize("address", SHARED)
def test_whoever_comes_later_costs_one_query(address: str, client: Client) -> None:
    first = shown(client, address)
    with CaptureQueriesContext(connection) as asked:
        assert shown(Client(), address) == first
    assert [query["sql"] for query in asked] == ["SELECT SUM(token) FROM digest_pageversion"]


@pytest.mark.parametrize("address", SHARED)
def test_it_leaves_before_sessions_forms_and_views(
    address: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(address)

    def refuse(*_: Any) -> None:
        raise AssertionError("Something was done for one visitor.")

    for name in ("process_request", "process_view"):
        monkeypatch.setattr(f"django.middleware.csrf.CsrfViewMiddleware.{name}", refuse)
    middleware = "django.contrib.sessions.middleware.SessionMiddleware.process_request"
    monkeypatch.setattr(middleware, refuse)
    again = Client().get(address)
    pages = {STAMP.sub("", page.content.decode()) for page in (first, again)}
    assert len(pages) == 1
    headers = {name: value for name, value in again.items() if name != "Vary"}
    assert headers == {name: value for name, value in first.items() if name != "Vary"}


def test_a_browser_asks_each_time_and_hears_that_nothing_changed(client: Client) -> None:
    first = client.get("/")
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get("/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]
    assert client.head("/")["ETag"] == first["ETag"]


def test_every_visitor_gets_a_stamp_of_the_moment(client: Client) -> None:
    moments = []
    for seconds in (0, 60):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            page = browsing.shown(client, "/")
        stamp = STAMP.search(page)
        assert stamp
        moments.append(tokens.read_stamp(stamp[0]))
        assert shared_pages.STAMP_SLOT not in page
    assert moments == [NOW, NOW + timedelta(seconds=60)]


@pytest.mark.parametrize("query", ["sort=newest", "sort=trend", "page=1", "sort=newest&page=1"])
def test_another_order_is_another_page(query: str, client: Client) -> None:
    plain = shown(client, DAY)
    other = shown(client, f"{DAY}?{query}")
    assert shown(client, DAY) == plain
    assert shown(client, f"{DAY}?{query}") == other
    page_store.forget_all()
    assert shown(client, f"{DAY}?{query}") == other


@pytest.mark.parametrize(
    "query", ["utm=1", "page=x", "page=1&page=2", "sort=other", "page=1234567"]
)
def test_what_it_does_not_read_of_a_query_is_not_kept(query: str, client: Client) -> None:
    assert queries(client, f"{DAY}?{query}") == queries(client, f"{DAY}?{query}") > 1


ANSWERS = ["/search?q=slow+cameras", "/api/v1/papers?limit=5", "/api/v1/search?q=cameras"]
ANSWERS += ["/api/v1/topics", "/api/v1/days", "/api/v1/papers/arxiv:2604.1"]


class TestAnswers:
    """What anybody may ask in words of their own, each kept for a minute at most."""

    @pytest.mark.parametrize("address", ANSWERS)
    def test_the_same_question_costs_one_query(self, address: str, client: Client) -> None:
        first = client.get(address)
        with CaptureQueriesContext(connection) as asked:
            again = Client().get(address)
        assert [query["sql"] for query in asked] == ["SELECT SUM(token) FROM digest_pageversion"]
        assert STAMP.sub("", again.content.decode()) == STAMP.sub("", first.content.decode())
        assert dict(again.items()) == dict(first.items())
        known = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (known.status_code, known.content) == (304, b"")

    @pytest.mark.parametrize("address", [ANSWERS[0], ANSWERS[2]])
    def test_a_search_finds_a_paper_as_soon_as_it_is_matched(
        self, address: str, client: Client
    ) -> None:
        make_paper(title="On Slow Cameras", identifier="arxiv:2604.3")
        assert "arxiv:2604.3" not in shown(client, address)  # its words are not read yet
        match_papers(NOW)
        assert "arxiv:2604.3" in shown(client, address)

    def test_a_list_has_a_paper_as_soon_as_it_comes(self, client: Client) -> None:
        assert "Quick Cameras" not in shown(client, "/api/v1/papers")
        make_paper(title="Quick Cameras")
        assert "Quick Cameras" in shown(client, "/api/v1/papers")

    def test_after_a_minute_it_is_answered_anew(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        minutes = iter((60.0, 60.0, 120.0, 120.0))
        monkeypatch.setattr(shared_pages, "monotonic", lambda: next(minutes))
        assert queries(client, ANSWERS[1]) > 1
        assert queries(client, ANSWERS[1]) > 1

    def test_what_somebody_looked_for_is_with_no_other_process(self, client: Client) -> None:
        shown(client, ANSWERS[0])
        assert answer_store.has("/search?q=slow+cameras")
        answer_store.forget_all()
        assert queries(client, ANSWERS[0]) > 1
        assert not page_store.has("/search?q=slow+cameras")

    def test_a_question_without_an_end_is_not_kept(self, client: Client) -> None:
        address = f"/search?q={'a+' * 600}"
        shown(client, address)
        assert not answer_store.has(address)


class TestNeverShared:
    @pytest.fixture(autouse=True)
    def _nothing_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        kept: list[str] = []
        put = page_store.put

        def note(address: str, state: str, page: Any) -> None:
            kept.append(address)
            put(address, state, page)

        monkeypatch.setattr(page_store, "put", note)
        yield
        assert kept == []

    def test_what_somebody_gets_who_is_signed_in(self, admin_client: Client) -> None:
        for address in (*PAGES, "/admin/"):
            assert admin_client.get(address).status_code == 200
            assert queries(admin_client, address) > 1

    def test_what_a_proof_of_identity_comes_with(self, client: Client) -> None:
        assert client.get("/", headers={"Authorization": "Basic eDp5"}).status_code == 200

    @pytest.mark.parametrize(
        "address",
        [
            *("/subscribe/", "/interests/", "/preferences/", "/search?q=cameras", "/api/"),
            *("/outbox/", "/healthz", "/readyz", "/feeds/latest.atom", "/api/v1/papers"),
            *("/paper/arxiv:2604.404/", "/papers/2026-04-30/", "/nothing/", "/papers/"),
        ],
    )
    def test_forms_answers_and_what_is_not_there(self, address: str, client: Client) -> None:
        client.get(address)
        client.get(address)

    def test_the_pages_behind_signed_links(self, client: Client) -> None:
        reader = make_reader("diffusion policy")
        for purpose in ("preferences", "unsubscribe"):
            token = tokens.sign(f"subscribers.{purpose}", reader.pk)
            assert client.get(f"/{purpose}/{token}/").status_code == 200

    def test_what_is_posted(self, client: Client) -> None:
        assert client.post("/").status_code == 405

    @pytest.mark.parametrize("own", ["cookie", "session", "status"])
    def test_a_page_whose_view_looked_at_its_visitor_after_all(
        self, own: str, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view: Any = shared_pages.same_for_all(lambda _: HttpResponse("A page."))

        def look(request: HttpRequest, **_: Any) -> HttpResponse:
            response: HttpResponse = view(request)
            if own == "cookie":
                response.set_cookie("zone", "Europe/Berlin")
            elif own == "session":
                request.session.get("theme")
            else:
                response.status_code = 503
            return response

        look.is_same_for_all = True  # type: ignore[attr-defined]
        match = ResolverMatch(look, (), {})
        monkeypatch.setattr("django.urls.URLResolver.resolve", lambda *_: match)
        client.get("/")


def test_a_database_that_does_not_note_its_changes_shares_nothing(client: Client) -> None:
    shared_pages._guarded.clear()
    table = " ON digest_source" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER digest_page_source_update{table}")
    shown(client, "/")
    Source.objects.update(title="Renamed")
    assert "Renamed" in shown(client, "/")
    assert "ETag" not in client.get("/")
