"""A change of everything in a new browser asks the mailbox first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client

from subscribers import tokens
from subscribers.account import address, send_links, topic_changes
from subscribers.account.topic_changes import is_change_of_everything
from subscribers.mail import mail_links
from subscribers.models import Subscriber, Topic, TopicChange
from subscribers.web import known_browsers
from tests.factories import NOW, make_reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COOKIE = known_browsers.COOKIE
OTHERS = "cats\ndogs\nbirds"


@pytest.fixture
def reader() -> Subscriber:
    return make_reader("RAG", "agents", "robots", "speech")


def find_page(reader: Subscriber) -> str:
    reader.refresh_from_db()
    return urlsplit(mail_links.preferences_url(reader.pk, reader.link_version)).path


def save(client: Client, reader: Subscriber, followed: str, **changes: str) -> Any:
    fields = {"cadence": "daily", "send_hour": "8", "timezone": "UTC", "max_papers": "10"}
    fields |= {"followed": followed, "muted": "", "paused_until": ""}
    return client.post(find_page(reader), fields | changes)


def read_topics(reader: Subscriber) -> set[str]:
    return {one.as_typed for one in reader.interests.follows().select_related("topic")}


def read_letter(now: datetime = NOW) -> tuple[str, str]:
    """The letter that was asked for: its text, and where its first link leads."""
    assert send_links.send_asked_links(now) == 1
    text = str(mail.outbox[-1].body)
    return text, next(word for word in text.split() if "/preferences/" in word)


def is_asked(answer: Any) -> bool:
    return answer.status_code == 202 and b"Your topics are as they were" in answer.content


@pytest.fixture
def later() -> Iterator[None]:
    with time_machine.travel(NOW + DAY, tick=False):
        yield


@pytest.mark.parametrize(
    ("former", "wanted", "is_whole"),
    [
        ("", "a", False),
        ("a", "a b", False),
        ("a", "b", True),
        ("a", "", True),
        ("a b", "a c d e", False),
        ("a b c", "a b", False),
        ("a b c", "a d", True),
        ("a b c d", "a b", False),
        ("a b c d", "a x y z", True),
    ],
)
def test_everything_is_all_of_it_or_more_than_half_of_three(
    former: str, wanted: str, is_whole: bool
) -> None:
    assert is_change_of_everything(set(former.split()), set(wanted.split())) == is_whole


def test_a_new_browser_changes_topics_but_not_all_of_them(
    client: Client, reader: Subscriber
) -> None:
    assert save(client, reader, "RAG\nagents\nrobots\nbirds").status_code == 302
    assert read_topics(reader) == {"RAG", "agents", "robots", "birds"}
    assert not TopicChange.objects.get().asked_at
    client.get(find_page(reader))
    answer = save(client, reader, OTHERS, max_papers="7", paused_until="2026-05-01")
    assert is_asked(answer)
    assert "cats\ndogs\nbirds" in answer.content.decode()  # nothing typed is lost
    assert read_topics(reader) == {"RAG", "agents", "robots", "birds"}
    reader.refresh_from_db()
    # What hinders no attack is done at once.
    assert (reader.max_papers, reader.paused_until is not None) == (7, True)


def test_the_letters_link_makes_exactly_that_wish_come_true(
    client: Client, reader: Subscriber
) -> None:
    save(client, reader, OTHERS, muted="snakes")
    text, url = read_letter()
    assert "cats, dogs, birds" in text
    parts, phone = urlsplit(url), Client()
    page = phone.get(f"{parts.path}?{parts.query}")
    assert "cats\ndogs\nbirds" in page.content.decode()
    assert "snakes" in page.content.decode()
    assert b"asked for in a new browser" in page.content
    assert read_topics(reader) == {"RAG", "agents", "robots", "speech"}  # looking changes nothing
    fresh = parts.query.partition("=")[2]
    phone.cookies.clear()  # and it works without any
    assert save(phone, reader, OTHERS, muted="snakes", fresh=fresh).status_code == 302
    assert read_topics(reader) == {"cats", "dogs", "birds"}
    assert not TopicChange.objects.exists()
    assert save(client, reader, "RAG\nagents").status_code == 202  # the new one is new as before
    assert save(phone, reader, "RAG\nagents").status_code == 302  # the letter's is known


def test_small_changes_of_a_day_count_together_and_new_topics_hide_none(
    client: Client, reader: Subscriber
) -> None:
    many = "\n".join(f"topic{n}" for n in range(9))
    for followed in ("RAG\nagents\nrobots\nspeech", "agents\nrobots\nspeech", "robots\nspeech"):
        client.cookies.clear()
        assert save(client, reader, f"{followed}\n{many}").status_code == 302
    assert is_asked(save(client, reader, f"speech\n{many}"))
    assert is_asked(save(client, reader, many))
    assert {"robots", "speech"} < read_topics(reader)
    assert save(client, reader, "robots\nspeech\ntopic1").status_code == 302
    with time_machine.travel(NOW + DAY + HOUR, tick=False):  # another day
        client.cookies.clear()
        assert save(client, reader, "robots\nspeech").status_code == 302
        assert is_asked(save(client, reader, "cats"))


def test_topics_are_not_muted_away_by_a_new_browser_either(
    client: Client, reader: Subscriber
) -> None:
    reader.replace_interests(
        Topic.objects.get_or_create_topics(["LLM agents", '"soft robots"', "speech", "RAG + code"]),
        [],
    )
    mine = 'LLM agents\n"soft robots"\nspeech\nRAG + code'
    assert save(client, reader, mine, muted="surgery\nagents\ncat:cs.CL").status_code == 302
    assert save(client, reader, f"{mine}\n{OTHERS}", muted="agents\nrobots").status_code == 302
    for muted in ("agents\nrobots\nRAG", "agents\nrobots\ncode"):
        assert is_asked(save(client, reader, f"{mine}\n{OTHERS}", muted=muted))
    assert {one.as_typed for one in reader.interests.mutes()} == {"agents", "robots"}
    assert save(client, reader, mine, muted="agent tools\nsurgery -robots").status_code == 302
    known = Client()
    known.get(find_page(reader))
    with time_machine.travel(NOW + DAY, tick=False):
        assert save(known, reader, mine, muted="agents\nrobots\nRAG").status_code == 302
        # What the mailbox itself had muted counts for nobody's change.
        assert (
            save(Client(), reader, f"{mine}\ncats", muted="agents\nrobots\nRAG").status_code == 302
        )


def test_a_browser_that_has_had_the_link_for_a_day_is_asked_nothing(
    client: Client, reader: Subscriber
) -> None:
    client.get(find_page(reader))
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True,
        "Lax",
        "/preferences/",
    )
    for hours, status in ((23, 202), (24, 302)):
        with time_machine.travel(NOW + hours * HOUR, tick=False):
            client.get(find_page(reader))  # which makes it no younger
            assert save(client, reader, OTHERS).status_code == status


def test_over_https_the_cookie_is_sent_over_https_alone(
    client: Client, reader: Subscriber, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client.get(find_page(reader))
    assert client.cookies[COOKIE]["secure"]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    "what", ["none", "forged", "cut", "another's", "ended", "of tomorrow", "long"]
)
def test_a_cookie_that_is_none_of_this_readers_makes_no_browser_known(
    client: Client, reader: Subscriber, what: str
) -> None:
    now, other = NOW + DAY, make_reader("RAG")
    good = tokens.sign_dated(tokens.BROWSER, reader.pk, NOW - DAY, "0")
    cookies = {
        "none": "",
        "forged": tokens.sign_dated(tokens.FEEDBACK, reader.pk, NOW - DAY, "0letter"),
        "cut": good[:-1],
        "another's": tokens.sign_dated(tokens.BROWSER, other.pk, NOW - DAY, "0letter"),
        "ended": good,
        "of tomorrow": tokens.sign_dated(tokens.BROWSER, reader.pk, now + DAY, "0"),
        "long": ".".join([good] * 60),
    }
    if what == "ended":
        address.end_links(reader)
    client.cookies[COOKIE] = cookies[what]
    assert is_asked(save(client, reader, OTHERS))
    fresh = Client()
    fresh.cookies[COOKIE] = tokens.sign_dated(
        tokens.BROWSER, reader.pk, NOW - DAY, str(reader.link_version)
    )
    assert save(fresh, reader, OTHERS).status_code == 302


def test_a_clock_that_was_wrong_makes_no_browser_new_for_ever(
    client: Client, reader: Subscriber
) -> None:
    with time_machine.travel(NOW + 400 * DAY, tick=False):
        client.get(find_page(reader))
    client.get(find_page(reader))
    with time_machine.travel(NOW + DAY, tick=False):
        assert save(client, reader, OTHERS).status_code == 302


def test_the_cookie_names_nobody_and_each_reader_of_a_browser_has_a_mark_of_their_own(
    client: Client, reader: Subscriber
) -> None:
    other = make_reader("RAG", "agents", "robots", email="other@example.org")
    for one in (reader, other, reader):
        client.get(find_page(one))
    value = client.cookies[COOKIE].value
    assert len(value.split(".")) == 2
    assert "example" not in value
    with time_machine.travel(NOW + DAY, tick=False):
        assert save(client, other, OTHERS).status_code == 302
        assert save(client, reader, OTHERS).status_code == 302


def test_whoever_comes_from_a_letter_is_never_asked(client: Client, reader: Subscriber) -> None:
    client.get(urlsplit(mail_links.account_url(reader, NOW)).path)
    assert save(client, reader, OTHERS).status_code == 302
    address.request_link(reader.email, NOW)
    text, url = read_letter()
    assert "most of your topics" not in text
    parts, second = urlsplit(url), Client()
    second.get(f"{parts.path}?{parts.query}")
    assert save(second, reader, "RAG\nagents").status_code == 302


@pytest.mark.parametrize("why", ["late", "of another", "left", "for another purpose"])
def test_a_letters_link_that_is_none_counts_for_nothing(
    client: Client, reader: Subscriber, why: str
) -> None:
    email, pk, issued_at, purpose = reader.email, reader.pk, NOW, tokens.FRESH
    if why == "late":
        issued_at = NOW - timedelta(hours=49)
    elif why == "of another":
        pk = make_reader("RAG").pk
    elif why == "left":
        email = "left@example.org"
    else:
        purpose = tokens.ACCOUNT
    fresh = tokens.sign_account(pk, issued_at, email, 0, purpose)
    assert client.get(f"{find_page(reader)}?fresh={fresh}").status_code == 200
    assert is_asked(save(client, reader, OTHERS, fresh=fresh))


def test_what_nobody_pressed_for_is_forgotten_after_two_days(
    client: Client, reader: Subscriber
) -> None:
    save(client, reader, OTHERS)
    topic_changes.forget_old_changes(NOW + 2 * DAY)
    assert topic_changes.read_wish(reader, NOW + DAY)
    assert not topic_changes.read_wish(reader, NOW + 2 * DAY)
    topic_changes.forget_old_changes(NOW + 2 * DAY + HOUR)
    assert not TopicChange.objects.exists()


def test_leaving_and_less_mail_ask_nobody(client: Client, reader: Subscriber) -> None:
    page = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    assert client.post(page, {"instead": "month"}).status_code == 200
    assert client.post(page).status_code == 200
    reader.refresh_from_db()
    assert not reader.is_active
