"""Joined cards against Django's own render of the same compiled template.

Both set the same mails in the same run, their HTML and their text, and must come to equal bytes.
Django is given every advantage: its contexts, the papers put in words included, are made before
the clock starts. Prints one line for the bodies, which is what joining is about, and one for whole
messages, with links signed and headers made. Exit status 1 where the bodies are below 15 times.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
READERS, PAPERS, A_MAIL, ROUNDS = 100, 60, 10, 12
REACH = 15  # times as fast, at least
ABSTRACT = "We study diffusion policies that carry a robot far, and measure how far they go. " * 12


def main() -> int:
    sys.path.insert(0, str(ROOT))
    with TemporaryDirectory(prefix="offprint-bench-") as folder:
        _set_up(Path(folder))
        ratio = _compare()
    return 0 if ratio >= REACH else 1


def _set_up(folder: Path) -> None:
    """An empty database of our own: nothing of the developer's is read or written."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "SITE_URL": "https://papers.example.org",
        "SECRET_KEY": "only-for-this-run-and-long-enough-to-be-a-real-key-2f7c91",
        "LOG_LEVEL": "ERROR",
    } | dict.fromkeys(("REDIS_URL", "EMAIL_URL", "ANYMAIL_PROVIDER", "POSTAL_ADDRESS"), "")
    import django  # noqa: PLC0415 (reads the settings, so they come first)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _compare() -> float:
    from digest.render import Typesetter  # noqa: PLC0415
    from digest.render.card import Size  # noqa: PLC0415 (after django.setup)
    from digest.render.template_slots import load_template  # noqa: PLC0415
    from tests.whole_mail import context  # noqa: PLC0415

    deliveries = _deliveries()
    typesetter = Typesetter()
    messages = typesetter.render_all(deliveries)
    mails = [(d.digest.papers, typesetter.write_values(d, d.digest)) for d in deliveries]
    sizes = [Size.FULL] * A_MAIL
    contexts = [
        (context("html", items, sizes, values), context("text", items, sizes, values))
        for items, values in mails
    ]

    def join() -> Iterator[tuple[str, str]]:
        return (typesetter.render_bodies(items, values) for items, values in mails)

    def render() -> Iterator[tuple[str, str]]:
        html, text = load_template("html"), load_template("text")
        return (
            (html.render_whole(of_html), text.render_whole(of_text))
            for of_html, of_text in contexts
        )

    bodies = [(str(m.alternatives[0][0]), str(m.body)) for m in messages if m]
    if not bodies == list(join()) == list(render()):
        raise SystemExit("Joined and rendered mails differ: that is a bug, see tests/digest.")
    gc.collect()
    gc.freeze()  # what this program itself keeps is not looked at again and again
    works = [join, render, lambda: typesetter.render_each(deliveries)]
    joined, rendered, whole = _fastest(works)
    # Links, subject, headers, and what is read for a chunk: the same work whoever renders.
    around = whole - joined
    size = sum(len(html.encode()) for html, _ in bodies) // len(bodies)
    print(f"{READERS} mails of {A_MAIL} papers, {size / 1000:.1f} KB of HTML each, equal bytes.")
    _say("bodies", joined, rendered)
    _say("messages", whole, rendered + around)
    return rendered / joined


def _say(what: str, ours: float, theirs: float) -> None:
    unit = 1e6 / READERS
    print(
        f"join: {what:9}{ours * unit:7.0f} µs joined{theirs * unit:8.0f} µs Django"
        f"{theirs / ours:8.1f} x"
    )


def _fastest(works: Sequence[Callable[[], Iterator[Any]]]) -> list[float]:
    """CPU seconds of the quickest round of each, taken in turns: what else runs only adds."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            gc.collect()
            start = time.process_time()
            deque(work(), maxlen=0)  # each mail is let go when it is made
            best[place] = min(best[place], time.process_time() - start)
    return best


def _deliveries() -> list[Any]:
    """Deliveries as a day has them: papers in common, each reader's in an order of their own."""
    from digest.models import Delivery  # noqa: PLC0415
    from tests.factories import make_delivery, make_paper  # noqa: PLC0415

    papers = [
        make_paper(
            title=f"A Diffusion Policy for Slow Cameras and Fast Robots, Part {n}",
            abstract=ABSTRACT,
            authors=["Ada Adler", "Ben Berg", "Cleo Cruz", "Dan Dahl"],
            organization="Northlight Labs",
            categories=["cs.RO"],
            code_url=f"https://code.example.org/slow/{n}",
            code_stars=100 * n,
        )
        for n in range(PAPERS)
    ]
    for reader in range(READERS):
        items = [_item(papers[(reader + 7 * n) % PAPERS], n) for n in range(A_MAIL)]
        make_delivery(contents={"papers": items, "seen": 171, "sources": ["cs.RO: 95 new"]})
    return list(Delivery.objects.select_related("edition", "subscriber").order_by("pk"))


def _item(paper: Any, place: int) -> dict[str, Any]:
    return {
        "id": paper.pk,
        "section": "trending" if place < A_MAIL // 2 else "new",
        "topics": [[1, "diffusion policy", "Diffusion Policy"]],
        "evidence": "+41 votes since yesterday, 63 in all, 2nd day",
    }


if __name__ == "__main__":
    sys.exit(main())
