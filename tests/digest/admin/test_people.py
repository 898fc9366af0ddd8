"""A person's whole story in the admin, the next digest as a mail, and what is sent knowingly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from digest.models import Delivery, Edition, Feedback, Match, Paper, ProviderEvent
from subscribers import tokens
from subscribers.mail.mail_links import past_digests_url, preferences_url
from subscribers.models import Subscriber, Suppression
from tests.factories import make_delivery, make_match, make_paper, make_reader, note_sources_read

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/subscriber/"
NOW = timezone.now()


@pytest.fixture
def reader() -> Subscriber:
    """Somebody who follows diffusion, of which there is a paper for their next digest."""
    note_sources_read(NOW - timedelta(days=9), days=10)
    recent = dict.fromkeys(("first_seen_at", "news_at", "matched_at", "available_at"), NOW)
    paper = make_paper(title="Orcas plan with diffusion", **recent)
    make_match(paper, "diffusion")
    Match.objects.update(made_at=NOW)
    return make_reader("diffusion", email="ada@example.org")


def make_sent(reader: Subscriber, **fields: Any) -> Delivery:
    sent = {"subscriber": reader, "status": "sent", "sent_at": NOW - timedelta(days=1)}
    edition, _ = Edition.objects.get_or_create(date=(NOW - timedelta(days=1)).date())
    covers = {"covers_until": NOW - timedelta(days=1), "edition": edition}
    return make_delivery(**sent | covers | fields)


def test_the_page_tells_the_whole_story(admin_client: Client, reader: Subscriber) -> None:
    delivery = make_sent(reader, delivered_at=NOW)
    [item] = delivery.digest.papers
    paper = Paper.objects.get(pk=item.paper_id)
    ProviderEvent.objects.create(
        provider="postmark",
        event_id="1",
        kind="bounced",
        verdict="soft",
        said="mailbox full",
        happened_at=NOW,
        received_at=NOW,
        delivery=delivery,
        subscriber=reader,
    )
    Feedback.objects.create(
        subscriber=reader, paper=paper, title=paper.title, kind="more", given_at=NOW
    )
    page = admin_client.get(f"{LIST}{reader.pk}/change/").content.decode()
    for said in (
        paper.title,
        "delivered on",
        "refused this time (mailbox full)",
        f"more like “{paper.title}”",
        "<span>diffusion</span><b>1</b>",
        f"{LIST}{reader.pk}/again/{delivery.pk}/",
        f"{LIST}{reader.pk}/next/",
    ):
        assert said in page


def test_the_story_of_many_digests_costs_as_many_queries_as_that_of_few(
    admin_client: Client, reader: Subscriber
) -> None:
    counts = []
    for first, last in ((2, 3), (3, 12)):
        for day in range(first, last):
            edition = Edition.objects.create(date=(NOW - timedelta(days=day)).date())
            make_sent(reader, edition=edition)
        admin_client.get(f"{LIST}{reader.pk}/change/")
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(f"{LIST}{reader.pk}/change/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_next_digest_is_shown_as_the_mail_it_will_be_and_nothing_is_written(
    admin_client: Client, reader: Subscriber
) -> None:
    page = admin_client.get(f"{LIST}{reader.pk}/next/").content.decode()
    assert "Orcas plan with diffusion" in page
    answer = admin_client.get(f"{LIST}{reader.pk}/next/mail/")
    mail = answer.content.decode()
    assert "Orcas plan with diffusion" in mail
    assert "sandbox" in answer["Content-Security-Policy"]
    assert not Delivery.objects.exists()
    assert not Edition.objects.exists()
    before = Subscriber.objects.values().get()
    assert before["next_digest_at"] == reader.next_digest_at


def test_a_copy_goes_to_the_operator_and_its_links_lead_to_nobody(
    admin_client: Client, reader: Subscriber, mailoutbox: list[Any]
) -> None:
    answer = admin_client.post(f"{LIST}{reader.pk}/next/", follow=True)
    assert "A copy is on its way to admin@example.com." in answer.content.decode()
    [mail] = mailoutbox
    assert mail.to == ["admin@example.com"]
    assert "List-Unsubscribe" not in mail.extra_headers
    own = [tokens.sign(purpose, reader.pk) for purpose in (tokens.UNSUBSCRIBE, tokens.PREFERENCES)]
    both = mail.body + mail.alternatives[0][0]
    assert not [token for token in own if token in both]
    assert not Delivery.objects.exists()


def test_an_operator_without_an_address_is_told_so(
    client: Client, reader: Subscriber, mailoutbox: list[Any]
) -> None:
    client.force_login(User.objects.create(username="x", is_staff=True, is_superuser=True))
    page = client.post(f"{LIST}{reader.pk}/next/", follow=True).content.decode()
    assert "Your own account has no email address" in page
    assert not mailoutbox


def test_an_edition_is_sent_again_knowingly_and_noted(
    admin_client: Client, reader: Subscriber, mailoutbox: list[Any]
) -> None:
    delivery = make_sent(reader)
    url = f"{LIST}{reader.pk}/again/{delivery.pk}/"
    assert "They get it once more" in admin_client.get(url).content.decode()
    assert not mailoutbox
    admin_client.post(url)
    [mail] = mailoutbox
    assert mail.to == [reader.email]
    assert preferences_url(reader.pk) in mail.body
    assert "once more" in LogEntry.objects.get().change_message
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("obstacle", ["unsubscribed", "suppressed", "unsent", "without papers"])
def test_nobody_is_mailed_again_who_must_not_be(
    admin_client: Client, reader: Subscriber, mailoutbox: list[Any], obstacle: str
) -> None:
    delivery = make_sent(reader)
    if obstacle == "unsubscribed":
        reader.unsubscribe(NOW)
    elif obstacle == "suppressed":
        Suppression.objects.suppress(reader.email, "manual")
    elif obstacle == "without papers":
        Paper.objects.all().delete()
    else:
        Delivery.objects.update(status="failed", sent_at=None)
    url = f"{LIST}{reader.pk}/again/{delivery.pk}/"
    assert "It cannot be sent again." in admin_client.get(url).content.decode()
    admin_client.post(url)
    assert not mailoutbox


def test_who_may_only_look_sees_the_story_and_sends_nothing(
    client: Client, reader: Subscriber, mailoutbox: list[Any]
) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    client.force_login(helper)
    delivery = make_sent(reader)
    pages = [f"{LIST}{reader.pk}/{page}/" for page in ("next", "next/mail", "why")]
    assert {client.get(page).status_code for page in pages} == {403}
    helper.user_permissions.add(Permission.objects.get(codename="view_subscriber"))
    assert {client.get(page).status_code for page in pages} == {200}
    again = f"{LIST}{reader.pk}/again/{delivery.pk}/"
    assert (client.get(again).status_code, client.post(again).status_code) == (403, 403)
    assert "/again/" not in client.get(f"{LIST}{reader.pk}/change/").content.decode()
    assert not mailoutbox


def test_somebody_elses_delivery_is_not_sent(admin_client: Client, reader: Subscriber) -> None:
    other = make_delivery(status="sent", sent_at=NOW)
    assert admin_client.get(f"{LIST}{reader.pk}/again/{other.pk}/").status_code == 404


def test_the_admin_says_why_a_paper_came_or_not(admin_client: Client, reader: Subscriber) -> None:
    paper = Paper.objects.get()
    url = f"{LIST}{reader.pk}/why/"
    assert "Why did a paper come" in admin_client.get(url).content.decode()
    page = admin_client.get(url, {"paper": paper.identifier}).content.decode()
    assert "Composed before it came." in page


def test_readers_see_their_own_past_digests_and_ask_why(client: Client, reader: Subscriber) -> None:
    make_sent(reader)
    edition = Edition.objects.create(date=(NOW - timedelta(days=2)).date())
    note = {"version": 1, "papers": [], "note": "None of the 41 new papers is in your topics."}
    quiet = {"status": "quiet", "sent_at": None, "quiet_reason": "no_match", "contents": note}
    make_sent(reader, edition=edition, **quiet)
    make_delivery(status="sent", sent_at=NOW, edition=edition)  # of somebody else
    path = past_digests_url(reader.pk).partition("localhost:8000")[2]
    page = client.get(path).content.decode()
    assert page.split('class="past"')[1].split("</ol>")[0].count("<li>") == 2
    assert "None of the 41 new papers is in your topics." in page
    assert "/mail/" in page
    asked = client.get(path, {"paper": Paper.objects.order_by("pk")[0].identifier})
    assert "It can be in the next one." in asked.content.decode()
    assert asked["Referrer-Policy"] == "no-referrer"
    assert client.get(path[:-5] + "xxxx/").status_code == 404
    assert client.post(path).status_code == 405
    assert (
        past_digests_url(reader.pk)
        in client.get(preferences_url(reader.pk).partition("localhost:8000")[2]).content.decode()
    )
