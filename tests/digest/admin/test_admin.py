"""The admin's pages about sources, papers, editions and deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from digest.admin.columns import ago, link
from digest.admin.deliveries import STATUS_COLORS, STATUS_SENTENCES, edition_counts, sum_line
from digest.admin.sources import STATE_COLORS
from digest.models import Delivery, Edition, Entry, Match, Paper, Snapshot, Source
from tests.factories import (
    NOW,
    make_delivery,
    make_match,
    make_paper,
    make_source,
    make_subscriber,
    make_topic,
)

pytestmark = pytest.mark.django_db
MODELS = [Source, Paper, Entry, Snapshot, Match, Edition, Delivery]
READ_ONLY = [Paper, Entry, Snapshot, Match, Edition, Delivery]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create(username="noether", is_staff=True, is_superuser=True))
    return client


def address(model: Any, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def text(response: Any) -> str:
    return str(response.content.decode())


def make_everything() -> Delivery:
    paper = make_paper(categories=["cs.CL"], code_url="https://example.org/code")
    Snapshot.objects.create(paper=paper, taken_at=NOW, upvotes=3)
    make_match(paper, "diffusion policy")
    return make_delivery()


def act(staff: Client, action: str, *sources: Source) -> str:
    posted = {"action": action, "_selected_action": [source.pk for source in sources]}
    return text(staff.post(address(Source), posted, follow=True))


# -- every page --------------------------------------------------------------------------------


def test_every_list_and_every_page_of_every_model_opens(staff: Client) -> None:
    make_everything()
    for model, model_admin in admin.site._registry.items():
        assert staff.get(address(model)).status_code == 200, model
        may_add = model_admin.has_add_permission(staff.get("/admin/").wsgi_request)
        assert staff.get(address(model, "add")).status_code == (200 if may_add else 403), model
        for row in model._default_manager.all()[:1]:
            assert staff.get(address(model, "change", row.pk)).status_code == 200, model


def test_everything_the_house_keeps_is_in_the_sidebar(staff: Client) -> None:
    page = text(staff.get("/admin/"))
    for model in MODELS:
        assert f'href="{address(model)}"' in page
    for group in ("Readers", "Papers", "Mail", "Staff"):
        assert group in page


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_the_pipeline_writes_can_only_be_looked_at(staff: Client, model: Any) -> None:
    make_everything()
    row = model.objects.first()
    assert staff.get(address(model, "add")).status_code == 403
    assert staff.post(address(model, "change", row.pk), {"title": "x"}).status_code == 403
    assert staff.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_someone_who_may_only_look_is_offered_no_action(client: Client) -> None:
    viewer = User.objects.create(username="kovalevskaya", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)
    source, subscriber = make_source(), make_subscriber()
    for row in (source, subscriber):
        assert client.get(address(row, "change", row.pk)).status_code == 200
    act(client, "stop", source)
    source.refresh_from_db()
    assert source.is_active


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    for model in MODELS:
        response = client.get(address(model))
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "word+" * 1500,
        "q=%27%22--%25",
        "p=abc",
        "p=-3",
        "p=99999999999999999999",
        "o=7.x.-9",
        "id__exact=abc",
        "id__in=1,b",
        "id__exact=99999999999999999999999",
        "id__regex=(",
        "day=yesterday",
        "day=%00",
        "category=%00",
        "edition=abc",
        "edition=99999999999999999999999",
        "edition=%C2%B2",
        "status__exact=nonsense",
        "state__exact=%00",
        "categories__0__0=1",
        "contents__papers=1",
        "source__id__exact=abc",
        "announce_type__exact=new&seen_at__gte=never",
        "subscriber__email__regex=(",
        "nothing__at__all=1",
    ],
)
def test_a_strange_address_is_never_an_error_of_the_server(
    staff: Client, model: Any, query: str
) -> None:
    assert staff.get(f"{address(model)}?{query}").status_code in {200, 302, 400, 404}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["abc", "0", "99999999999999999999999", "_00"])
def test_a_page_of_a_row_that_is_not_there_leads_back(staff: Client, model: Any, name: str) -> None:
    assert staff.get(f"{address(model)}{name}/change/").status_code == 302


def test_the_lists_ask_as_often_for_many_rows_as_for_few(staff: Client) -> None:
    counts = []
    for wave in (1, 12):
        for n in range(wave):
            paper = make_paper(categories=["cs.CL"])
            Snapshot.objects.create(paper=paper, taken_at=NOW)
            make_match(paper, f"topic {wave} {n}")
            edition = Edition.objects.create(date=NOW.date() - timedelta(days=100 * wave + n))
            make_delivery(edition=edition)
        counts.append([queries_of(staff, address(model)) for model in MODELS])
    assert counts[0] == counts[1]


def queries_of(staff: Client, url: str) -> int:
    staff.get(url)  # what is looked up once per process, such as content types
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url).status_code == 200
    return len(captured)


# -- sources -----------------------------------------------------------------------------------


def test_every_state_of_a_source_has_its_colour() -> None:
    assert set(STATE_COLORS) == set(Source.State.values)


def test_a_source_tells_its_state_in_a_sentence_and_when_it_is_asked_again(
    staff: Client,
) -> None:
    make_source(
        state="failing",
        note="The host did not answer within 30 seconds.",
        last_error="timeout",
        last_fetched_at=timezone.now() - timedelta(minutes=12),
        next_fetch_at=timezone.now() + timedelta(hours=5, minutes=1),
    )
    page = text(staff.get(address(Source)))
    for words in ("failing", "did not answer within 30 seconds", "12 min ago", "in 5 h"):
        assert words in page


def test_a_source_that_moves_or_lags_says_so_on_its_page(staff: Client) -> None:
    source = make_source(
        moved_to="https://new.example.org/feed",
        moved_times=2,
        freshness={"cs.CL": {"listed_on": "2026-04-22"}, "cs.LG": {}, "cs.AI": None},
    )
    page = text(staff.get(address(Source, "change", source.pk)))
    assert "https://new.example.org/feed (2 times so far)" in page
    assert "cs.CL: 2026-04-22, cs.LG: not yet" in page


def test_ask_now_makes_a_source_due_but_not_one_that_is_stopped(staff: Client) -> None:
    later = timezone.now() + timedelta(hours=9)
    waiting = make_source(next_fetch_at=later)
    stopped = make_source(next_fetch_at=later, is_active=False)
    said = act(staff, "ask_now", waiting, stopped)
    assert "1 source will be asked within a minute. 1 source left alone" in said
    assert list(Source.objects.due(timezone.now()).filter(pk__in=[waiting.pk, stopped.pk])) == [
        waiting
    ]
    assert "2 sources left alone" not in act(staff, "ask_now", waiting)


def test_stop_and_resume_undo_each_other(staff: Client) -> None:
    source = make_source(state="failing", last_error="timeout", failures=9)
    assert "1 source stopped." in act(staff, "stop", source)
    source.refresh_from_db()
    assert (source.is_active, source.state) == (False, "stopped")
    assert source.note.startswith("Stopped by hand on ")
    assert "never" in text(staff.get(address(Source)))
    act(staff, "resume", source)
    source.refresh_from_db()
    assert (source.is_active, source.state, source.failures) == (True, "new", 0)
    assert source in Source.objects.due(timezone.now())


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "ftp://example.org/feed", "Only addresses that begin with http"),
        ("url", "not an address", "Enter a valid URL"),
        ("weight", "0", "greater than or equal to 0.01"),
        ("weight", "-1", "greater than or equal to 0.01"),
        ("kind", "podcast", "Select a valid choice"),
    ],
)
def test_a_wrong_source_comes_back_as_a_sentence(
    staff: Client, field: str, value: str, sentence: str
) -> None:
    before = Source.objects.count()
    posted = {"title": "Feed", "url": "https://example.org/f", "kind": "feed", "weight": "1"}
    response = staff.post(address(Source, "add"), posted | {field: value})
    assert sentence in text(response)
    assert Source.objects.count() == before


def test_a_source_is_added_and_is_due_at_once(staff: Client) -> None:
    posted = {
        "title": "Feed",
        "url": "https://example.org/f",
        "kind": "feed",
        "weight": "1.5",
        "is_active": "on",
    }
    assert staff.post(address(Source, "add"), posted).status_code == 302
    source = Source.objects.get(url="https://example.org/f")
    assert source in Source.objects.due(timezone.now())
    again = staff.post(address(Source, "add"), posted)
    assert "already exists" in text(again)


def test_a_source_that_brought_something_is_stopped_and_not_deleted(staff: Client) -> None:
    empty, used = make_source(), make_paper().entries.get().source
    for source, status in ((used, 403), (empty, 302)):
        response = staff.post(address(Source, "delete", source.pk), {"post": "yes"})
        assert response.status_code == status
    act(staff, "delete_selected", used)
    assert Source.objects.filter(pk=used.pk).exists()
    assert not Source.objects.filter(pk=empty.pk).exists()


# -- papers ------------------------------------------------------------------------------------


def test_papers_are_found_by_day_category_title_and_identifier(staff: Client) -> None:
    today = timezone.now()
    new = make_paper(title="Ariadne", categories=["cs.SE", "cs.CL"], news_at=today)
    old = make_paper(title="Minotaur", categories=["cs.CL"], news_at=today - timedelta(days=3))
    make_paper(title="Replaced", categories=[], news_at=None)

    def found(query: str) -> list[str]:
        return [
            row.title for row in staff.get(f"{address(Paper)}?{query}").context["cl"].result_list
        ]

    assert found(f"day={today.date()}") == ["Ariadne"]
    assert found("category=cs.CL") == ["Minotaur"]
    assert found("category=cs.XX") == found("day=1999-01-01") == found("")
    assert found("q=ariad") == ["Ariadne"]
    assert found(f"q={old.identifier}") == ["Minotaur"]
    assert found("o=3")[-1] in {"Ariadne", "Minotaur", "Replaced"}
    assert new.title in found("")


def test_a_papers_page_shows_all_that_is_known_and_where_it_stands_on_the_site(
    staff: Client,
) -> None:
    paper = make_paper(
        authors=["Ada Lovelace", "Emmy Noether"],
        categories=["cs.CL", "cs.AI"],
        code_url="https://example.org/code",
        trend=2.5,
        trend_parts={"votes": 41, "trend": 2.5, "sources": 2},
    )
    Snapshot.objects.create(paper=paper, taken_at=NOW, upvotes=41)
    make_match(paper, "diffusion policy", where="Diffusion policies")
    page = text(staff.get(address(Paper, "change", paper.pk)))
    for words in (
        "Ada Lovelace, Emmy Noether",
        "cs.CL, cs.AI",
        "https://example.org/code",
        "41 votes",
        "Diffusion policies",
        f"/paper/{paper.identifier}/",
    ):
        assert words in page


def test_a_topic_shows_its_followers_and_its_papers_of_28_days(staff: Client) -> None:
    now = timezone.now()
    topic = make_topic("diffusion policy")
    for age in (1, 20, 29):
        make_match(make_paper(), "diffusion policy")
        Match.objects.filter(made_at=NOW).update(made_at=now - timedelta(days=age))
    rows = staff.get(address(topic)).context["cl"].result_list
    assert [row.match_count for row in rows] == [2]
    page = text(staff.get(address(topic, "change", topic.pk)))
    assert f"/topics/{topic.slug}/" in page


def test_only_web_addresses_become_links() -> None:
    assert "href" not in link("javascript:alert(1)", "<b>")
    assert link("javascript:alert(1)", "<b>") == "&lt;b&gt;"
    assert 'href="https://example.org/?a=1&amp;b=2"' in link("https://example.org/?a=1&b=2", "x")


def test_moments_are_said_as_people_say_them() -> None:
    now = timezone.now()
    assert ago(None) == "–"
    assert ago(now - timedelta(minutes=89, seconds=1)) == "89 min ago"
    assert ago(now + timedelta(hours=3, minutes=1)) == "in 3 h"
    assert ago(now - timedelta(days=5)) == "5 days ago"


# -- editions and deliveries -------------------------------------------------------------------


def test_an_edition_shows_its_sum_in_one_line(staff: Client) -> None:
    edition = Edition.objects.create(date=NOW.date())
    make_delivery(edition=edition, status="sent", sent_at=NOW)
    make_delivery(edition=edition, status="sent", sent_at=NOW)
    make_delivery(edition=edition, status="quiet", quiet_reason="no_match", contents={})
    make_delivery(edition=edition, status="in_doubt")
    line = "planned 4 = sent 2 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 1"
    assert line in text(staff.get(address(Edition)))
    assert line in text(staff.get(address(Edition, "change", edition.pk)))
    assert f"?edition={edition.pk}" in text(staff.get(address(Edition)))


def test_what_is_still_open_is_part_of_the_sum() -> None:
    assert sum_line({"planned": 2, "claimed": 1, "sent": 1_000_000}) == (
        "planned 1,000,003 = sent 1,000,000 + quiet 0 + suppressed 0 + failed 0 + expired 0 "
        "+ in doubt 0 + waiting 2 + being sent 1"
    )


def test_a_settled_day_is_counted_once_and_an_open_one_each_time() -> None:
    settled = Edition.objects.create(date=date(2020, 1, 1))
    waiting = Edition.objects.create(date=date(2020, 1, 2))
    today = Edition.objects.create(date=timezone.now().date())
    make_delivery(edition=settled, status="sent", sent_at=NOW)
    make_delivery(edition=waiting)
    first = edition_counts([settled, waiting, today])
    assert first == {settled.pk: {"sent": 1}, waiting.pk: {"planned": 1}, today.pk: {}}
    Delivery.objects.update(status="failed", sent_at=None)
    make_delivery(edition=today)
    second = edition_counts([settled, waiting, today])
    assert second == {settled.pk: {"sent": 1}, waiting.pk: {"failed": 1}, today.pk: {"planned": 1}}
    with CaptureQueriesContext(connection) as captured:
        edition_counts([settled])
    assert len(captured) == 0


def test_every_status_has_its_colour_and_its_explanation() -> None:
    assert set(STATUS_COLORS) == set(STATUS_SENTENCES) == set(Delivery.Status.values)


def test_a_delivery_shows_what_it_holds_and_why(staff: Client) -> None:
    paper = make_paper(title="Ariadne <i>in</i> the labyrinth")
    delivery = make_delivery(
        status="in_doubt",
        contents={
            "papers": [
                {
                    "id": paper.pk,
                    "section": "trending",
                    "topics": [[1, "LLM agents", "LLM agents"]],
                },
                {"id": 10**9, "section": "new", "topics": [[2, "RAG", "retrieval-augmented"]]},
            ]
        },
    )
    page = text(staff.get(address(Delivery, "change", delivery.pk)))
    for words in (
        "Ariadne &lt;i&gt;in&lt;/i&gt; the labyrinth",
        "(trending): LLM agents",
        "RAG (“retrieval-augmented”)",
        "deleted since",
        "never mailed again blindly",
    ):
        assert words in page


def test_a_quiet_delivery_shows_its_reason(staff: Client) -> None:
    quiet = make_delivery(
        status="quiet",
        quiet_reason="no_match",
        contents={"papers": [], "note": "None of the 41 new papers is in the 3 topics."},
    )
    empty = make_delivery(status="quiet", quiet_reason="paused", contents={})
    page = text(staff.get(address(Delivery, "change", quiet.pk)))
    assert "None of the 41 new papers is in the 3 topics." in page
    assert "It holds no papers." in text(staff.get(address(Delivery, "change", empty.pk)))
    assert "none of the new papers is in their topics" in text(staff.get(address(Delivery)))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=sent", ["sent"]),
        ("status__exact=quiet", ["quiet"]),
        ("quiet_reason__exact=paused", ["quiet"]),
        ("q=sent@", ["sent"]),
        ("q=message-1", ["sent"]),
        ("q=essage-1", []),
    ],
)
def test_deliveries_are_found_by_state_address_and_message(
    staff: Client, query: str, found: list[str]
) -> None:
    make_delivery(
        subscriber=make_subscriber(email="sent@example.org"),
        status="sent",
        sent_at=NOW,
        message_id="message-1",
        delivered_at=NOW,
    )
    make_delivery(
        subscriber=make_subscriber(email="quiet@example.org"),
        status="quiet",
        quiet_reason="paused",
        contents={},
    )
    rows = staff.get(f"{address(Delivery)}?{query}").context["cl"].result_list
    assert [row.subscriber.email.split("@")[0] for row in rows] == found


def test_deliveries_of_one_edition_stand_together(staff: Client) -> None:
    first = make_delivery(edition=Edition.objects.create(date=date(2026, 4, 1)))
    make_delivery(edition=Edition.objects.create(date=date(2026, 4, 2)))
    url = f"{address(Delivery)}?edition={first.edition_id}"
    assert list(staff.get(url).context["cl"].result_list) == [first]


def test_what_the_world_did_is_said_in_words(staff: Client) -> None:
    make_delivery(status="sent", sent_at=NOW, delivered_at=NOW, complained_at=NOW)
    assert "delivered, complained" in text(staff.get(address(Delivery)))
