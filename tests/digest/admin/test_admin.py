"""Every list and page of the admin: who may open it, and strange addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from digest.models import Delivery, Edition, Entry, Match, Paper, Snapshot, Source
from subscribers.models import Interest, Subscriber
from tests.digest.admin.pages import act, address, make_everything, text
from tests.factories import NOW, make_delivery, make_match, make_paper, make_source, make_subscriber

pytestmark = pytest.mark.django_db
MODELS = [Source, Paper, Entry, Snapshot, Match, Edition, Delivery]
READ_ONLY = [Paper, Entry, Snapshot, Match, Edition, Delivery]


def test_every_list_and_every_page_of_every_model_opens(staff: Client) -> None:
    make_everything()
    staff.get("/admin/")  # its addresses say which models have pages
    for model, model_admin in admin.site._registry.items():
        # What has one row only leads to it.
        assert staff.get(address(model), follow=True).status_code == 200, model
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


def test_what_has_a_button_to_delete_can_be_deleted(rf: RequestFactory) -> None:
    """The read-only rows that hang on it veto Django's deletion, after the button was pressed."""
    make_everything()
    Interest.objects.all().delete()
    request = rf.get("/")
    request.user = User.objects.create(username="noether", is_staff=True, is_superuser=True)
    for model, model_admin in admin.site._registry.items():
        if model is Subscriber:
            continue  # deleted by an act, as tests/subscribers/admin/test_act_views.py shows
        for row in model._default_manager.all()[:5]:
            if model_admin.has_delete_permission(request, row):
                _, _, missing, protected = model_admin.get_deleted_objects([row], request)
                assert not missing, (row, missing)
                assert not protected, (row, protected)


def test_no_page_shows_what_only_a_program_understands(staff: Client) -> None:
    """No object or dict of Python as a text, and no button that saves where nothing can be."""
    make_everything()
    for model in admin.site._registry:
        name = model._meta.label
        added = staff.get(address(model, "add"))
        assert "DatabaseDefault" not in text(added), name
        for row in model._default_manager.all()[:1]:
            page = text(staff.get(address(model, "change", row.pk)))
            main = page.partition('id="content-main"')[2]
            assert "DatabaseDefault" not in page, name
            assert "{&#x27;" not in page, name
            has_fields = re.search(r'<(input|select|textarea)[^>]* id="id_', main) is not None
            if model._meta.app_label != "axes":
                assert ('name="_save"' in page) <= has_fields, name
        page = text(staff.get(address(model)))
        if '<select name="action"' in page and model._meta.app_label != "axes":
            assert 'aria-label="What to do with the ticked rows"' in page, name


STRANGE_QUERIES = [
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
]


@pytest.mark.parametrize("model", MODELS)
def test_a_strange_address_is_never_an_error_of_the_server(staff: Client, model: Any) -> None:
    answers = {q: staff.get(f"{address(model)}?{q}").status_code for q in STRANGE_QUERIES}
    assert {q: code for q, code in answers.items() if code not in {200, 302, 400, 404}} == {}


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
