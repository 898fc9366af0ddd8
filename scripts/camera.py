"""The site on loopback and a browser that photographs its pages, for `scripts/pictures.py`."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDE, MAIL, NARROW = (1280, 900), (640, 900), (375, 812)
LONGEST = {1280: 1100, 375: 1250}  # of a page, by its width, in CSS pixels


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


@dataclass(frozen=True)
class Scene:
    """One page in one state, once what is `typed` and `ticked` stands in it and one button was
    `pressed`: photographed wide and narrow, and in the dark where that shows more.

    `template` stands for pages that no address leads to. `typed` are labels and texts.
    """

    name: str
    path: str = "/"
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)  # of the template
    typed: tuple[tuple[str, str], ...] = ()
    ticked: str = ""
    pressed: str = ""
    waits_for: str = ""  # a selector: it is there when the page is
    is_dark_too: bool = False
    for_staff: bool = False


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


@contextmanager
def browser() -> Iterator[Any]:
    """The machine's browser, until the block ends."""
    from chromium import VARIABLE, find_chromium  # noqa: PLC0415 (beside this file)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    program = find_chromium()[VARIABLE]
    if not program:
        raise SystemExit("Without a browser there are no pictures: install the package chromium.")
    options: dict[str, Any] = {} if program == "playwright" else {"executable_path": program}
    options["args"] = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**options)
        yield started
        started.close()


def take_pictures(started: Any, address: str, pictures: Sequence[Picture], now: datetime) -> None:
    for picture in pictures:
        page = _page(started, picture.size, picture.scheme, now)
        page.goto(address + picture.path)
        _keep(page, picture.name, is_whole=picture.is_whole)
        page.context.close()


def take_scenes(
    started: Any, address: str, scenes: Sequence[Scene], password: str, now: datetime
) -> None:
    page, is_signed_in = _page(started, WIDE, "light", now), False
    # Those of staff come last: who has signed in would take the cookie to every other page.
    for scene in sorted(scenes, key=lambda scene: scene.for_staff):
        if scene.for_staff and not is_signed_in:
            is_signed_in = _sign_in(page, address, password)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        _set(page, address, scene)
        for width, longest in LONGEST.items():
            for scheme in ("light", "dark") if scene.is_dark_too else ("light",):
                _fit(page, width, longest, scheme, reload=scene.for_staff)
                _keep(page, f"pages/{scene.name}-{width}-{scheme}")
    page.context.close()


def _set(page: Any, address: str, scene: Scene) -> None:
    if scene.template:
        _stand_in(page, f"{address}/pictured", scene)
    page.goto(f"{address}/pictured" if scene.template else address + scene.path)
    for label, text in scene.typed:
        page.get_by_label(label, exact=True).fill(text)
    if scene.ticked:
        page.get_by_label(scene.ticked).check()
    if scene.pressed:
        page.get_by_role("button", name=scene.pressed, exact=True).click()
    if scene.waits_for:
        page.locator(scene.waits_for).first.wait_for()
    page.wait_for_load_state("networkidle")


def _stand_in(page: Any, url: str, scene: Scene) -> None:
    from django.template.loader import render_to_string  # noqa: PLC0415 (after django.setup)
    from django.test import RequestFactory  # noqa: PLC0415

    body = render_to_string(scene.template, dict(scene.context), RequestFactory().get("/pictured"))
    page.unroute_all()
    page.route(url, lambda route: route.fulfill(body=body, content_type="text/html"))


def _sign_in(page: Any, address: str, password: str) -> bool:
    page.goto(f"{address}/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("networkidle")
    return True


def _fit(page: Any, width: int, longest: int, scheme: str, *, reload: bool) -> None:
    """As high a window as the page is long, within limits; what is in none is not painted."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": WIDE[1]})
    if reload:  # the admin's library asks for the scheme once
        page.reload()
    length = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(length, longest)})
    page.wait_for_load_state("networkidle")


def _page(started: Any, size: tuple[int, int], scheme: str, now: datetime) -> Any:
    context = started.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
    )
    # The site believes it is that morning, so the browser must, or its cookies have expired.
    context.clock.set_system_time(now)
    return context.new_page()


def _keep(page: Any, name: str, *, is_whole: bool = False) -> None:
    from squeeze import squeeze  # noqa: PLC0415 (beside this file)

    page.evaluate("document.fonts.ready")
    png = page.screenshot(animations="disabled", caret="hide", full_page=is_whole)
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(squeeze(png))
