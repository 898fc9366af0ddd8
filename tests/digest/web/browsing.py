"""A page as a visitor reads it, its queries, and a paper with all that can be said of one."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.models import Paper, Snapshot
from tests.factories import NOW, make_paper


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def make_lively_paper(**fields: Any) -> Paper:
    parts = {"votes": 63, "votes_since_yesterday": 41, "comments": 4, "sources": 2, "days": 1}
    defaults = {
        "title": "A World Model for Slow Cameras",
        "abstract": "We keep 0<x<1 & learn when to stop. It works.",
        "authors": ["Ada Adler", "Ben Berg", "Cleo Cruz", "Dan Dahl", "Eva Ek"],
        "organization": "Northlight Labs",
        "categories": ["cs.CV", "cs.LG"],
        "code_url": "https://code.example.org/slow",
        "code_stars": 1234,
        "trend": 3.14,
        "trend_parts": parts | {"trend": 3.14, "parts": {"votes": 2.0, "stars": 0.0}},
    }
    paper = make_paper(**(defaults | fields))
    for hour in range(3):
        Snapshot.objects.create(
            paper=paper, taken_at=NOW - timedelta(hours=3 - hour), upvotes=20 * hour, comments=hour
        )
    return paper


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        shown(client, address)
    return len(captured)
