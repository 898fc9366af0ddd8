"""An alarm on the admin's first page leads to where its first step is taken."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from digest.watch.alarms import raise_alarm
from tests.factories import NOW, make_delivery, make_source

pytestmark = pytest.mark.django_db


def test_each_alarm_leads_to_the_page_its_sentence_speaks_of(admin_client: Client) -> None:
    edition, source = make_delivery().edition, make_source()
    pages = {
        f"source-{source.pk}": f"/admin/digest/source/{source.pk}/change/",
        f"edition-{edition.date}": f"/admin/digest/edition/{edition.pk}/change/",
        f"in-doubt-{edition.date}": f"/admin/digest/delivery/?edition={edition.pk}",
        f"not-served-{edition.date}": f"/admin/digest/delivery/?edition={edition.pk}",
        "bounces": "/admin/digest/delivery/",
        "edition-late": "",
        "disk-full": "",
        "edition-1999-01-01": "",  # one that is gone
    }
    for kind in pages:
        raise_alarm(kind, f"Cause of {kind}!", NOW)
    page = admin_client.get("/admin/").content.decode()
    for kind, url in pages.items():
        alarm = page.partition(f"Cause of {kind}!")[2].partition("</p>")[0]
        assert (f'href="{url}"' in alarm) if url else ("href" not in alarm), kind


def test_whoever_may_see_no_deliveries_is_led_to_none(client: Client) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_edition"))
    client.force_login(helper)
    edition = make_delivery().edition
    raise_alarm(f"in-doubt-{edition.date}", "Many are in doubt.", NOW)
    page = client.get("/admin/").content.decode()
    assert "Many are in doubt." in page
    assert "/admin/digest/delivery/" not in page
