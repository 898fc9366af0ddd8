from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from digest import english
from digest.management.now_option import add_now, read_now
from digest.render import paper_lines
from digest.score import explain
from digest.suggest.preview import Preview, preview_digest, render_preview
from subscribers.topics import TopicError, list_readings
from subscribers.web.fields import split_topics

NO_PAPERS = (
    "There are no papers yet. `manage.py ingest` brings them in from the sources; "
    "`manage.py load_sample` brings made-up ones to try things out."
)


class Command(BaseCommand):
    help = "Show the digest that these topics would get now, without writing anything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("topics", help='Parted by commas: "LLM agents, diffusion + video"')
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--html", metavar="F", help="Write the mail's HTML part to this file.")
        form.add_argument("--text", action="store_true", help="Print the mail's text part.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, topics = read_now(options["now"]), split_topics(options["topics"])
        try:
            preview = preview_digest(topics, now)
        except TopicError as error:
            raise CommandError(str(error)) from error
        if not options["text"]:
            for said in list_readings(topics):
                self.stdout.write(said)
        if not preview.papers:
            self.stdout.write(_why_none(preview))
            return
        message = render_preview(preview, now)
        if message is None:
            raise CommandError("The mail could not be set; the log says why.")
        if options["html"]:
            self._write_html(Path(options["html"]), str(message.alternatives[0][0]))
        elif options["text"]:
            self.stdout.write(str(message.body))
        else:
            self.stdout.write(_make_table(preview))
            self.stdout.write(f"Subject: {message.subject}")

    def _write_html(self, path: Path, html: str) -> None:
        try:
            path.write_text(html, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error
        size = len(html.encode())
        self.stdout.write(f"The mail is in {path.resolve()} ({size:,} bytes).")


def _why_none(preview: Preview) -> str:
    if preview.newest_at is None:
        return NO_PAPERS
    papers = english.count_of(preview.seen, "paper")
    return f"None of these topics is in the {papers} of the last days, so no mail would be sent."


def _make_table(preview: Preview) -> str:
    table = Table(box=None, pad_edge=False)
    for name in ("", "Paper", "In your topics", "Trend"):
        table.add_column(name, justify="left" if name else "right", overflow="fold")
    for place, (paper, choice) in enumerate(preview.papers, 1):
        reasons = paper_lines.describe_reasons(choice.reasons)
        cells = (str(place), paper.title, reasons, explain.describe_evidence(paper.popularity))
        table.add_row(*map(Text, cells))
    console = Console(highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
