"""“LLM and RAG” is told in one sentence, at every door through which a topic comes."""

from __future__ import annotations

from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from subscribers.mail import mail_links
from subscribers.topics import list_readings
from tests.factories import NOW, make_reader

TOPIC = "LLM and RAG"
SAID = (
    "“LLM and RAG” is looked for in these very words. For papers with both, anywhere in them, type "
    "LLM + RAG."
)


def test_each_topic_that_may_be_meant_otherwise_is_said_once() -> None:
    assert list_readings([TOPIC, "robots", TOPIC, "foo:bar", "task and motion planning"]) == [
        SAID,
        "“task and motion planning” is looked for in these very words. For papers with both, "
        "anywhere in them, type task + motion planning.",
    ]


@pytest.mark.django_db
def test_sign_up_says_it_before_and_after(client: Client) -> None:
    pages = [
        client.get("/subscribe/", {"t": TOPIC}),
        client.post("/subscribe/", {"email": "not an address", "topics": TOPIC}),
        client.post("/preview/", {"topics": TOPIC}),
        client.post("/subscribe/", {"email": "ada@example.org", "topics": TOPIC}),
    ]
    for page in pages:
        assert SAID in unescape(page.content.decode())


@pytest.mark.django_db
def test_preferences_say_it_of_what_is_followed_and_of_what_is_muted(client: Client) -> None:
    reader = make_reader(TOPIC, mutes=("cats and dogs",))
    page = unescape(client.get(mail_links.preferences_url(reader.pk)).content.decode())
    assert SAID in page
    assert "type cats + dogs." in page


@pytest.mark.django_db
def test_search_says_it_on_the_page_and_to_programs(client: Client) -> None:
    assert SAID in unescape(client.get("/search/", {"q": TOPIC}).content.decode())
    assert client.get("/api/v1/search", {"q": TOPIC}).json()["reading"] == SAID
    assert client.get("/api/v1/search", {"q": "robots"}).json()["reading"] == ""


@pytest.mark.django_db
def test_an_import_says_it_once_of_a_files_own_topics(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"email,topics\na@example.org,{TOPIC}\nb@example.org,{TOPIC}; robots\n")
    assert _run("import_subscribers", str(path)).count(SAID) == 1
    assert f"Line 2: {SAID}" in _run("import_subscribers", str(path), "--dry-run")


@pytest.mark.django_db
def test_the_other_commands_say_it_too() -> None:
    for command in (
        ("add_subscriber", "ada@example.org", f"--topic={TOPIC}"),
        ("preview", TOPIC, f"--now={NOW.isoformat()}"),
    ):
        assert SAID in _run(*command)


def _run(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()
