"""The admin's first page says how the service is, and shows nobody more than they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from digest.models import Delivery, Source
from digest.watch import clock
from digest.watch.daily_figures import update_figures
from tests.factories import make_delivery, make_reader, make_source
from tests.fake_clocks import FakeClocks

pytestmark = pytest.mark.django_db


def test_it_shows_what_became_of_the_mail_how_the_sources_are_and_who_reads(
    admin_client: Client,
) -> None:
    source = make_source(state="failing", note="The host said no.", last_error="403", failures=2)
    delivery = make_delivery(status=Delivery.Status.FAILED)
    make_reader("RAG", next_digest_at=timezone.now() - timedelta(hours=5))
    page = admin_client.get("/admin/").content.decode()
    assert f'href="/admin/digest/delivery/?edition={delivery.edition_id}"' in page
    assert '<td class="trouble">1</td>' in page
    assert '<small class="trouble">Failing: The host said no.</small>' in page
    assert f'href="/admin/digest/source/{source.pk}/change/"' in page
    assert "An edition did not run: 1 reader should have had a digest by now." in page
    assert delivery.subscriber.email not in page


def test_it_has_a_sentence_where_there_is_nothing_yet(admin_client: Client) -> None:
    Source.objects.all().delete()
    page = admin_client.get("/admin/").content.decode()
    assert "No digest was due yet." in page
    assert "no papers yet" in page
    assert "Add one" in page
    assert "Nothing has been counted yet" in page
    assert "mails of 7 days" not in page  # no nought that nobody counted
    update_figures(timezone.now())
    assert "mails of 7 days" in admin_client.get("/admin/").content.decode()


def test_staff_see_only_what_they_may(client: Client) -> None:
    make_delivery()
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_source"))
    client.force_login(helper)
    page = client.get("/admin/").content.decode()
    assert "Sources</h2>" in page
    assert "What became of the mail" not in page
    assert "Readers</h2>" not in page


def test_it_says_that_the_clock_was_set(admin_client: Client, clocks: FakeClocks) -> None:
    clocks.wall -= timedelta(hours=2)
    clock.read_now()
    page = admin_client.get("/admin/").content.decode()
    assert "The clock was set back by 2 h: Offprint goes on by its own time." in page
