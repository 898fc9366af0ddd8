"""What a newcomer finds when `manage.py run` first comes up: papers, an admin, a first digest.

Each function looks first whether an earlier run has done its work, so calling it again is quick.
"""

from __future__ import annotations

import fcntl
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from celery import chain
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from digest import tasks
from digest.ingest.sources.fetch import fetch_url
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.host_rate_limit import HostBusy, find_limited_host, hold_turn
from digest.models import Delivery
from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes

DEMO_ADDRESS = "reader@example.org"
DEMO_TOPICS = ["LLM agents", "diffusion", "world model", "retrieval", "robot manipulation"]
ADMIN = "admin"
PROBE_SECONDS = 8.0
TURN_SECONDS = 1.0
DIGEST_SECONDS = 90.0  # long enough for beat to call once more
POLL_SECONDS = 0.2


@contextmanager
def prepare_alone() -> Iterator[None]:
    """Only one run at a time prepares what both of them use; the second one waits."""
    with (Path(settings.VAR_DIR) / "preparing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_live_sources() -> dict[str, bool]:
    """Ask both live hosts at once and wait PROBE_SECONDS at most: True for each that answers."""
    hosts = {"Hugging Face": settings.OFFPRINT_HF_URL, "arXiv": settings.OFFPRINT_ARXIV_URL}
    with ThreadPoolExecutor(len(hosts)) as pool:
        return dict(zip(hosts, pool.map(_does_answer, hosts.values()), strict=True))


def _does_answer(host: str) -> bool:
    try:
        with hold_turn(find_limited_host(host), TURN_SECONDS):
            # The smallest thing there is to ask for, and polite to read.
            fetch_url(f"{host}/robots.txt", seconds=PROBE_SECONDS)
    except FetchError as error:
        return error.status == 404
    except HostBusy:
        return True  # another process of ours is talking to it
    finally:
        connection.close()  # this thread's own
    return True


def make_admin() -> str | None:
    """Make a superuser and return its password, which is kept nowhere; None where there is one."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    admin = users.create_superuser(username=ADMIN, email="", password=password)
    # By its hash they are asked to change it, as long as they have not (config/sign_in.py).
    kept = settings.VAR_DIR / "one_time_password"
    kept.touch(mode=0o600)
    kept.write_text(admin.password)
    return password


def sign_up_demo_subscriber(now: datetime) -> Subscriber | None:
    """The demo subscriber, signed up and confirmed where nobody is yet; None where others are.

    Only mail that stays in the local outbox may go to an invented address.
    """
    if not keeps_mail_here():
        return None
    if not Subscriber.objects.exists():
        wishes = Wishes(topics=DEMO_TOPICS)
        return opt_in.confirm_latest(opt_in.request_confirmation(DEMO_ADDRESS, wishes, now), now)
    return Subscriber.objects.mailable().filter(email=DEMO_ADDRESS).first()


def has_digest(subscriber: Subscriber) -> bool:
    return Delivery.objects.sent().filter(subscriber=subscriber).exists()


def send_digest(subscriber: Subscriber) -> Delivery | None:
    """Have the worker send what is due, by the tasks that beat calls for all day.

    Returns their newest delivery once its state is final, else None after DIGEST_SECONDS: the
    worker goes on trying.
    """
    steps = tasks.score_and_match, tasks.compose_due, tasks.deliver_planned
    chain(*(step.si() for step in steps)).apply_async()
    deadline = time.monotonic() + DIGEST_SECONDS
    while time.monotonic() < deadline:
        newest = Delivery.objects.filter(subscriber=subscriber).order_by("-edition__date").first()
        if newest and newest.status not in (Delivery.Status.PLANNED, Delivery.Status.CLAIMED):
            return newest
        time.sleep(POLL_SECONDS)
    return None
