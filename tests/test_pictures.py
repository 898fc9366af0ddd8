"""What the pages of the documentation show is there, and what is there is shown."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
PICTURE = re.compile(r"""(?:\]\(|src="|href=")([^")\s]*\.png)""")


def shown(page: Path) -> set[Path]:
    return {(page.parent / found).resolve() for found in PICTURE.findall(page.read_text())}


def test_every_picture_that_is_shown_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    missing = {picture for page in pages for picture in shown(page) if not picture.exists()}
    assert missing == set()


def test_every_picture_of_a_page_is_shown_with_a_sentence() -> None:
    taken = set((ROOT / "docs" / "pictures" / "pages").glob("*.png"))
    assert taken == shown(ROOT / "docs" / "pages.md")
    for line in (ROOT / "docs" / "pages.md").read_text().splitlines():
        if ".png" in line:
            assert line.split("|")[1].strip().endswith((".", "`."))


def test_pictures_do_not_weigh_the_repository_down() -> None:
    pictures = (ROOT / "docs" / "pictures").rglob("*.png")
    assert sum(picture.stat().st_size for picture in pictures) < 10_000_000
