"""Make the pictures in the README: `make pictures`.

Brings up the bundled sample on one fixed morning in a throwaway folder, sends a demo reader the
digest, serves the pages on loopback and photographs them. The day is fixed so that pictures change
only when the look does; nothing of yours is read or written, and everything started is stopped.
"""

from __future__ import annotations

import os
import secrets
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MORNING = datetime(2026, 4, 23, 12, 30, tzinfo=UTC)  # a Thursday
READER = "reader@example.org"
TOPICS = ["LLM agents", "diffusion", '"world model"', "retrieval", "robot manipulation"]
WIDE, MAIL, NARROW = (1280, 900), (640, 1180), (375, 812)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it: `size` is the window's, in CSS pixels."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"


def main() -> None:
    sys.path.insert(0, str(ROOT))
    with TemporaryDirectory(prefix="offprint-pictures-") as folder:
        _set_up(Path(folder))
        import time_machine  # noqa: PLC0415 (a tool of developers, and slow to load)

        with time_machine.travel(MORNING):
            pictures, password = _send_the_digest()
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


def _send_the_digest() -> tuple[list[Picture], str]:
    """The day's pipeline for one reader; the pages to photograph, and the admin's password."""
    from django.conf import settings  # noqa: PLC0415 (after django.setup)
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from digest import compose, deliver, match, sample, score  # noqa: PLC0415
    from digest.models import Delivery, Paper  # noqa: PLC0415
    from subscribers import emails, signup  # noqa: PLC0415

    now = timezone.now()
    sample.load_sample(now)
    wishes = signup.Wishes(topics=TOPICS, timezone="Europe/Berlin")
    reader = signup.confirm(signup.ask(READER, wishes, now), now)
    score.score_papers(now)
    match.match_papers(now)
    compose.compose_due(now)
    deliver.deliver_planned(now)
    for written in Path(settings.OUTBOX_DIR).glob("*.eml"):
        os.utime(written, (now.timestamp(), now.timestamp()))  # the outbox goes by the file's date
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    letter = Delivery.objects.get(subscriber=reader, status="sent").key
    mail, paper = f"/outbox/{letter}.eml/html/", Paper.objects.trending()[0]
    return [
        Picture("digest-light", mail, MAIL),
        Picture("digest-dark", mail, MAIL, "dark"),
        Picture("digest-narrow", mail, NARROW),
        Picture("digest-narrow-dark", mail, NARROW, "dark"),
        Picture("today-light", "/", WIDE),
        Picture("today-dark", "/", WIDE, "dark"),
        Picture("today-narrow", "/", NARROW),
        Picture("paper", f"/paper/{paper.identifier}/"),
        Picture("preferences", emails.preferences_url(reader.pk).removeprefix("http://localhost")),
        *_what_a_reader_says(reader, now),
        Picture("outbox", "/outbox/"),
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
    png = page.screenshot(animations="disabled", caret="hide")
    (PICTURES / f"{picture.name}.png").write_bytes(squeeze(png))
    context.close()


def squeeze(png: bytes) -> bytes:
    """The same picture, its pixels packed as tightly as zlib can; what only describes it goes."""
    chunks, at = list[tuple[bytes, bytes]](), len(PNG_SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + size]))
        at += size + 12
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    packer = zlib.compressobj(9, memLevel=9)
    packed = packer.compress(pixels) + packer.flush()
    header = next(body for kind, body in chunks if kind == b"IHDR")
    kept = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(_chunk(kind, body) for kind, body in kept)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    main()
