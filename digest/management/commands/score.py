import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.identifiers import identify, read_arxiv_number
from digest.management import trend_tables
from digest.management.now_option import add_now, read_now
from digest.models import Merger, Paper
from digest.score import score_papers
from digest.score.signals import WINDOW
from digest.score.stage import WEIGHTS

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Give every recent paper its trend: how much it is talked about now. Or print what one "
        "paper's trend is made of, or how other weights would order the papers of a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--explain",
            metavar="PAPER",
            help="Print the parts of one paper's trend: 2604.01234, doi:10.…, or an address.",
        )
        parser.add_argument(
            "--weights",
            metavar="W",
            help="Try other weights, such as votes=2,stars=0, and print how the ranks change.",
        )
        parser.add_argument(
            "--trending",
            action="store_true",
            help="Print the trending slice with what put each paper there; writes nothing.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Print the ranks and write nothing."
        )
        parser.add_argument(
            "--top", type=int, default=SHOWN, metavar="N", help=f"Ranks to print; {SHOWN}."
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        has_weights = options["weights"] is not None
        weights = {**WEIGHTS, **(read_weights(options["weights"]) if has_weights else {})}
        if options["explain"] is not None:
            self._explain_paper(options["explain"], now, weights)
        elif options["trending"]:
            ranked = trend_tables.ranking(now, weights)
            self.stdout.write(f"{now:%Y-%m-%d %H:%M} UTC\n\n{trend_tables.slice_table(ranked)}\n\n")
            self.stdout.write(trend_tables.slice_in_words(ranked))
        elif options["dry_run"] or has_weights:
            self._compare_weights(now, weights, max(1, options["top"]))
        else:
            report = score_papers(now)
            self.stdout.write(
                f"Scored {report.papers} recent papers, {report.trending} of them talked about."
            )

    def _explain_paper(self, typed: str, now: datetime, weights: Mapping[str, float]) -> None:
        paper = find_paper(typed)
        ranks = trend_tables.ranking(now, weights)
        parts = ranks.get(paper.pk)
        self.stdout.write(f"{paper.title} ({paper.identifier}) at {now:%Y-%m-%d %H:%M} UTC")
        if parts is None:
            self.stdout.write(_why_none(paper, now))
            return
        self.stdout.write(f"\n{trend_tables.parts_table(parts, weights)}\n\n")
        place = trend_tables.place_in_words(paper.pk, list(ranks))
        self.stdout.write(f"{trend_tables.describe_group(parts)} {place}")
        self.stdout.write(trend_tables.section_in_words(parts))

    def _compare_weights(self, now: datetime, weights: Mapping[str, float], top: int) -> None:
        before, after = trend_tables.ranking(now), trend_tables.ranking(now, weights)
        if not before and not after:
            self.stdout.write(f"No paper was trending at {now:%Y-%m-%d %H:%M} UTC.")
            return
        said = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
        self.stdout.write(f"{now:%Y-%m-%d %H:%M} UTC with {said}:\n\n")
        self.stdout.write(f"{trend_tables.ranks_table(before, after, top)}\n\n")
        self.stdout.write(f"{_count_moved(list(before), list(after))} Nothing was written.")


def read_weights(typed: str) -> dict[str, float]:
    """votes=2,stars=0 as numbers by name; CommandError says what is wrong with it."""
    pairs = [pair.partition("=") for pair in typed.split(",") if pair.strip()]
    weights = {name.strip(): _read_weight(name.strip(), number) for name, _, number in pairs}
    if not weights:
        raise CommandError("--weights needs at least one, as in --weights votes=2,stars=0.")
    if not any((dict(WEIGHTS) | weights).values()):
        raise CommandError("With every weight 0 there is no trend: leave one above 0.")
    return weights


def _read_weight(name: str, number: str) -> float:
    if name not in WEIGHTS:
        known = ", ".join(WEIGHTS)
        raise CommandError(f"“{name}” is no sign of a trend. Write one of {known}, as in votes=2.")
    if not number.strip():
        raise CommandError(f"{name} has no weight: write a number behind it, as in {name}=2.")
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not math.isfinite(weight) or weight < 0:
        raise CommandError(f"“{number}” is no weight for {name}: write a number of 0 or more.")
    return weight


def find_paper(typed: str) -> Paper:
    """The paper by a number, DOI or address as people write them; CommandError where unknown."""
    text = typed.strip()
    if not text:
        raise CommandError("--explain needs a paper: an arXiv number such as 2604.01234, or a DOI.")
    number = read_arxiv_number(text)
    identifier = f"arxiv:{number}" if number else identify(text)
    paper = Paper.objects.filter(identifier__in=[text, identifier]).first()
    paper = paper or Paper.objects.filter(doi=identifier.removeprefix("doi:")).first()
    merger = Merger.objects.select_related("into").filter(paper=paper).first()
    paper = merger.into if merger else paper
    if paper is None:
        raise CommandError(
            f"No paper is known as “{typed}”. Write an arXiv number such as 2604.01234, "
            "a DOI or the address of its page, as on the paper's own page here."
        )
    return paper


def _why_none(paper: Paper, now: datetime) -> str:
    if paper.first_seen_at > now:
        return f"It was first seen later, on {paper.first_seen_at:%Y-%m-%d}, so it had no trend."
    newest = max(paper.news_at or paper.first_seen_at, paper.first_seen_at)
    if newest <= now - WINDOW:
        return (
            f"It is older than {WINDOW.days} days, so it is scored no more. "
            f"Its last trend was {paper.trend:.2f}. "
            f"--now {newest + timedelta(days=1):%Y-%m-%d} shows how it was a day after it came in."
        )
    return "Its trend is 0: no source has counted a vote, comment or star, or is a further source."


def _count_moved(before: list[int], after: list[int]) -> str:
    moved = sum(pk not in after or before.index(pk) != after.index(pk) for pk in before)
    return f"{moved} of {len(before)} trending papers have another rank."
