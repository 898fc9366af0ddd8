"""A link confirms the wish of its own mail, by a button and never by being opened."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from digest.tasks import first_digest
from subscribers import tokens
from subscribers.limits import rate_limits
from subscribers.mail import mail_links
from subscribers.models import Subscriber, Suppression
from subscribers.signup import opt_in, send_confirmation
from subscribers.web import confirm_views
from tests.factories import NOW, make_paper, make_reader
from tests.subscribers.web.test_views import (
    ADDRESS,
    DAY,
    path,
    sign_up,
)

pytestmark = pytest.mark.django_db


def confirm_path(issued_at: datetime | None = None) -> str:
    subscriber = Subscriber.objects.get()
    subscriber.confirmation_sent_at = sent_at = issued_at or timezone.now()
    opt_in.record_confirmation(subscriber, sent_at)
    return path(mail_links.confirm_url(subscriber))


def mark_on(page: Any) -> str:
    found = re.search(r'name="wish" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def test_the_link_shows_what_was_asked_and_its_button_confirms(client: Client) -> None:
    sign_up(client, topics="RAG\nworld model", timezone="Asia/Tokyo")
    link = confirm_path()
    page = client.get(link).content.decode()
    assert "world model" in page
    assert Subscriber.objects.get().status == "pending"
    answer = client.post(link)
    assert answer.status_code == 200
    assert ":00 in Tokyo," in answer.content.decode()
    reader = Subscriber.objects.get()
    assert (reader.status, reader.topics.count()) == ("active", 2)
    assert path(mail_links.preferences_url(reader.pk)) in answer.content.decode()


def test_the_first_digest_leaves_at_once_and_not_at_the_next_hour(
    client: Client,
    mailoutbox: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_paper(title="Robot grasping", news_at=timezone.now())
    sign_up(client, topics="robot grasping", send_hour="3")
    link = confirm_path()
    monkeypatch.setitem(current_app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(link)
    assert [mail.to for mail in mailoutbox] == [[ADDRESS]]
    assert "Robot grasping" in mailoutbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        client.post(link)
    assert len(mailoutbox) == 1


def test_a_first_digest_for_somebody_who_is_gone_is_no_trouble(mailoutbox: Any) -> None:
    first_digest(999)
    assert not mailoutbox


def test_pressing_twice_confirms_once(client: Client) -> None:
    sign_up(client)
    link = confirm_path()
    client.post(link)
    Subscriber.objects.update(next_digest_at=NOW)
    assert client.post(link).status_code == 200
    assert Subscriber.objects.get().next_digest_at == NOW
    assert b"Confirmed" in client.get(link).content


def test_an_active_reader_sees_that_topics_are_added(client: Client) -> None:
    make_reader("agents", email=ADDRESS, next_digest_at=NOW)
    sign_up(client)
    link = confirm_path()
    assert b"added to the topics" in client.get(link).content
    answer = client.post(link).content.decode()
    assert "agents" in answer
    assert "RAG" in answer


def test_a_reader_without_room_reads_which_topics_stay_out(client: Client) -> None:
    make_reader(*(f"topic number{n}" for n in range(50)), email=ADDRESS, next_digest_at=NOW)
    sign_up(client)
    page = client.get(confirm_path()).content.decode()
    assert "Nothing is added" in page
    assert "There is no room for RAG: 50 topics are the most" in page
    assert "added to the topics" not in page


def test_an_expired_link_offers_a_new_letter(client: Client, mailoutbox: Any) -> None:
    sign_up(client)
    Subscriber.objects.update(confirmation_sent_at=timezone.now() - timedelta(hours=49))
    link = confirm_path(timezone.now() - timedelta(hours=49))
    page = client.get(link)
    assert page.status_code == 410
    assert b"Send a new letter" in page.content
    assert b"A new letter is on its way" in client.post(link).content
    assert Subscriber.objects.get().status == "pending"
    send_confirmation.send_waiting(timezone.now())
    assert len(mailoutbox) == 1
    assert b"A letter is there already" in client.post(link).content


def test_an_expired_links_page_knows_whether_a_letter_can_come(
    client: Client, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(client)
    link = confirm_path(timezone.now() - timedelta(hours=49))
    monkeypatch.setattr(rate_limits, "MAILS_PER_DOMAIN", 0)
    assert b"it may take an hour or two" in client.post(link).content
    Suppression.objects.suppress(ADDRESS, "manual")
    assert b"No letter can go there" in client.post(link).content
    send_confirmation.send_waiting(timezone.now())
    assert not mailoutbox


def test_pressing_an_expired_links_button_ends_the_silence(client: Client, mailoutbox: Any) -> None:
    long_ago = timezone.now() - timedelta(days=5)
    for day in range(5):
        sign_up(client)
        send_confirmation.send_confirmation(Subscriber.objects.get().pk, long_ago + day * DAY)
    assert len(mailoutbox) == 3
    link = re.search(r"/confirm/\S+", mailoutbox[2].body)
    assert link is not None
    assert b"A new letter is on its way" in client.post(link[0]).content
    send_confirmation.send_waiting(timezone.now())
    assert len(mailoutbox) == 4


def test_a_link_confirms_what_its_own_letter_was_about(client: Client) -> None:
    sign_up(client, topics="RAG", send_hour="7")
    link = confirm_path()
    sign_up(client, topics="a stranger's topic", cadence="weekly")
    page = client.get(link).content.decode()
    own, _, since = page.partition("Asked for since")
    assert "RAG" in own
    assert "07:00" in own
    assert "stranger" not in own
    assert "stranger" in unescape(since)
    client.post(link)
    reader = Subscriber.objects.get()
    assert [topic.query for topic in reader.topics.all()] == ["RAG"]
    assert (reader.cadence, reader.send_hour, reader.wishes) == ("daily", 7, {})
    assert not reader.confirmations.exists()
    assert b"Asked for since" not in client.get(link).content


def test_what_was_asked_since_takes_effect_only_by_its_own_button(client: Client) -> None:
    sign_up(client, topics="RAG")
    link = confirm_path()
    sign_up(client, topics="agents", cadence="weekly")
    mark = mark_on(client.get(link))
    sign_up(client, topics="a stranger's topic")
    changed = client.post(link, {"wish": mark})
    assert b"Nothing was confirmed" in changed.content
    assert Subscriber.objects.get().status == "pending"
    sign_up(client, topics="agents", cadence="weekly")
    client.post(link, {"wish": mark})
    reader = Subscriber.objects.get()
    assert [topic.query for topic in reader.topics.all()] == ["agents"]
    assert reader.cadence == "weekly"


def test_a_confirmed_reader_adds_what_was_asked_since_or_leaves_it(client: Client) -> None:
    sign_up(client, topics="RAG")
    link = confirm_path()
    client.post(link)
    sign_up(client, topics="agents")
    client.post(link)
    assert Subscriber.objects.get().topics.count() == 1
    page = client.get(link)
    assert b"Add these topics" in page.content
    assert b"Nothing was added" in client.post(link, {"wish": "forged"}).content
    client.post(link, {"wish": mark_on(page)})
    assert Subscriber.objects.get().topics.count() == 2


def test_a_new_letter_for_an_expired_link_is_about_the_same_wish(
    client: Client, mailoutbox: Any
) -> None:
    sign_up(client, topics="RAG")
    link = confirm_path(timezone.now() - timedelta(hours=49))
    sign_up(client, topics="a stranger's topic, another")
    client.post(link)
    send_confirmation.send_waiting(timezone.now())
    assert "on 1 topic " in " ".join(mailoutbox[0].body.split())
    assert Subscriber.objects.get().wishes["topics"] == ["RAG"]


def test_a_link_from_before_the_reader_left_does_not_bring_them_back(client: Client) -> None:
    sign_up(client)
    link = confirm_path()
    client.post(link)
    Subscriber.objects.get().unsubscribe(timezone.now())
    for answer in (client.get(link), client.post(link)):
        assert answer.status_code == 410
        assert b"sign up again" in answer.content
    assert Subscriber.objects.get().status == "unsubscribed"


@pytest.mark.parametrize("page", ["confirm", "preferences"])
@pytest.mark.parametrize("token", ["7.forged", "garbage", "0"])
def test_a_broken_link_says_what_may_be_wrong(client: Client, page: str, token: str) -> None:
    for answer in (client.get(f"/{page}/{token}/"), client.post(f"/{page}/{token}/")):
        assert answer.status_code == 404
        assert b"copy the whole address" in answer.content.lower()


def test_the_link_of_a_deleted_subscriber_says_so_too(client: Client) -> None:
    assert client.get(f"/confirm/{tokens.sign_dated(tokens.CONFIRM, 999, NOW)}/").status_code == 404
    token = tokens.sign(tokens.PREFERENCES, 999)
    assert client.get(f"/preferences/{token}/").status_code == 404


def test_of_two_presses_at_once_the_second_does_not_confirm_a_strangers_wish(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(client, topics="RAG")
    link = confirm_path()
    sign_up(client, topics="a stranger's topic")
    as_before = confirm_views.find_dated_owner(tokens.CONFIRM, link.split("/")[2])
    client.post(link)
    # The second request read the row while the first had not yet confirmed.
    monkeypatch.setattr(confirm_views, "find_dated_owner", lambda *_: as_before)
    assert client.post(link).status_code == 200
    assert [topic.query for topic in Subscriber.objects.get().topics.all()] == ["RAG"]
