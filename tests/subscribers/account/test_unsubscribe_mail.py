"""A mailbox that writes to us instead of posting is heard too."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client

from subscribers import tokens
from subscribers.mail import emails, mail_links
from subscribers.models import Subscriber
from tests.factories import make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_comes_in(client: Client, settings: Any) -> Any:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    secret = b64encode(b"name:password").decode()

    def send(subject: str, sender: str = "ada@example.org") -> int:
        mail = {"Subject": subject, "From": sender, "Headers": [], "TextBody": ""}
        answer = client.post(
            "/anymail/postmark/inbound/",
            json.dumps(mail),
            content_type="application/json",
            headers={"Authorization": f"Basic {secret}"},
        )
        return answer.status_code

    return send


def test_the_header_names_an_address_only_where_mail_is_taken_in(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    page = mail_links.unsubscribe_url(7)
    assert emails.make_unsubscribe_headers(7)["List-Unsubscribe"] == f"<{page}>"
    settings.UNSUBSCRIBE_MAILTO = "leave@in.example.org"
    token = tokens.sign(tokens.UNSUBSCRIBE, 7)
    mailto = f"mailto:leave@in.example.org?subject=unsubscribe%20{token}"
    assert emails.make_unsubscribe_headers(7)["List-Unsubscribe"] == f"<{mailto}>, <{page}>"


@pytest.mark.parametrize(
    "subject", ["unsubscribe {}", "Re: Unsubscribe  {}", "[x] unsubscribe\t{}"]
)
def test_a_mail_with_the_readers_token_unsubscribes_them(mail_comes_in: Any, subject: str) -> None:
    reader, _other = make_reader("RAG"), make_reader("RAG")
    said = subject.format(tokens.sign(tokens.UNSUBSCRIBE, reader.pk))
    assert mail_comes_in(said, sender="someone-else@example.org") == 200
    assert Subscriber.objects.get(status="unsubscribed") == reader


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "unsubscribe",
        "unsubscribe 7.forged",
        f"unsubscribe {tokens.sign(tokens.PREFERENCES, 7)}",
        "unsubscribe " + "1" * 900,
    ],
)
def test_any_other_mail_is_left_alone(mail_comes_in: Any, subject: str) -> None:
    make_reader("RAG", email="ada@example.org")
    assert mail_comes_in(subject) == 200
    assert Subscriber.objects.get().status == "active"
