"""Make the share image and the icon for phones: a part of `make pictures`.

Both are set in the page's own type and colours and photographed by the browser of the tests. Only
the font and the favicon of this repository are read; nothing is served and nothing is fetched.
"""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
LINES = [
    ("1", 0.86, 0.55, "M0 22 L16 19 L32 12 L48 4", 4),
    ("2", 0.72, 0.44, "M0 20 L16 17 L32 13 L48 9", 9),
    ("3", 0.79, 0.5, "M0 18 L16 17 L32 15 L48 13", 13),
]


def main() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    from chromium import VARIABLE, find_chromium  # noqa: PLC0415 (beside this file)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (a tool of developers)
    from squeeze import squeeze  # noqa: PLC0415 (beside this file)

    program = find_chromium()[VARIABLE]
    options: dict[str, Any] = {} if program == "playwright" else {"executable_path": program}
    options["args"] = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for name, width, height, html in pictures():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_content(html)
            page.evaluate("document.fonts.ready")
            (STATIC / name).write_bytes(squeeze(page.screenshot()))
            print(f"static/{name}: {(STATIC / name).stat().st_size / 1000:.0f} kB")
        browser.close()


def pictures() -> list[tuple[str, int, int, str]]:
    """Name, width, height in pixels, and what is photographed."""
    icon = (STATIC / "favicon.svg").read_text()
    sheet = "body{margin:0;background:#f3f0e8}svg{display:block;margin:18px;width:144px}"
    return [
        ("share.png", 1200, 630, share_page()),
        ("icon.png", 180, 180, f"<style>{sheet}</style>{icon}"),
    ]


def share_page() -> str:
    font = b64encode((STATIC / "fonts" / "source-serif-4-latin.woff2").read_bytes()).decode()
    entries = "".join(_entry(*line) for line in LINES)
    return f"""<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: S; font-weight: 200 900; src: url(data:font/woff2;base64,{font}) }}
body {{ margin: 0; padding: 64px 88px; background: #fcfbf7; color: #1d1c1a; font: 400 34px/1.3 S }}
h1 {{ margin: 0 0 26px; font-size: 124px; line-height: 1; letter-spacing: -.015em }}
h1 b {{ color: #a8321a }}
p {{ margin: 0 0 56px; font-size: 40px }}
div {{ display: flex; align-items: center; gap: 34px; height: 88px; border-top: 2px solid #e0ddd5 }}
i {{ width: 30px; text-align: right; color: #66625a; font-style: normal }}
span {{ flex: 1 }}
u {{ display: block; height: 14px; margin: 9px 0; border-radius: 3px; background: #1d1c1a }}
u + u {{ height: 9px; background: #c9c5bb }}
svg {{ width: 132px; overflow: visible; fill: none; stroke: #1d1c1a; stroke-width: 1.4 }}
circle {{ fill: #a8321a; stroke: none }}
</style><h1>Offprint<b>.</b></h1>
<p>New research papers in your topics, one mail a day.</p>{entries}"""


def _entry(place: str, title: float, byline: float, path: str, end: int) -> str:
    """One line of the contents: bars stand for its words, and the trend is drawn."""
    bars = "".join(f'<u style="width:{share:.0%}"></u>' for share in (title, byline))
    line = f'<svg viewBox="0 0 48 24"><path d="{path}"/><circle cx="48" cy="{end}" r="3"/></svg>'
    return f"<div><i>{place}</i><span>{bars}</span>{line}</div>"


if __name__ == "__main__":
    main()
