"""The site on loopback and a browser that photographs its pages, for `scripts/pictures.py`."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDE, MAIL, NARROW = (1280, 900), (640, 900), (375, 812)


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it: `size` is the window's, in CSS pixels.

    `name` is its path under docs/pictures/, without the ending.
    """

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"
    is_whole: bool = False  # from top to bottom, however long


@contextmanager
def served() -> Iterator[str]:
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


def take_all(address: str, pictures: Sequence[Picture], password: str, now: datetime) -> None:
    from chromium import VARIABLE, find_chromium  # noqa: PLC0415 (beside this file)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    program = find_chromium()[VARIABLE]
    if not program:
        raise SystemExit("Without a browser there are no pictures: install the package chromium.")
    options: dict[str, Any] = {} if program == "playwright" else {"executable_path": program}
    options["args"] = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for picture in pictures:
            _take(browser, address, picture, password, now)
        browser.close()


def _take(browser: Any, address: str, picture: Picture, password: str, now: datetime) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
    )
    # The site believes it is that morning, so the browser must, or its cookies have expired.
    context.clock.set_system_time(now)
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
    path = PICTURES / f"{picture.name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(squeeze(png))
    context.close()
