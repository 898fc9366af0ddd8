"""What tests of the signed pages do: make a paper, press a button, read what a page says."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.test import Client

from digest.match.paper_text import paper_to_text
from digest.models import Paper
from subscribers.mail.mail_links import feedback_url
from subscribers.models import Subscriber
from subscribers.topics import read_text
from tests.factories import NOW, make_match, make_paper

VERBS = ["more", "less", "save", "mute"]


def matched_paper(title: str, **fields: Any) -> Paper:
    """A paper in the topic RAG, with the normal form that stage 3 would give it."""
    paper = make_paper(title=title, **fields)
    make_match(paper, "RAG")
    paper.normal_form = read_text(paper_to_text(paper)).normal_form
    paper.matched_at = NOW
    paper.save()
    return paper


def at(reader: Subscriber, verb: str, paper: Paper) -> str:
    return f"{feedback_url(reader.pk)}{verb}/{paper.pk}/".removeprefix(settings.SITE_URL)


def told(client: Client, address: str, status: int = 200) -> str:
    """What a person reads on the page."""
    answer = client.get(address)
    assert answer.status_code == status
    text = re.sub(r"<(style|script|head).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(text).split())


def press(client: Client, address: str, **button: str) -> str:
    """Post as the page's form does, without cookies; follow to the page that comes then."""
    answer = client.post(address, button or {"x": "1"})
    assert answer.status_code == 302
    return told(client, answer["Location"].removeprefix(settings.SITE_URL))


def undo_on(client: Client, address: str) -> str:
    """The press that the page's Undo names."""
    [named] = re.findall(r'name="undo" value="([^"]+)"', client.get(address).content.decode())
    return unescape(named)


def refuse_writes(execute: Any, sql: str, *rest: Any) -> Any:
    if not re.match(r"[\s(]*(SELECT|PRAGMA|SAVEPOINT|RELEASE)", sql, re.IGNORECASE):
        raise DatabaseError(f"A page that only shows tried to write: {sql}")
    return execute(sql, *rest)
