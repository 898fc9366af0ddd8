"""The dashboard's tables of names, each with a strip of the last thirty days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models import DailyFigure, Source
from digest.watch.figures import Figures
from digest.web.charts import Column, draw_columns

Name = DailyFigure.Name
SHOWN_DAYS = 30
# By the names under which tasks write down their seconds (digest/tasks.py).
STAGES = {
    "figures": gettext_lazy("Figures"),
    "ingest": gettext_lazy("Ingest"),
    "score and match": gettext_lazy("Score and match"),
    "compose": gettext_lazy("Compose"),
    "deliver": gettext_lazy("Deliver"),
    "first digests": gettext_lazy("First digests"),
    "settle doubts": gettext_lazy("Settle doubts"),
    "lists": gettext_lazy("Lists"),
    "webhooks": gettext_lazy("Webhooks"),
    "forget": gettext_lazy("Forget"),
    "audit": gettext_lazy("Audit"),
    "sweep": gettext_lazy("Sweep"),
}


@dataclass(frozen=True)
class StripRow:
    """A name with a strip of the last days, and what was counted in words."""

    name: str
    url: str
    strip: list[Column]
    today: str
    usual: str
    alternative: str  # of the strip, for those who do not see it


def list_paper_strips(figures: Figures, sources: Sequence[Source]) -> list[StripRow]:
    """New papers by source and day, those with the most first."""
    order = {part: place for place, part in enumerate(figures.list_parts(Name.PAPERS))}
    known = [source for source in sources if source.is_active or str(source.pk) in order]
    known.sort(key=lambda source: order.get(str(source.pk), len(order)))
    return [
        _make_strip(
            source.title,
            reverse("admin:digest_source_change", args=[source.pk]),
            figures.list_values(Name.PAPERS, str(source.pk)),
            "{:,.0f}".format,
        )
        for source in known
    ]


def list_stage_strips(figures: Figures) -> list[StripRow]:
    """How long workers were busy with each stage, the longest first."""
    return [
        _make_strip(
            str(STAGES.get(stage, stage.capitalize())),
            "",
            figures.list_values(Name.SECONDS, stage),
            write_seconds,
        )
        for stage in figures.list_parts(Name.SECONDS)
    ]


def _make_strip(
    name: str, url: str, values: Sequence[float | None], write: Callable[[float], str]
) -> StripRow:
    known = [n for n in values[:-1] if n is not None]
    usual, today = sum(known) / len(known) if known else 0.0, values[-1] or 0.0
    most = max((n or 0.0 for n in values), default=0.0)
    said = _("%(shown_days)s days, at most %(most)s on one of them") % {
        "shown_days": SHOWN_DAYS,
        "most": write(most),
    }
    strip = draw_columns([round(n or 0.0) for n in values])
    return StripRow(
        name, url, strip, write(today), _("%(usual)s a day") % {"usual": write(usual)}, said
    )


def write_seconds(seconds: float) -> str:
    return (
        _("%(seconds)s s") % {"seconds": f"{seconds:.0f}"}
        if seconds < 90
        else _("%(seconds)s min") % {"seconds": f"{seconds / 60:,.0f}"}
    )
