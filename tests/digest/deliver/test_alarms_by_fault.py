"""Every alarm is raised once by the fault that it is about, and ends with it.

A folder, a server or a provider of this machine really fails; where another test has that fault
already, the table names it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.core.cache import cache
from kombu import Connection
from with_services import find_redis  # of scripts/

from digest.deliver import deliver_planned
from digest.deliver.standing_alarms import OURS, check_standing
from digest.ingest.stage import ingest_due
from digest.models import OperatorAlarm, Source
from digest.watch.broker import BrokerWatch
from digest.watch.daily_figures import update_figures
from tests.digest.track.reports import make_sent, tell
from tests.factories import NOW, make_delivery, make_source, make_subscriber
from tests.running import wait_for
from tests.web_server import Answer, web_server

pytestmark = [pytest.mark.cached, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/operate/when-something-breaks.md"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MEGABYTE = 1_000_000
PROMISES = "tests/digest/deliver/test_audit_alarm.py"
UNSERVED = "tests/digest/deliver/test_unserved.py"
STANDING = "tests/digest/deliver/test_standing_alarms.py"
HERE = "tests/digest/deliver/test_alarms_by_fault.py"
# Each row of the table in docs/operate/when-something-breaks.md, and where its fault is made.
FAULTS = {
    "edition-late": f"{STANDING}::test_an_edition_that_is_late_is_told_once",
    "edition-date": "tests/digest/flight/test_states.py::test_a_hold_is_begun_once_and_alarms",
    "account-refused": f"{HERE}::test_a_provider_that_answers_401_or_403",
    "parts-silent": "tests/test_worker.py::test_workers_and_a_beat_that_fall_silent",
    "broker-away": f"{HERE}::test_a_broker_that_is_stopped",
    "source-id": f"{HERE}::test_a_source_that_answers_503",
    "complaints": f"{HERE}::test_reports_of_complaints_and_bounces",
    "bounces": f"{HERE}::test_reports_of_complaints_and_bounces",
    "audit-broken": f"{PROMISES}::test_a_mail_to_somebody_who_had_left",
    "not-served-date": f"{UNSERVED}::test_an_edition_that_expired_is_told",
    "disk-full": f"{HERE}::test_a_disk_that_is_filled",
    "certificate": f"{STANDING}::test_a_certificate_that_ends_soon_is_told_once",
    "offprint stays silent": f"{STANDING}::test_the_ping_stops_when_beat_does",
}


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.OPERATORS_EMAIL, settings.REDIS_URL = [], ""
    Source.objects.all().delete()


def list_lasting() -> list[str]:
    return list(OperatorAlarm.objects.filter(resolved_at=None).values_list("kind", flat=True))


def test_each_row_of_the_page_is_a_kind_that_is_raised_by_its_fault() -> None:
    table = PAGE.read_text().partition("\n## ")[0]
    rows = re.findall(r"^\| `([^|]+?) *\|", table, re.MULTILINE)
    assert [row.replace("`", "") for row in rows] == list(FAULTS)
    assert set(FAULTS) >= OURS
    for place in FAULTS.values():
        path, _, name = place.partition("::")
        assert f"def {name}" in (ROOT / path).read_text(), place


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_provider_that_answers_401_or_403_is_told_once_until_a_mail_gets_through(
    status: str, server: Any, use: Callable[[str], Any]
) -> None:
    use("postmark")
    server.book.faults += [status] * 2
    make_delivery()
    for minutes in (0, 1, 16):
        deliver_planned(NOW + minutes * MINUTE)
    alarm = OperatorAlarm.objects.get()
    assert (alarm.kind, alarm.resolved_at) == ("account-refused", None)
    assert alarm.told_at
    assert alarm.told_at < NOW + MINUTE  # and not again
    deliver_planned(NOW + 40 * MINUTE)
    assert list_lasting() == []


def test_a_source_that_answers_503_for_a_day_is_told_once_until_it_is_read(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    with web_server() as server:
        feed = "<rss version='2.0'><channel><title>x</title></channel></rss>"
        well = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})
        source = make_source(url=server.give("/feed", well), next_fetch_at=NOW)
        ingest_due(NOW)
        server.give("/feed", Answer(b"", 503))
        for hours in (23, 30):
            Source.objects.update(next_fetch_at=NOW + hours * HOUR)
            ingest_due(NOW + hours * HOUR)
            for minute in range(2):
                check_standing(NOW + hours * HOUR + minute * MINUTE)
            assert list_lasting() == [f"source-{source.pk}"] * (hours > 24)
        assert "503" in OperatorAlarm.objects.get().sentence
        server.give("/feed", well)
        Source.objects.update(next_fetch_at=NOW + 31 * HOUR)
        ingest_due(NOW + 31 * HOUR)
        check_standing(NOW + 31 * HOUR)
    assert OperatorAlarm.objects.get().resolved_at == NOW + 31 * HOUR


@pytest.mark.usefixtures("that_wednesday")
@pytest.mark.parametrize(
    ("kind", "reported", "said", "share"),
    [("complaints", "complained", "SpamComplaint", 4), ("bounces", "bounced", "HardBounce", 12)],
)
def test_reports_of_complaints_and_bounces_raise_their_alarm_until_a_week_is_over(
    kind: str, reported: str, said: str, share: int
) -> None:
    mails = [make_sent(make_subscriber(confirmed_at=NOW - DAY)) for _ in range(100)]
    for number, mail in enumerate(mails[:share]):
        tell(mail, reported, now=NOW + number * MINUTE, esp_event={"Type": said})
    now = NOW + HOUR
    for _ in range(2):
        cache.clear()  # the figures of a minute ago
        update_figures(now)
        check_standing(now)
    assert list_lasting() == [kind]
    assert f"Of the 100 mails of 7 days {share} " in OperatorAlarm.objects.get().sentence
    cache.clear()
    update_figures(now + 8 * DAY)
    check_standing(now + 8 * DAY)
    assert kind not in list_lasting()


def test_a_disk_that_is_filled_is_told_until_there_is_room(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    taken, slack = 600, 300  # MB; others write to this disk meanwhile
    settings.DISK_FREE_MB = shutil.disk_usage(tmp_path).free // MEGABYTE - slack
    check_standing(NOW)
    assert list_lasting() == []
    filler = tmp_path / "old-backup"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, taken * MEGABYTE)
    for minute in range(2):
        check_standing(NOW + minute * MINUTE)
    assert list_lasting() == ["disk-full"]
    filler.unlink()
    check_standing(NOW + 3 * MINUTE)
    assert list_lasting() == []


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A Redis or Valkey of its own, which can be stopped and started."""
    program, _ = find_redis(tmp_path)
    running: list[subprocess.Popen[bytes]] = []
    sock = f"/tmp/offprint-broker-{os.getpid()}.sock"  # a path of a socket is short

    def answers() -> bool:
        try:
            return bool(redis.Redis(unix_socket_path=sock).ping())
        except redis.ConnectionError:
            return False

    def start() -> None:
        words = [str(program), "--port", "0", "--unixsocket", sock, "--save", ""]
        null = subprocess.DEVNULL
        running.append(subprocess.Popen(words, cwd=tmp_path, stdout=null, stderr=null))
        wait_for(answers, "the broker")

    def stop() -> None:
        running[-1].terminate()
        running[-1].wait()

    start()
    yield SimpleNamespace(start=start, stop=stop, url=f"redis+socket://{sock}")
    stop()
    Path(sock).unlink(missing_ok=True)


@pytest.mark.services
def test_a_broker_that_is_stopped_is_told_once_until_it_runs_again(broker: Any) -> None:
    watch = BrokerWatch(connect=lambda: Connection(broker.url))
    watch.look(NOW)
    broker.stop()
    for minute in range(1, 4):
        watch.look(NOW + minute * MINUTE)
    alarm = OperatorAlarm.objects.get()
    assert (alarm.kind, alarm.resolved_at, alarm.told_at) == ("broker-away", None, NOW + 2 * MINUTE)
    broker.start()
    watch.look(NOW + 4 * MINUTE)
    assert list_lasting() == []
