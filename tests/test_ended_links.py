"""What a link in an old mail still does, once its reader moved or asked for new ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from digest.render import Typesetter
from subscribers import tokens
from subscribers.account import address, unsubscribe_mail
from subscribers.mail import mail_links
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent
OLD, NEW = "ada@left.example.org", "ada@new.example.org"
THIRD = "ada@third.example.org"
# All that a mail's links lead to, but the way out.
LINKS = {
    tokens.PREFERENCES: mail_links.preferences_url,
    tokens.FEEDBACK: mail_links.feedback_url,
    tokens.READING_LIST: mail_links.reading_list_url,
    tokens.READING_FEED: mail_links.reading_feed_url,
    "bibtex": mail_links.reading_bibtex_url,
}


def path(url: str) -> str:
    return urlsplit(url).path


def move(subscriber: Subscriber) -> None:
    now = timezone.now()
    address.request_move(subscriber, NEW, now)
    token = tokens.sign_move(subscriber.pk, now, NEW, subscriber.link_version)
    link = tokens.read_move(token)
    assert link
    assert address.move_digests(link, now) == "done"


def end(subscriber: Subscriber) -> None:
    address.end_links(subscriber)


def change_by_staff(subscriber: Subscriber) -> None:
    subscriber.email = NEW
    subscriber.save()


ENDINGS = [move, end, change_by_staff]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("purpose", LINKS)
def test_a_link_that_has_ended_shows_nothing_and_does_nothing(
    client: Client, purpose: str, ending: Any
) -> None:
    subscriber = make_subscriber(email=OLD)
    link = path(LINKS[purpose](subscriber.pk))
    assert client.get(link).status_code == 200
    ending(subscriber)
    subscriber.refresh_from_db()
    before = Subscriber.objects.values().get()
    for answer in (client.get(link), client.post(link, {"followed": "x", "send_link": "1"})):
        assert answer.status_code in (404, 405)  # and not "You get no mail", which is not so
        said = answer.content.decode()
        assert NEW not in said
        assert OLD not in said
        assert not re.search(rf"/\w+/{subscriber.pk}-\d+\.", said)
    assert Subscriber.objects.values().get() == before
    assert (
        client.get(path(LINKS[purpose](subscriber.pk, subscriber.link_version))).status_code == 200
    )


def make_letters(subscriber: Subscriber, to: str = THIRD) -> dict[str, str]:
    """Where the letters lead that are no digests: to confirm, to the account, to a new address."""
    now, version = timezone.now(), subscriber.link_version
    return {
        "confirm": path(mail_links.confirm_url(subscriber)),
        "account": path(mail_links.account_url(subscriber, now)),
        "fresh": mail_links.fresh_preferences_url(subscriber, now),
        "move": path(mail_links.move_url(subscriber.pk, now, to, version)),
    }


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("version", [0, 3])
def test_an_ended_letter_shows_nothing_and_makes_no_browser_known(
    client: Client, version: int, ending: Any
) -> None:
    subscriber = make_subscriber(email=OLD, confirmation_sent_at=NOW, link_version=version)
    address.request_move(subscriber, THIRD, timezone.now())
    letters = make_letters(subscriber)
    assert {client.get(letter).status_code for letter in letters.values()} == {200}
    ending(subscriber)
    before = Subscriber.objects.values().get()
    for name, letter in letters.items():
        stranger = Client()
        for answer in (stranger.get(letter), stranger.post(letter, {"action": "move"})):
            said = answer.content.decode()
            assert answer.status_code in (404, 410), name
            assert not answer.cookies, name
            assert "/~" not in said, name
            assert "example.org" not in said, name
    assert Subscriber.objects.values().get() == before
    address.request_move(subscriber, THIRD, timezone.now())
    subscriber = Subscriber.objects.get()
    assert client.get(letters["move"]).status_code == 410  # asked for again, in another letter
    assert {client.get(link).status_code for link in make_letters(subscriber).values()} == {200}


def test_the_letter_of_a_move_is_worth_nothing_once_links_are_ended(client: Client) -> None:
    subscriber = make_subscriber(email=OLD)
    address.request_move(subscriber, NEW, timezone.now())
    letter = make_letters(subscriber, NEW)["move"]
    assert b"Your digest has moved." in client.post(letter).content
    assert b"/preferences/~" in client.get(letter).content
    subscriber.refresh_from_db()
    address.end_links(subscriber)
    answer = Client().get(letter)
    assert answer.status_code == 410
    assert b"/~" not in answer.content
    assert not answer.cookies


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_old_mail_still_unsubscribes_and_shows_no_address_and_no_new_link(
    client: Client, ending: Any
) -> None:
    subscriber = make_subscriber(email=OLD)
    link = path(mail_links.unsubscribe_url(subscriber.pk))
    ending(subscriber)
    for answer in (client.get(link), client.post(link, {"instead": "weekly"})):
        said = answer.content.decode()
        assert answer.status_code == 200
        assert "example.org" not in said
        assert f"/{subscriber.pk}-" not in said
    subscriber.refresh_from_db()
    assert (subscriber.status, subscriber.cadence) == ("unsubscribed", "daily")


def test_an_unsubscribe_by_mail_is_understood_with_a_version_too() -> None:
    subscriber = make_subscriber()
    address.end_links(subscriber)
    token = tokens.sign(tokens.UNSUBSCRIBE, subscriber.pk, subscriber.link_version)
    message = type("Message", (), {"subject": f"unsubscribe {token}"})
    unsubscribe_mail.on_inbound(type("Event", (), {"message": message}))
    assert Subscriber.objects.get().status == "unsubscribed"


def test_the_next_mail_has_links_that_work(client: Client) -> None:
    reader = make_reader("diffusion policy")
    address.end_links(reader)
    delivery = make_delivery(subscriber=reader)
    [message] = Typesetter().render_all([delivery])
    assert message
    html = str(message.alternatives[0][0])
    said = f"{message.body!s} {html} {message.extra_headers}"
    own = set(re.findall(r"/(preferences|unsubscribe|feedback)/([^/\s]*)/", said))
    assert len(own) == 3
    for page, token in own:
        assert tokens.read_version(f"subscribers.{page}", token) == (reader.pk, 1)
    assert client.get(path(mail_links.preferences_url(reader.pk, 1))).status_code == 200


def test_readers_end_old_links_by_themselves_and_get_new_ones_by_mail(client: Client) -> None:
    subscriber = make_subscriber(email=OLD)
    link = path(mail_links.preferences_url(subscriber.pk))
    assert b"Send me new links, end the old ones" in client.get(link).content
    assert client.post(link, {"end_links": "1"}).status_code == 200
    subscriber.refresh_from_db()
    assert subscriber.link_version == 1
    assert subscriber.own_link_asked_at
    assert client.get(link).status_code == 404


def test_staff_end_the_links_of_whoever_asks(client: Client) -> None:
    subscriber = make_subscriber()
    client.force_login(get_user_model().objects.create_superuser("ada", "", "x"))
    page = "/admin/subscribers/subscriber/act/end_links/"
    answer = client.post(page, {"id": [subscriber.pk]}, follow=True)
    assert b"1 subscriber sent new links." in answer.content
    subscriber.refresh_from_db()
    assert subscriber.link_version == 1
    assert subscriber.own_link_asked_at


def test_a_token_with_a_version_is_signed_as_a_whole() -> None:
    token = tokens.sign(tokens.PREFERENCES, 7, 2)
    assert tokens.read_version(tokens.PREFERENCES, token) == (7, 2)
    before = "7-2.x83TdH5V7pP_yyHLx8-bXIlJG-7iGGbgyXWDkvfcAtQ"
    for forged in (before, f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}", f"{token}AA"):
        assert tokens.read_version(tokens.PREFERENCES, forged) is None
    assert tokens.read_version(tokens.UNSUBSCRIBE, token) is None
    assert tokens.read_version(tokens.PREFERENCES, tokens.sign(tokens.PREFERENCES, 7)) == (7, 0)


def test_every_link_that_the_service_makes_carries_its_version() -> None:
    """One without is dead as soon as its reader has ended the old ones."""
    versioned = {
        name
        for name, made in vars(mail_links).items()
        if callable(made) and "version" in getattr(made, "__annotations__", {})
    }
    assert {"preferences_url", "past_digests_url", "feedback_url"} <= versioned
    without = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for room in ("config", "digest", "subscribers")
        for file in sorted((ROOT / room).rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _read_name(call.func) in versioned
        if len(call.args) + len(call.keywords) < 2 and not _is_spread(call)
    ]
    assert without == []


def _is_spread(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in call.args)


def _read_name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
