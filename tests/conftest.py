"""Fixtures for every test, and the fence: no test speaks to anything but this machine."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect
from whitenoise.middleware import WhiteNoiseMiddleware

from digest.deliver.after_restore import start_check
from digest.ingest.sources import sandbox
from digest.management.archive.manifest import ArchiveError
from digest.management.archive.postgresql_dump import find_program
from digest.match.process_cache import process_cache
from digest.watch import clock, recent_time
from digest.web.page_store import answer_store, page_store
from subscribers import database_clock, site_look
from tests.factories import NOW
from tests.fake_clocks import clocks
from tests.passes import mark_for_passes, refuse_cache
from tests.properties import settle_examples
from tests.running import PATIENCE_SECONDS

_folder_number = count(1)

# Playwright keeps an event loop running in the tests' own thread. Django takes that for
# asynchronous code and would refuse the database to every test that comes after.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


__all__ = ["clocks"]  # a fixture for all


class OutsideTraffic(AssertionError):
    """A test tried to reach an address that is not loopback."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    try:
        return ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        return bool(address[0] == "localhost")


@pytest.fixture(scope="session", autouse=True)
def fence() -> Iterator[None]:
    """Any connection outside the loopback range fails the test that made it."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            real = getattr(socket.socket, method)

            def guarded(self: socket.socket, address: Any, _real: Any = real) -> Any:
                if not _is_local(address):
                    raise OutsideTraffic(f"A test tried to connect to {address}.")
                return _real(self, address)

            patch.setattr(socket.socket, method, guarded)
        yield


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """The feed parser's own process may take its time on a busy machine."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = sandbox.parse_in_child.__kwdefaults__
        patch.setitem(defaults, "wall_seconds", PATIENCE_SECONDS)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """The files that WhiteNoise serves are looked through once in a process, by WhiteNoise itself.

    Each test's client is a service of its own, which would look through them anew: 15 ms of
    processor time, in more than a thousand tests.
    """
    look_through = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def add_files(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look_through(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folders")


@pytest.fixture(autouse=True)
def private_folders(folders: Path) -> None:
    """A test's own outbox, and its own marks of what was mailed: no other's promises hold it.

    What is written first makes them. pytest's own `tmp_path` looks through all folders before to
    number a new one, and few of the thousands of tests write any. The next test names its own, so
    that nothing has to be put back.
    """
    own = folders / str(next(_folder_number))
    django_settings.OUTBOX_DIR = own / "outbox"
    django_settings.HIGH_WATER_DIR = own / "high_water"
    django_settings.CANARY_MINUTES = 0  # only tests/digest/flight waits for one


@pytest.fixture(autouse=True)
def checked_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test's first mail waits for what the service looks at when it starts."""
    monkeypatch.setitem(start_check._starting, "is_due", False)


def pytest_configure() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell lets what it runs in the background ignore Ctrl-C, and whatever that starts: some
        # tests send it to what they started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _choose_redis_database()
    _hash_quickly()


def _hash_quickly() -> None:
    """Half a second for each password is for those who guess."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _choose_redis_database() -> None:
    """Tests that run side by side share one Redis: each process gets a database of its own."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not number or not django_settings.REDIS_URL:
        return
    url = f"{django_settings.REDIS_URL}?virtual_host={number}"
    django_settings.REDIS_URL = django_settings.CELERY_BROKER_URL = url
    django_settings.CACHES["default"]["LOCATION"] += f"?db={number}"


@pytest.fixture(autouse=True)
def shipped_look() -> None:
    """Pages and mails look as shipped, and no test is asked for a row of it, until one saves it."""
    site_look.kept.look, site_look.kept.fresh_until = site_look.Look(), float("inf")


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """No test meets what another one counted or remembered."""
    cache.clear()
    process_cache.forget_all()
    recent_time.forget_recent_now()
    page_store.forget_all()
    answer_store.forget_all()


@pytest.fixture(autouse=True)
def serverless_fence(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, fresh_cache: None
) -> Iterator[None]:
    """What one pass alone runs asks nothing that is another thing in the other pass."""
    if request.node.get_closest_marker("serverless"):
        with refuse_cache(monkeypatch, request.node.nodeid):
            yield
    else:
        yield


@pytest.fixture(autouse=True)
def agreeing_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's clock stands or leaps as it likes, and nothing takes that for a clock set wrong."""
    clocks = clock.Clocks(
        read_wall=timezone.now,
        read_up_time=lambda: timezone.now() - datetime(2000, 1, 1, tzinfo=UTC),
        read_boot_id=lambda: "test",
    )
    monkeypatch.setattr(clock, "CLOCKS", clocks)
    monkeypatch.setattr(database_clock, "read_database_time", timezone.now)


@pytest.fixture
def that_wednesday() -> Iterator[None]:
    """The clock stands at the NOW of the factories."""
    with time_machine.travel(NOW, tick=False):
        yield


def chromium() -> str:
    """A path, "playwright" for its own download, or "" for none; `make test` says which."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), "")
    return os.environ.get("BROWSER_FOR_TESTS", found)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    mark_for_passes([item])


def pytest_collection_finish() -> None:
    """What was loaded and collected stays to the end, so looking for garbage in it is in vain."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Those with a browser leave an empty database behind, without even the default sources, so they
    # come last; pytest had put them together with the first test that asks for the same browser.
    # Long ones come first, so that no process is left alone with one at the end.
    items.sort(key=_place_in_order)
    for marker, reason in absent().items():
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _place_in_order(item: pytest.Item) -> tuple[bool, bool]:
    is_long = item.get_closest_marker("long") is not None
    return item.get_closest_marker("browser") is not None, not is_long


def absent() -> dict[str, str]:
    """By marker, why what it asks for is not there."""
    found = {}
    if not chromium():
        found["browser"] = "No Chromium is installed, so nothing was tried in a browser."
    database = django_settings.DATABASES["default"]["ENGINE"]
    if not django_settings.REDIS_URL or not database.endswith("postgresql"):
        found["services"] = "It needs a real PostgreSQL and Redis: `make test` provides them."
    return found


settle_examples()

# A busy machine may take its time over a page; nobody waits longer than the page needs.
BROWSER_PATIENCE_MS = PATIENCE_SECONDS * 1000
expect.set_options(timeout=BROWSER_PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The installed Chromium, able to run as root, and inside the fence like everything else."""
    program = chromium()
    own = {} if program == "playwright" else {"executable_path": program}
    unwanted = [
        "background-networking",
        "component-update",
        "sync",
        "domain-reliability",
        "quic",
        "gpu",
    ]
    return {
        **browser_type_launch_args,
        **own,
        "args": [
            *(f"--disable-{name}" for name in unwanted),
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ],
    }


@pytest.fixture
def dump_programs() -> None:
    """PostgreSQL's own programs must be there, and as new as the server."""
    if connection.vendor == "postgresql":
        try:
            find_program("pg_dump")
        except ArchiveError as error:
            pytest.skip(str(error))
