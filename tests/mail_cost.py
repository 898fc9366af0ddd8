"""What a mail costs in CPU, from its row to the provider: `python -m tests.mail_cost`.

Sets and hands over the mails of one day: 2,000 papers, 2,000 topics of which few are followed by
most (Zipf), 2,000 readers with 1 to 20 of them, up to ten papers a mail, as many reasons each as
the reader's topics give. The texts are made up with a seed; `--texts FILE` takes real ones, a line
of JSON each with title, abstract and keywords. The provider is a Postmark on loopback in a process
of its own, whose CPU is not counted. Prints a table; every figure is CPU time of this process.

DATABASE_URL names an empty database; without it there is one in a folder of its own.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PAPERS, TOPICS, READERS, MOST_TOPICS, A_MAIL, CHUNK = 2_000, 2_000, 2_000, 20, 10, 8
STORED = {"version": 1, "seen": 412, "sources": ["cs.CL: 95 new."], "number": 212}
STORED |= {"lists": "arXiv, Hugging Face", "cadence": "daily"}
NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)
SYLLABLES = "al be con dif er fu gra hi in jo ker la mo net op pro qua re sta tion ul ver wa xi yo"
# Everything of a run that reads and writes rows, timed apart.
ROWS = [
    "claim",
    "claim_call",
    "begin_calls",
    "mark_results",
    "give_back",
    "note_alive",
    "find_reason_to_wait",
]


def main() -> int:
    options = _read_options()
    with TemporaryDirectory(prefix="offprint-cost-") as folder, _run_sink() as url:
        _set_up(Path(folder), url)
        _fill(options)
        _measure(options.short)
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("papers", PAPERS), ("topics", TOPICS), ("readers", READERS)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--short", action="store_true", help="single mails alone")
    return parser.parse_args()


def _set_up(folder: Path, url: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "",
        "VAR_DIR": str(folder),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'cost.sqlite3'}",
        "SITE_URL": "https://papers.example.org",
        "SECRET_KEY": "only for this run",
        "LOG_LEVEL": "ERROR",
        "DEBUG": "false",
        "ANYMAIL_PROVIDER": "postmark",
        "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
        "ANYMAIL_WEBHOOK_SECRET": "a:b",
        "CANARY_MINUTES": "0",
    } | dict.fromkeys(("REDIS_URL", "EMAIL_URL", "POSTAL_ADDRESS"), "")
    import django  # noqa: PLC0415 (reads the settings, so they come first)
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    settings.ANYMAIL["POSTMARK_API_URL"] = url
    call_command("migrate", verbosity=0, interactive=False)


# -- the day's mails -------------------------------------------------------------------------------


def _fill(options: argparse.Namespace) -> None:
    from digest.models import Delivery, Edition, EditionFlight, Paper  # noqa: PLC0415
    from subscribers.models import Subscriber  # noqa: PLC0415

    dice = random.Random(1)
    texts = _read_texts(options.texts) if options.texts else _make_texts(dice)
    rows = list(islice(texts, options.papers))
    topics = [word for word, _ in Counter(w for row in rows for w in row["keywords"]).most_common()]
    papers = Paper.objects.bulk_create([_make_paper(n, row) for n, row in enumerate(rows)])
    found = _find_topics(papers, topics[: options.topics])
    edition = Edition.objects.create(date=NOW.date())
    EditionFlight.objects.create(edition=edition, since=NOW, state="flying")
    readers = Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.org", status="active", confirmed_at=NOW)
        for n in range(options.readers)
    )
    popular = [1 / rank for rank in range(1, len(found) + 1)]
    deliveries = []
    for reader in readers:
        asked = range(dice.randint(1, MOST_TOPICS))
        followed = {dice.choices(range(len(found)), popular)[0] for _ in asked}
        items = _choose(followed, found, dice)
        if items:
            stored = STORED | {"papers": items}
            deliveries.append(
                Delivery(edition=edition, subscriber=reader, contents=stored, covers_until=NOW)
            )
    Delivery.objects.bulk_create(deliveries)


def _make_texts(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Texts of made-up words, the frequent ones short, with some terms that topics are made of."""
    parts = SYLLABLES.split()
    words = ["".join(dice.choices(parts, k=1 + rank // 1500)) for rank in range(6_000)]
    often = [1 / (rank + 3) for rank in range(len(words))]
    terms = [" ".join(dice.choices(words[1500:], k=dice.randint(1, 3))) for _ in range(3_000)]
    common = [1 / (rank + 60) for rank in range(len(terms))]
    while True:
        mine = dice.choices(terms, common, k=7)
        sentences = []
        for _ in range(dice.randint(5, 11)):
            said = dice.choices(words, often, k=dice.randint(12, 28))
            said.insert(dice.randrange(len(said)), dice.choice(mine))
            sentences.append(" ".join(said).capitalize() + ".")
        title = " ".join([*dice.choices(words, often, k=8), mine[0]]).title()
        yield {"title": title, "abstract": " ".join(sentences), "keywords": mine}


def _read_texts(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    yield from (row for row in rows if row["title"] and row["abstract"])


def _make_paper(n: int, row: dict[str, Any]) -> Any:
    from digest.models import Paper  # noqa: PLC0415

    return Paper(
        identifier=f"arxiv:2604.{n:05}", title=row["title"][:500], folded_title=f"{n}",
        abstract=row["abstract"], summary=row["abstract"].split(". ")[0] if n % 3 == 0 else "",
        authors=[f"Author {n} {k}" for k in range(1 + n % 7)],
        organization="Northlight Labs" if n % 4 == 0 else "",
        url=f"https://arxiv.org/abs/2604.{n:05}",
        code_url=f"https://code.example.org/{n}" if n % 3 else "", code_stars=n if n % 3 else None,
        categories=["cs.CL", "cs.LG"], published_at=NOW, first_seen_at=NOW, news_at=NOW,
    )  # fmt: skip


def _find_topics(papers: Sequence[Any], topics: Sequence[str]) -> list[tuple[str, dict[int, str]]]:
    """The topics that some papers hold: where each stands, as those papers spell it."""
    forms = [(paper, f" {paper.title} {paper.abstract} ".lower()) for paper in papers]
    found = []
    for topic in topics:
        needle = f" {topic.lower()} "
        held = {
            paper.pk: f"{paper.title} {paper.abstract} "[at : at + len(topic)]
            for paper, form in forms
            if (at := form.find(needle)) >= 0
        }
        if held:
            found.append((topic, held))
    return sorted(found, key=lambda pair: -len(pair[1]))


def _choose(followed: set[int], found: Sequence[Any], dice: random.Random) -> list[dict[str, Any]]:
    reasons: dict[int, list[list[Any]]] = {}
    for topic in sorted(followed):
        for pk, where in found[topic][1].items():
            reasons.setdefault(pk, []).append([topic + 1, found[topic][0], where])
    # Some papers are much talked of, and come to everybody whose topics found them.
    best = sorted(reasons, key=lambda pk: (pk * 7919 % 13, dice.random()))
    items = []
    for place, pk in enumerate(best[: min(A_MAIL, dice.randint(4, 14))]):
        item = {"id": pk, "section": "trending" if place < 2 else "new", "topics": reasons[pk]}
        items.append(item | {"evidence": f"{pk % 7} votes" if pk % 3 else "", "stars": pk,
                             "lacks": "" if pk % 3 == 0 else "s"})  # fmt: skip
    return items


# -- what they cost --------------------------------------------------------------------------------


def _measure(is_short: bool) -> None:
    from digest.deliver.provider.send import Provider  # noqa: PLC0415
    from digest.models import Delivery  # noqa: PLC0415
    from digest.render import Typesetter  # noqa: PLC0415

    rows = Delivery.objects.select_related("subscriber", "edition").order_by("pk")
    deliveries = list(rows)
    _describe_day(deliveries)
    # A few mails in windows of a millisecond or two: longer ones hold other programs' work too.
    first, count, warm = deliveries[:CHUNK], CHUNK, Typesetter()
    built = warm.render_all(first)
    mails = [(d.digest.papers, warm.write_values(d, d.digest)) for d in first]
    cards = len({item for delivery in first for item in delivery.digest.papers})
    _say("a card, nothing kept", _best(lambda: Typesetter().render_all(first), 4, _forget), cards)
    _say("a mail, new run, same process", _best(lambda: Typesetter().render_all(first)), count)
    _say("a mail, warm cards: the message", _best(lambda: warm.render_all(first)), count)
    _say("   its HTML and text", _best(lambda: [warm.render_bodies(*m) for m in mails]), count)
    write = warm.write_values
    _say("   what stands around", _best(lambda: [write(d, d.digest) for d in first]), count)
    _say("its row loaded", _best(lambda: list(rows.all()[:CHUNK])), count)
    with Provider() as provider:
        provider._open_connection()
        payload = _best(lambda: [provider._build_call(mail) for mail in built if mail])
    _say("anymail's payload and its JSON", payload, count)
    if is_short:
        return
    _forget()
    day = _time(lambda: _set(Typesetter(), deliveries))
    _say("all mails of the day set once", day, len(deliveries))
    _deliver(len(deliveries))


def _describe_day(deliveries: Sequence[Any]) -> None:
    items = [item for delivery in deliveries for item in delivery.digest.papers]
    papers = {item.paper_id for item in items}
    many = sum(len(item.reasons) >= 5 for item in items)
    said = f"{len(items)} cards, {len(set(items))} different, of {len(papers)} papers"
    print(f"{len(deliveries)} mails, {said}, {many} with five reasons or more")


def _forget() -> None:
    """Let the process keep nothing of cards, as far as it ever does."""
    from digest.render import card, header_footer, paper_card, paper_lines  # noqa: PLC0415

    for module in (card, header_footer, paper_card, paper_lines):
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear") and kept.__module__ == module.__name__:
                kept.cache_clear()


def _set(typesetter: Any, deliveries: Sequence[Any]) -> list[Any]:
    """In chunks, as a run has them."""
    chunks = [deliveries[at : at + 100] for at in range(0, len(deliveries), 100)]
    return [mail for chunk in chunks for mail in typesetter.render_all(chunk)]


def _best(
    work: Callable[[], Any], rounds: int = 60, before: Callable[[], Any] = gc.disable
) -> float:
    """CPU seconds of the quickest of some rounds: whatever else the machine does only adds."""
    return min(_time(work, before) for _ in range(rounds))


def _deliver(count: int) -> None:
    """A whole run, twice: the second finds what the process has kept."""
    from digest.deliver import deliver_planned, hand_over  # noqa: PLC0415
    from digest.models import Delivery  # noqa: PLC0415

    spent = [0.0]
    for name in ROWS:
        setattr(hand_over, name, _watch(getattr(hand_over, name), spent))
    for which in ("first", "next"):
        planned = {"status": "planned", "sent_at": None, "maybe_sent_at": None, "message_id": ""}
        Delivery.objects.update(**planned)
        spent[0] = 0.0
        reports: list[Any] = []
        taken = _time(partial(_run, deliver_planned, reports))
        if reports[-1].counts != {"sent": count}:
            raise SystemExit(f"Not all were sent: {reports[-1]}")
        _say(f"deliver, {which} run: all", taken, count)
        _say("   of it rows claimed, begun and marked", spent[0], count)
        _say("   all else", taken - spent[0], count)


def _run(deliver_planned: Callable[..., Any], reports: list[Any]) -> None:
    reports.append(deliver_planned(NOW))


def _watch(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[0] += time.thread_time() - start

    return timed


def _time(work: Callable[[], Any], before: Callable[[], Any] = gc.enable) -> float:
    """CPU seconds of this process, all its threads."""
    before()
    start = time.process_time()
    work()
    return time.process_time() - start


def _say(what: str, seconds: float, count: int) -> None:
    print(f"{what:42}{seconds / count * 1e6:9.1f} µs a mail", flush=True)


# -- the provider ----------------------------------------------------------------------------------


@contextmanager
def _run_sink() -> Iterator[str]:
    """A Postmark that takes everything, in a process of its own."""
    command = [sys.executable, "-m", "tests.mail_cost_sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(sink.stdout.readline())}/"
        finally:
            sink.terminate()


if __name__ == "__main__":
    sys.exit(main())
