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
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from camera import NARROW, PICTURES, ROOT, WIDE, Picture, served, take_all
from mail_pictures import Sent, send_mails

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
            pictures = [*sent.pictures, *_pages(sent, MORNING)]
            wanted = [p for p in pictures if not only or p.name.startswith(tuple(only))]
            password = _make_staff()
            with served() as address:
                take_all(address, wanted, password, MORNING)
    total = sum(path.stat().st_size for path in PICTURES.rglob("*.png"))
    print(f"{len(wanted)} pictures in {PICTURES.relative_to(ROOT)}, {total / 1e6:.1f} MB in all.")


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
    from digest import sample, score  # noqa: PLC0415 (after django.setup)

    sample.load_sample(now)
    _let_sources_speak()
    score.score_papers(now)


def _let_sources_speak() -> None:
    """The state that a poll would leave: one category came late."""
    from digest.models import Source  # noqa: PLC0415 (after django.setup)

    came, late = {"listed_on": "2026-04-23", "new": 95}, {"listed_on": "2026-04-22", "new": 0}
    freshness = {"cs.CL": came, "cs.CV": came, "cs.LG": came, "cs.RO": came, "cs.AI": late}
    note = "cs.AI: the list of Wednesday, today's follows tomorrow."
    samples = Source.objects.filter(kind="arxiv", url__contains="sample.offprint.invalid")
    samples.update(freshness=freshness, state="stale", note=note, is_active=True)


def _make_staff() -> str:
    """Somebody who may see the admin; returns the password."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 (after django.setup)

    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    return password


def _pages(sent: Sent, now: datetime) -> list[Picture]:
    from digest.models import Paper  # noqa: PLC0415 (after django.setup)
    from subscribers import emails  # noqa: PLC0415

    paper = Paper.objects.trending()[0]
    return [
        Picture("today-light", "/", WIDE),
        Picture("today-dark", "/", WIDE, "dark"),
        Picture("today-narrow", "/", NARROW),
        Picture("paper", f"/paper/{paper.identifier}/"),
        Picture("preferences", _path(emails.preferences_url(sent.reader.pk))),
        *_what_a_reader_says(sent.reader, now),
        Picture("digest-light", f"/outbox/{sent.letter}/html/", FIRST_SCREEN),
        Picture("outbox", f"/outbox/{sent.letter}/"),
        Picture("admin", "/admin/digest/paper/"),
        Picture("admin-deliveries", "/admin/digest/delivery/"),
    ]


def _path(url: str) -> str:
    return url.removeprefix("http://localhost")


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
    said = _path(emails.feedback_url(reader.pk))
    saved = _path(emails.reading_list_url(reader.pk))
    return [
        Picture("more", f"{said}more/{papers[0].pk}/"),
        Picture("mute-narrow-dark", f"{said}mute/{papers[0].pk}/", NARROW, "dark"),
        Picture("reading-list", saved),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
