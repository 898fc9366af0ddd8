"""The promises: each has its guards, each guard its tests, and what no other test shows."""

from __future__ import annotations

import ast
import os
import random
import re
import subprocess
import sys
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from digest.compose import compose_due
from digest.compose import stage as compose_stage
from digest.deliver import RunOptions, audit, deliver_planned, sweep
from digest.deliver.outbox import read_mail, read_outbox
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.ingest.store import store_document
from digest.models import Delivery, Entry, Paper
from digest.render import Typesetter
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader, make_source
from tests.promises import GUARDS, PROMISES
from tests.provider_server import provider_server
from tests.write_promises import DOCUMENT, fill_tables

ROOT = Path(__file__).parent.parent
MINUTE = timedelta(minutes=1)


def test_every_promise_has_a_guard_and_a_test_that_proves_it() -> None:
    assert {guard.promise for guard in GUARDS} == set(PROMISES) == set(range(1, 14))
    assert all(guard.tests for guard in GUARDS)


def test_each_guard_stands_where_it_is_said_to_stand() -> None:
    counts = {guard.name: (ROOT / guard.path).read_text().count(guard.text) for guard in GUARDS}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_each_test_that_is_named_exists() -> None:
    named = {test for guard in GUARDS for test in guard.tests}
    assert sorted(test for test in named if not _is_there(test)) == []


def _is_there(test: str) -> bool:
    path, *names = test.split("::")
    body = _parse_tests(path)
    for name in names:
        found = [node for node in body if getattr(node, "name", "") == name]
        if len(found) != 1:
            return False
        body = found[0].body
    return True


@cache
def _parse_tests(path: str) -> list[Any]:
    return list(ast.parse((ROOT / path).read_text()).body)


def test_the_table_for_operators_names_every_guard() -> None:
    written = DOCUMENT.read_text()
    assert written == fill_tables(written), "python -m tests.write_promises writes it anew"
    assert all(guard.name in written for guard in GUARDS)


@pytest.fixture
def outbox(settings: Any) -> Path:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return Path(settings.OUTBOX_DIR)


@pytest.mark.django_db
def test_1_a_day_that_is_repeated_at_every_step_sends_one_mail(outbox: Path) -> None:
    reader = make_reader("diffusion policy")
    make_match(make_paper(), "diffusion policy")
    for minute in range(60):
        now = NOW + minute * MINUTE
        compose_due(now)
        deliver_planned(now)
        Subscriber.objects.update(next_digest_at=NOW)  # as if composing had been forgotten
        sweep(now)
    assert [letter.to for letter in read_outbox(outbox)] == [reader.email]
    assert Delivery.objects.get().status == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 5))]
)
@pytest.mark.indirect
def test_2_whatever_happens_every_delivery_ends_in_a_named_state(seed: int, settings: Any) -> None:
    dice = random.Random(seed)
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    made = [make_delivery() for _ in range(30)]
    with provider_server() as server:
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": server.url}
        server.book.faults += dice.choices(["", "drop", "500", "503", "429", "422", "401"], k=12)
        for delivery in dice.sample(made, 4):
            Suppression.objects.suppress(delivery.subscriber.email, "manual")
        for hour in range(40):
            now = NOW + timedelta(hours=hour)
            size, calls = dice.randrange(1, 6), dice.randrange(1, 5)
            settings.DELIVER_CALLS_AT_ONCE = calls
            options = RunOptions(size=size, keep_going=lambda: dice.random() < 0.7)
            deliver_planned(now, options=options)
            sweep(now)
    [counts] = audit.count_by_edition().values()
    assert audit.count_open(counts) == 0
    assert audit.format_sum_line(counts).startswith("planned 30 = ")
    sent = set(Delivery.objects.filter(status="sent").values_list("key", flat=True))
    assert len(server.book.keys) == len(set(server.book.keys))
    assert set(map(str, sent)) <= set(server.book.keys)


@pytest.mark.django_db
def test_2_a_crash_while_composing_leaves_everybody_due(monkeypatch: Any) -> None:
    make_reader("diffusion policy")
    make_match(make_paper(), "diffusion policy")

    def crash(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(compose_stage, "_write_next_dates", crash)
        with pytest.raises(SystemExit):
            compose_due(NOW)
    assert Delivery.objects.count() == 0
    compose_due(NOW)
    assert Delivery.objects.get().status == "planned"


@pytest.mark.django_db
def test_4_a_scanner_that_follows_every_link_of_a_mail_changes_nothing(outbox: Path) -> None:
    reader = make_reader("diffusion policy", next_digest_at=NOW)
    make_match(make_paper(), "diffusion policy")
    compose_due(NOW)
    deliver_planned(NOW)
    [letter] = read_outbox(outbox)
    parts = read_mail(outbox, letter.name)
    assert parts
    before = Subscriber.objects.values().get()
    ours = [a for a in re.findall(r'https?://[^\s"<>)]+', parts.html + parts.text) if is_ours(a)]
    assert len(set(ours)) >= 3
    for address in set(ours) | {unsubscribe_address(parts.headers)}:
        for method in ("get", "head"):
            getattr(Client(), method)(address.removeprefix(settings.SITE_URL))
    assert Subscriber.objects.values().get() == before
    assert Subscriber.objects.mailable().get() == reader


def is_ours(address: str) -> bool:
    return address.startswith(settings.SITE_URL)


def unsubscribe_address(headers: list[tuple[str, str]]) -> str:
    return dict(headers)["List-Unsubscribe"].strip("<>")


@pytest.mark.django_db
@pytest.mark.parametrize("announced", ["replace", "replace-cross"])
def test_5_a_replacement_makes_no_news(announced: str) -> None:
    number = "arxiv:2604.00001"
    entry = ParsedEntry(
        guid=f"oai:{number}v2",
        identifier=number,
        title="A World Model",
        url="https://arxiv.org/abs/2604.00001",
        published_at=NOW,
        announce_type=Entry.AnnounceType(announced),
    )
    store_document(make_source(), ParsedDocument(entries=(entry,)), NOW)
    assert Paper.objects.get().news_at is None


@pytest.mark.django_db
def test_6_a_quiet_day_without_a_reason_cannot_be_saved() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_delivery(status="quiet", quiet_reason="")


class Loads(HTMLParser):
    """What a mail would fetch on its own, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("img", "script", "iframe", "video", "audio", "object", "embed"):
            self.loaded.append(tag)
        if tag == "link" or given.get("background"):
            self.loaded.append(tag)
        if tag == "a" and "name" not in given:  # a name is a place to jump to, and no link
            self.links.append(given.get("href") or "")


@pytest.mark.django_db
def test_7_a_mail_holds_no_pixel_and_no_redirected_link() -> None:
    code = "https://code.example.org/slow"
    paper = make_paper(title="A World Model", abstract="We learn. " * 30, code_url=code)
    item = {"id": paper.pk, "section": "new", "topics": [[1, "world model", "World Model"]]}
    delivery = make_delivery(contents={"papers": [item]})
    [message] = Typesetter().render_all([delivery])
    assert message
    [(html, _)] = message.alternatives
    seen = Loads(str(html))
    assert seen.loaded == []
    assert not re.search(r"url\s*\(|@import|@font-face", str(html))
    elsewhere = {link for link in seen.links if not is_ours(link)}
    assert elsewhere - {paper.url, code, paper.url.replace("/abs/", "/pdf/")} == set()
    assert {paper.url, code} <= elsewhere
    # Nothing in a link tells who it was sent to, but for those that only the reader may use.
    private = [link for link in seen.links if re.search("unsubscribe|preferences", link)]
    for link in set(seen.links) - set(private):
        assert (urlsplit(link).query, str(delivery.key) in link) == ("", False), link


@pytest.mark.parametrize("name", ["postmark", "mailgun"])
def test_7_the_provider_is_told_to_track_nobody(name: str, tmp_path: Path) -> None:
    show = (
        "import django; django.setup()\n"
        "from django.core.mail import EmailMessage, get_connection\n"
        "backend = get_connection()\n"
        "message = EmailMessage('s', 'b', to=['reader@example.org'])\n"
        "print(backend.build_message_payload(message, backend.send_defaults).data)"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith("ANYMAIL_")} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
        "ANYMAIL_PROVIDER": name,
        "ANYMAIL_WEBHOOK_SECRET": "name:password",
        "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
        "ANYMAIL_MAILGUN_API_KEY": "key",
    }
    command = [sys.executable, "-c", show]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    data = ast.literal_eval(done.stdout)
    told: dict[str, Any] = {
        "postmark": {"TrackOpens": False, "TrackLinks": "None"},
        "mailgun": {"o:tracking-opens": "no", "o:tracking-clicks": "no"},
    }
    assert told[name].items() <= data.items()
