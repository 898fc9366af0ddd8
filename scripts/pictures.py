"""Make the pictures in the README and in docs/: `make pictures`.

Brings up the bundled sample on one fixed morning in a throwaway folder, sends some demo readers
their mail, serves the pages on loopback and photographs them. The day is fixed so that pictures
change only when the look does; nothing of yours is read or written, and all that was started is
stopped.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MORNING = datetime(2026, 4, 23, 12, 30, tzinfo=UTC)  # a Thursday
NEXT_MONDAY = datetime(2026, 4, 27, 6, 30, tzinfo=UTC)
FIRST, DAILY, WEEKLY, NEW = (f"{who}@example.org" for who in ("first", "reader", "week", "new"))
TOPICS = ["LLM agents", "diffusion", '"world model"', "retrieval", "robot manipulation"]
# Of the daily reader: some of what they find is talked about, some is not.
FEW_TOPICS = ['"world model"', "benchmark", "learning rates", "flood plains", "annotated reading"]
WIDE, MAIL, NARROW = (1280, 900), (640, 1180), (375, 812)


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it: `size` is the window's, in CSS pixels."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"
    is_whole: bool = False  # from top to bottom, however long


def main() -> None:
    sys.path.insert(0, str(ROOT))
    with TemporaryDirectory(prefix="offprint-pictures-") as folder:
        _set_up(Path(folder))
        import time_machine  # noqa: PLC0415 (a tool of developers, and slow to load)

        with time_machine.travel(MORNING):
            pictures, password = _send_the_mail()
            with _served() as address:
                _take_all(address, pictures, password)
    total = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"{len(pictures)} pictures in {PICTURES.relative_to(ROOT)}, {total / 1e6:.1f} MB.")


def _set_up(folder: Path) -> None:
    """Point every setting away from what the developer has, and make an empty database."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # Playwright runs an event loop in this thread; Django would take us for asynchronous.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "VAR_DIR": str(folder),
        "OUTBOX_DIR": str(folder / "outbox"),
        "DATABASE_URL": f"sqlite:///{folder / 'pictures.sqlite3'}",
        "SITE_URL": "http://localhost",
        "LOG_LEVEL": "ERROR",
    } | dict.fromkeys(("REDIS_URL", "EMAIL_URL", "ANYMAIL_PROVIDER", "POSTAL_ADDRESS"), "")
    import django  # noqa: PLC0415 (reads the settings, so they come first)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _send_the_mail() -> tuple[list[Picture], str]:
    """The day's pipeline for a few readers; the pages to photograph, and the admin's password."""
    from django.conf import settings  # noqa: PLC0415 (after django.setup)
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from digest import compose, deliver, match, sample, score  # noqa: PLC0415
    from digest.models import Paper  # noqa: PLC0415
    from digest.outbox import read_outbox  # noqa: PLC0415
    from subscribers import confirmation, emails, signup  # noqa: PLC0415

    now, outbox = timezone.now(), Path(settings.OUTBOX_DIR)
    sample.load_sample(now)
    _let_sources_speak()
    _sign_up(FIRST, TOPICS, "daily", since=None)
    reader = _sign_up(DAILY, FEW_TOPICS, "daily", since=now - timedelta(days=1))
    _sign_up(WEEKLY, TOPICS, "weekly", since=NEXT_MONDAY - timedelta(days=7))
    newcomer = signup.ask(NEW, signup.Wishes(topics=TOPICS), now)
    confirmation.send_confirmation(newcomer, now)
    score.score_papers(now)
    match.match_papers(now)
    for moment, address in ((now, FIRST), (now, DAILY), (NEXT_MONDAY, WEEKLY)):
        compose.compose_due(moment, only=address)
        deliver.deliver_planned(moment, only=address)
    for written in outbox.glob("*.eml"):
        os.utime(written, (now.timestamp(), now.timestamp()))  # the outbox goes by the file's date
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    letters = {letter.to: letter.name for letter in read_outbox(outbox)}
    paper = Paper.objects.trending()[0]
    return [
        *_pictures_of_mail("digest", letters[DAILY]),
        Picture("digest-whole", f"/outbox/{letters[DAILY]}/html/", MAIL, is_whole=True),
        *_pictures_of_mail("first", letters[FIRST]),
        *_pictures_of_mail("weekly", letters[WEEKLY]),
        *_pictures_of_mail("confirmation", letters[NEW]),
        Picture("today-light", "/", WIDE),
        Picture("today-dark", "/", WIDE, "dark"),
        Picture("today-narrow", "/", NARROW),
        Picture("paper", f"/paper/{paper.identifier}/"),
        Picture("preferences", emails.preferences_url(reader.pk).removeprefix("http://localhost")),
        *_what_a_reader_says(reader, now),
        Picture("outbox", f"/outbox/{letters[DAILY]}/"),
        Picture("admin", "/admin/digest/paper/"),
        Picture("admin-deliveries", "/admin/digest/delivery/"),
    ], password


def _what_a_reader_says(reader: Any, now: datetime) -> list[Picture]:
    """The pages behind the links below a paper, once some of them have been used."""
    from digest import feedback, reading_list  # noqa: PLC0415
    from digest.models import Delivery, Paper  # noqa: PLC0415
    from subscribers import emails  # noqa: PLC0415

    items = Delivery.objects.get(subscriber=reader, status="sent").contents["papers"][:3]
    papers = [Paper.objects.get(pk=item["id"]) for item in items]
    for paper in papers:
        reading_list.save(reader, paper, now)
    feedback.give(reader.pk, papers[0], "more", now)
    said = emails.feedback_url(reader.pk).removeprefix("http://localhost")
    saved = emails.reading_list_url(reader.pk).removeprefix("http://localhost")
    return [
        Picture("more", f"{said}more/{papers[0].pk}/"),
        Picture("mute-narrow-dark", f"{said}mute/{papers[0].pk}/", NARROW, "dark"),
        Picture("reading-list", saved),
    ]


def _pictures_of_mail(name: str, letter: str) -> list[Picture]:
    path = f"/outbox/{letter}/html/"
    return [
        Picture(f"{name}-light", path, MAIL),
        Picture(f"{name}-dark", path, MAIL, "dark"),
        Picture(f"{name}-narrow", path, NARROW),
        Picture(f"{name}-narrow-dark", path, NARROW, "dark"),
    ]


def _let_sources_speak() -> None:
    """The state that a poll would leave: one category came late."""
    from digest.models import Source  # noqa: PLC0415 (after django.setup)

    came, late = {"listed_on": "2026-04-23", "new": 95}, {"listed_on": "2026-04-22", "new": 0}
    freshness = {"cs.CL": came, "cs.CV": came, "cs.LG": came, "cs.RO": came, "cs.AI": late}
    note = "cs.AI: the list of Wednesday, today's follows tomorrow."
    samples = Source.objects.filter(kind="arxiv", url__contains="sample.offprint.invalid")
    samples.update(freshness=freshness, state="stale", note=note, is_active=True)


def _sign_up(address: str, topics: list[str], cadence: str, since: datetime | None) -> Any:
    """A reader of these topics who has had all news up to `since`; None: none yet."""
    from django.utils import timezone  # noqa: PLC0415 (after django.setup)

    from digest.models import Delivery, Edition  # noqa: PLC0415
    from subscribers import signup  # noqa: PLC0415

    now = timezone.now()
    wishes = signup.Wishes(topics=topics, timezone="Europe/Berlin", cadence=cadence)
    reader = signup.confirm(signup.ask(address, wishes, now), now)
    if since:
        reader.wants_everywhere, reader.next_digest_at = True, since
        reader.save(update_fields=["wants_everywhere", "next_digest_at"])
        edition, _ = Edition.objects.get_or_create(date=since.date())
        Delivery.objects.create(
            edition=edition,
            subscriber=reader,
            status=Delivery.Status.QUIET,
            quiet_reason=Delivery.Quiet.NOTHING_NEW,
            covers_until=since,
        )
    return reader


@contextmanager
def _served() -> Iterator[str]:
    """The site on a free port of this machine, until the block ends."""
    from django.core.servers.basehttp import get_internal_wsgi_application  # noqa: PLC0415
    from waitress import create_server, wasyncore  # noqa: PLC0415

    channels: dict[int, Any] = {}
    server = create_server(
        get_internal_wsgi_application(), host="127.0.0.1", port=0, threads=4, map=channels
    )
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            wasyncore.poll(0.05, channels)
        server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(channels)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stopping.set()
        thread.join()


def _take_all(address: str, pictures: list[Picture], password: str) -> None:
    from chromium import VARIABLE, find_chromium  # noqa: PLC0415 (beside this file)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    program = find_chromium()[VARIABLE]
    if not program:
        raise SystemExit("Without a browser there are no pictures: install the package chromium.")
    options: dict[str, Any] = {} if program == "playwright" else {"executable_path": program}
    options["args"] = ["--no-sandbox"] if os.geteuid() == 0 else []
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for picture in pictures:
            _take(browser, address, picture, password)
        browser.close()


def _take(browser: Any, address: str, picture: Picture, password: str) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
    )
    # The site believes it is that morning, so the browser must, or its cookies have expired.
    context.clock.set_system_time(MORNING)
    page = context.new_page()
    page.goto(address + picture.path)
    if picture.path.startswith("/admin/"):
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    from squeeze import squeeze  # noqa: PLC0415 (beside this file)

    png = page.screenshot(animations="disabled", caret="hide", full_page=picture.is_whole)
    (PICTURES / f"{picture.name}.png").write_bytes(squeeze(png))
    context.close()


if __name__ == "__main__":
    main()
