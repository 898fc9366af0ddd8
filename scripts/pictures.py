"""Make the pictures in the README and in docs/: `make pictures`.

Brings up the bundled sample on one fixed morning in a throwaway folder, sends some demo readers
their mail, serves the pages on loopback and photographs them. The day is fixed so that pictures
change only when the look does; nothing of yours is read or written, and all that was started is
stopped.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from camera import PICTURES, ROOT, WIDE, Picture, browser, served, take_pictures, take_scenes
from mail_pictures import Sent, send_mails
from page_pictures import make_staff, scenes

FIRST_SCREEN = (640, 1180)  # of the README's mail
MORNING = datetime(2026, 4, 23, 12, 30, tzinfo=UTC)  # a Thursday


def main(only: Sequence[str]) -> None:
    """Every picture, or those whose names begin with one of `only`: `mails/`, `today`."""
    sys.path.insert(0, str(ROOT))
    with TemporaryDirectory(prefix="offprint-pictures-") as folder:
        _set_up(Path(folder))
        import time_machine  # noqa: PLC0415 (a tool of developers, and slow to load)

        with time_machine.travel(MORNING):
            _bring_in_papers(MORNING)
            sent = send_mails(MORNING)
            pages = [scene for scene in scenes(sent, MORNING) if _is_wanted(scene.name, only)]
            mails = [*sent.pictures, *_of_the_readme(sent)]
            pictures = [picture for picture in mails if _is_wanted(picture.name, only)]
            password = make_staff()
            with served() as address, browser() as started:
                take_pictures(started, address, pictures, MORNING)
                take_scenes(started, address, pages, password, MORNING)
    kept = list(PICTURES.rglob("*.png"))
    size = sum(path.stat().st_size for path in kept)
    print(f"{len(kept)} pictures in {PICTURES.relative_to(ROOT)}, {size / 1e6:.1f} MB in all.")


def _is_wanted(name: str, only: Sequence[str]) -> bool:
    return not only or name.startswith(tuple(only))


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


def _bring_in_papers(now: datetime) -> None:
    from digest import score  # noqa: PLC0415 (after django.setup)
    from digest.management.sample import load  # noqa: PLC0415 (after django.setup)
    from digest.watch.daily_figures import update_figures  # noqa: PLC0415 (after django.setup)

    load.load_sample(now)
    _let_sources_speak()
    score.score_papers(now)
    update_figures(now)


def _let_sources_speak() -> None:
    """The state that a poll would leave: one category came late."""
    from digest.models import Source  # noqa: PLC0415 (after django.setup)

    came, late = {"listed_on": "2026-04-23", "new": 95}, {"listed_on": "2026-04-22", "new": 0}
    freshness = {"cs.CL": came, "cs.CV": came, "cs.LG": came, "cs.RO": came, "cs.AI": late}
    note = "cs.AI: the list of Wednesday, today's follows tomorrow."
    samples = Source.objects.filter(kind="arxiv", url__contains="sample.offprint.invalid")
    samples.update(freshness=freshness, state="stale", note=note, is_active=True)


def _of_the_readme(sent: Sent) -> list[Picture]:
    return [
        Picture("digest-light", f"/outbox/{sent.letter}/html/", FIRST_SCREEN),
        Picture("today-light", "/", WIDE),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
