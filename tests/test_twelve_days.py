"""Twelve captured days of arXiv and Hugging Face, replayed through every stage."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from digest.deliver.outbox import read_mail, read_outbox
from digest.models import Delivery, Paper, Source, TopicSense
from digest.why import Reason, explain_why
from subscribers.models import Subscriber, Topic
from tests.running import PATIENCE_SECONDS, wait_for

REAL = Path(
    os.environ.get("OFFPRINT_REAL", django_settings.BASE_DIR.parent / "shared" / "real")
).absolute()
REPLAY = REAL.parent / "replay.py"
DAYS = [f"2026-04-{day}" for day in range(17, 29)]
WEEKEND = {"2026-04-18", "2026-04-19", "2026-04-25", "2026-04-26"}
REPEATED = {DAYS[0], "2026-04-25", DAYS[-1]}  # as a whole; on the others sending alone is
TOPICS = ["LLM agents", "diffusion + video", '"world model"', "RAG", "robot manipulation -surgical"]
WEEK = timedelta(days=7)  # so far back the first digest reaches
ASKED = 300  # papers of which it is asked why they came, or did not
NOTHING = "planned 0 = sent 0 + quiet 0 + suppressed 0 + failed 0 + expired 0 + in doubt 0"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real,
    pytest.mark.long,
    pytest.mark.thorough,
    pytest.mark.skipif(not REPLAY.exists(), reason=f"The captured days are absent: no {REPLAY}."),
]


@pytest.fixture
def replay(settings):
    """The captured hosts on loopback; call it with a day to move their clock."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    host = f"http://127.0.0.1:{port}"
    settings.OFFPRINT_HF_URL = settings.OFFPRINT_ARXIV_URL = host
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    command = [
        sys.executable,
        str(REPLAY),
        "--port",
        str(port),
        "--day",
        DAYS[0],
        "--data",
        str(REAL),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline()  # it says when it listens; the server binds just before
    try:
        yield lambda day: _post(f"{host}/clock?day={day}")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _post(url):
    wait_for(lambda: _is_posted(url), "the replay's clock")


def _is_posted(url):
    request = urllib.request.Request(url, method="POST")
    with suppress(OSError), urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
        return True
    return False


def run(command, day, *args):
    out = StringIO()
    call_command(command, *args, now=f"{day}T12:00:00+00:00", stdout=out)
    return out.getvalue().strip().splitlines()[-1]


def a_day(day):
    for command in ("ingest", "score", "match"):
        run(command, day)
    return run("send_digests", day)


def test_twelve_real_days_keep_every_promise(replay, settings):
    topics = [f"--topic={topic}" for topic in TOPICS]
    call_command("add_subscriber", "reader@example.org", *topics, "--confirmed", stdout=StringIO())
    for day in DAYS:
        replay(day)
        line = a_day(day)
        kind = "sent 0 + quiet 1" if day in WEEKEND else "sent 1 + quiet 0"
        assert line.startswith(f"planned 1 = {kind}"), f"{day}: {line}"
        again = a_day if day in REPEATED else partial(run, "send_digests")
        assert again(day) == NOTHING

    _no_paper_comes_twice()
    _no_replacement_is_sent_as_new()
    _quiet_days_name_the_weekend()
    _mails_hold_the_papers_and_reasons(settings.OUTBOX_DIR)
    _answers_agree_with_what_was_sent()
    call_command("audit", now=f"{DAYS[-1]}T12:00", stdout=StringIO())  # raises where one is broken
    assert not Source.objects.filter(state="failing").exists()


def _papers_sent():
    rows = Delivery.objects.filter(status="sent").values_list("contents", flat=True)
    return [item["id"] for contents in rows for item in contents["papers"]]


def _no_paper_comes_twice():
    sent = _papers_sent()
    assert len(sent) > 40
    assert not [paper for paper, times in Counter(sent).items() if times > 1]


def _answers_agree_with_what_was_sent():
    """Why 300 papers came, or did not, beside what the stored rows say by themselves."""
    [reader], sent = Subscriber.objects.all(), set(_papers_sent())
    followed = set(reader.interests.values_list("topic_id", flat=True))
    floors = dict(TopicSense.objects.values_list("topic_id", "floor"))
    drawn = random.Random(12).sample(list(Paper.objects.order_by("pk")), ASKED - len(sent))
    first = reader.deliveries.earliest("covers_until").covers_until
    now, reasons = datetime.fromisoformat(f"{DAYS[-1]}T13:00:00+00:00"), Counter[str]()
    for paper in [*drawn, *Paper.objects.filter(pk__in=sent)]:
        reason = explain_why(reader, paper.identifier, now).reason
        reasons[reason] += 1
        rows = paper.matches.filter(topic__in=followed).values_list("topic_id", "strength")
        is_on = [strength >= floors.get(topic, 0.0) for topic, strength in rows]
        holds = {
            Reason.SENT: paper.pk in sent,
            Reason.NOT_NEWS: paper.news_at is None,
            Reason.NO_MATCH: not is_on,
            Reason.NEAR: not is_on,
            Reason.PASSING: bool(is_on) and not any(is_on),
            Reason.OUTRANKED: any(is_on),
            Reason.TOO_OLD: any(is_on) and (paper.available_at or now) < first - WEEK,
        }
        assert holds[reason], (paper, reason)
        assert (reason == Reason.SENT) == (paper.pk in sent), (paper, reason)
    assert reasons.total() >= ASKED
    assert len(reasons) >= 4, reasons


def _no_replacement_is_sent_as_new():
    """Judged by the captured lists themselves, not by what we stored of them."""
    announced: dict[str, Any] = {}
    for day in DAYS:
        listing = json.loads((REAL / "arxiv-listing" / f"{day}.json").read_text())
        for row in listing["papers"]:
            announced.setdefault(f"arxiv:{row['arxiv_id']}", set()).add(row["announce_type"])
    sent = Paper.objects.filter(pk__in=_papers_sent()).prefetch_related("entries__source")
    for paper in sent:
        types = announced.get(paper.identifier, {"new"})
        is_listed = any(e.source.kind == "huggingface" for e in paper.entries.all())
        assert is_listed or types & {"new", "cross"}, paper.identifier


def _quiet_days_name_the_weekend():
    quiet = Delivery.objects.filter(status="quiet")
    assert {str(delivery.edition) for delivery in quiet} == WEEKEND
    for delivery in quiet:
        assert delivery.quiet_reason == "nothing_new"
        assert "Saturdays and Sundays" in delivery.contents["note"]


def _mails_hold_the_papers_and_reasons(folder):
    letters = read_outbox(folder)
    assert len(letters) == len(DAYS) - len(WEEKEND)
    assert len({letter.subject for letter in letters}) == len(letters)
    queries = set(Topic.objects.values_list("query", flat=True))
    by_key = {f"{delivery.key}.eml": delivery for delivery in Delivery.objects.all()}
    for letter in letters:
        parts = read_mail(folder, letter.name)
        for item in by_key[letter.name].contents["papers"]:
            paper = Paper.objects.get(pk=item["id"])
            assert paper.url in parts.html
            assert paper.url in parts.text
            assert {reason[1] for reason in item["topics"]} <= queries
