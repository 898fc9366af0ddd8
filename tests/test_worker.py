"""A real celery worker takes a paper from its source to a mail, over PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from config.celery import app
from config.worker_settings import QUEUES
from digest.deliver.outbox import read_mail, read_outbox
from digest.deliver.standing_alarms import check_standing
from digest.models import Delivery, DeliveryRun, Entry, Match, OperatorAlarm, Paper
from digest.watch import heartbeat
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from tests.campaigns.delivery.one_provider import name_provider
from tests.factories import make_delivery, make_source
from tests.provider_server import provider_server
from tests.running import PATIENCE_SECONDS, wait_for
from tests.smtp_server import smtp_server
from tests.web_server import Answer, web_server

ROOT = Path(__file__).parent.parent
HOSTILE = ("amazon_ses", "smtp", "brevo")  # whose calls are made in ways of their own
TITLE = "Diffusion Policies That Know When to Stop"
FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Notes from a laboratory</title><id>urn:notes</id><updated>{{date}}</updated>
  <entry>
    <title>{TITLE}</title><id>urn:notes:1</id><updated>{{date}}</updated>
    <link href="https://lab.example.org/papers/1"/><published>{{date}}</published>
    <summary>We teach a diffusion policy to end its own denoising early.</summary>
  </entry>
</feed>"""

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def laboratory() -> Iterator[str]:
    """The address of a source with one paper, published an hour ago."""
    date = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    body = FEED.format(date=date).encode()
    with web_server() as server:
        kind = {"Content-Type": "application/atom+xml"}
        yield server.give("/feed.atom", Answer(body, headers=kind))


def make_environment(folder: Path, **more: str) -> dict[str, str]:
    """That of a process which works on this test's own database and queue."""
    database = connection.settings_dict
    host = quote(str(database["HOST"]), safe="")
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}@{host}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(folder),
        "OUTBOX_DIR": str(settings.OUTBOX_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "FETCH_ALLOW_PRIVATE": "127.0.0.1",
        "LOG_FORMAT": "json",
        **more,
    }


@contextmanager
def celery_worker(
    folder: Path, app: str = "config", **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as production starts it, on this test's own database and queue."""
    env = make_environment(folder, **more)
    words = ["--quiet", "-A", app, "worker", "--loglevel=WARNING", "--concurrency=2"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *words], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def call(task: str, is_done: Callable[[], bool]) -> None:
    """Wake the worker up as beat does, and wait until the database shows that it has worked."""
    app.send_task(f"digest.tasks.{task}")
    wait_for(is_done, f"the work of {task}")


def test_a_worker_takes_a_paper_from_its_source_to_a_readers_inbox(
    laboratory: str, tmp_path: Path
) -> None:
    make_source(url=laboratory)
    now = datetime.now(UTC)
    wishes = Wishes(topics=["diffusion policy"])
    reader = opt_in.confirm_latest(
        opt_in.request_confirmation("reader@example.org", wishes, now), now
    )
    delivery = Delivery.objects.filter(subscriber=reader)
    with celery_worker(tmp_path) as worker:
        call("ingest_due", Entry.objects.exists)
        call("score_and_match", Match.objects.exists)
        call("compose_due", delivery.exists)
        call("deliver_planned", delivery.filter(status="sent").exists)
        app.send_task("digest.tasks.deliver_planned")
        app.send_task("digest.tasks.answer", args=("deliver",), queue="deliver")
        wait_for(has_answered, "an answer from the queue")
    assert worker.returncode == 0
    lines = read_log(tmp_path / "worker.log")
    assert {line["event"] for line in lines if "event" in line} == {"source", "edition", "batch"}
    [letter] = read_outbox(settings.OUTBOX_DIR)
    assert letter.to == "reader@example.org"
    parts = read_mail(settings.OUTBOX_DIR, letter.name)
    assert parts
    assert TITLE in parts.text
    assert TITLE in parts.html
    assert delivery.get().contents["papers"][0]["id"] == Paper.objects.get().pk


@pytest.mark.thorough
def test_workers_and_a_beat_that_fall_silent_are_told_once_each_and_when_they_are_back(
    tmp_path: Path,
) -> None:
    with celery_worker(tmp_path):
        ask_each_queue_and_wait()
        assert look_for_alarms() == []
    ask_each_queue()  # as beat does, and nobody answers
    for _ in range(2):
        [said] = look_for_alarms(SILENT_FOR)
        assert "no sign of life from worker (" in said
    with celery_worker(tmp_path):
        ask_each_queue_and_wait()
        assert look_for_alarms() == []
        for _ in range(2):  # nobody calls any more
            assert [said for said in look_for_alarms(SILENT_FOR) if "from beat." in said]
        ask_each_queue_and_wait()
        assert look_for_alarms() == []


SILENT_FOR = heartbeat.SILENT + timedelta(minutes=1)


def look_for_alarms(later: timedelta = timedelta(0)) -> list[str]:
    """What the alarms of the parts say when beat's process looks so much later."""
    check_standing(datetime.now(UTC) + later)
    lasting = OperatorAlarm.objects.filter(kind="parts-silent", resolved_at=None)
    return list(lasting.values_list("sentence", flat=True))


def ask_each_queue() -> None:
    for queue in QUEUES:
        app.send_task("digest.tasks.answer", args=(queue,), queue=queue)


def ask_each_queue_and_wait() -> None:
    begun = datetime.now(UTC)
    ask_each_queue()
    wait_for(
        lambda: all(at and at >= begun for at in heartbeat.read_answers(QUEUES).values()),
        "an answer from each queue",
    )


ENDED_WITHIN_SECONDS = 10
STARTED_WITHIN_SECONDS = 10  # on a machine without much other work; a slower one is late at the end


@contextmanager
def hostile_provider(name: str) -> Iterator[tuple[dict[str, str], Callable[[], int]]]:
    """One that takes every mail and trickles its answers: its settings, and its count of calls."""
    if name == "smtp":
        with smtp_server() as mail_server:
            mail_server.chances, mail_server.goodbye = {"END trickle": 1.0}, "trickle"
            settings = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
            yield settings, lambda: len(mail_server.accepted)
        return
    with provider_server() as server:
        server.book.chances = {"trickle": 1.0}
        yield name_provider(name, server), lambda: len(server.book.calls)


@pytest.mark.parametrize(
    "name", ["mailgun", *(pytest.param(n, marks=pytest.mark.thorough) for n in HOSTILE)]
)
def test_a_worker_that_is_told_to_end_leaves_calls_that_hang_and_gives_back_the_rest(
    name: str, tmp_path: Path
) -> None:
    for _ in range(9):
        make_delivery(covers_until=datetime.now(UTC))
    with (
        hostile_provider(name) as (provider, count_calls),
        celery_worker(tmp_path, **provider) as worker,
    ):
        app.send_task("digest.tasks.deliver_planned")
        slowness = find_slowness(lambda: count_calls() == 4, "four calls under way")
        assert find_end(worker) < slowness * ENDED_WITHIN_SECONDS
    statuses = Delivery.objects.values_list("status", flat=True)
    # Under a key that Brevo knows each is mailed again, and it takes none twice.
    left = {"planned": 9} if name == "brevo" else {"in_doubt": 4, "planned": 5}
    assert Counter(statuses) == left
    assert not DeliveryRun.objects.exists()


def test_all_processes_of_a_worker_hear_at_once_that_it_ends_and_what_stays_is_cut_off(
    tmp_path: Path,
) -> None:
    heard, began = tmp_path / "heard", tmp_path / "began"
    with celery_worker(tmp_path, "tests.stubborn_app") as worker:
        app.send_task("tests.listen", args=(str(heard),), queue="deliver")
        app.send_task("tests.stay", args=(str(began),), queue="deliver")
        are_begun = lambda: heard.exists() and began.exists()  # noqa: E731
        slowness = find_slowness(are_begun, "two tasks under way")
        told = time.monotonic()
        assert find_end(worker) < slowness * ENDED_WITHIN_SECONDS
    assert worker.returncode == 0
    assert float(heard.read_text()) - told < slowness * 4
    assert "told to end (tests.listen, tests.stay)" in (tmp_path / "worker.log").read_text()
    wait_for(lambda: not is_running(int(began.read_text())), "the end of its processes")


def find_slowness(is_begun: Callable[[], bool], what: str) -> float:
    """Wait for a worker's first work: how many times as long as it takes on a quiet machine."""
    began = time.monotonic()
    wait_for(is_begun, what)
    return max(1.0, (time.monotonic() - began) / STARTED_WITHIN_SECONDS)


def find_end(worker: subprocess.Popen[bytes]) -> float:
    """Tell it to end, as a deploy does: the seconds until it is out, or until we gave it up."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(60)
    except subprocess.TimeoutExpired:
        worker.kill()
    return time.monotonic() - began


def is_running(pid: int) -> bool:
    """Whether a process is there, and is no mere name that waits to be taken note of."""
    words = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def read_log(path: Path) -> list[dict[str, Any]]:
    """Each line but Celery's last words is an object, and none of them names the reader."""
    text = path.read_text()
    assert "reader@example.org" not in text
    lines = [line for line in text.splitlines() if line and not line.startswith("worker: ")]
    return [json.loads(line) for line in lines]


def has_answered() -> bool:
    return queues_are_empty() and heartbeat.read_answers(["deliver"])["deliver"] is not None


def queues_are_empty() -> bool:
    with app.connection_for_read() as broker:
        return not any(map(broker.default_channel.client.llen, QUEUES))
