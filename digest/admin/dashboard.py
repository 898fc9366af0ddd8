"""The dashboard's charts and tables of the last thirty days, from the figures of each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.admin.columns import describe_span
from digest.models import DailyFigure, Delivery, Source
from digest.watch.figures import BOUNCE_LINE, COMPLAINT_LINES, RATE_DAYS, Figures
from digest.web.charts import Column, draw_columns
from digest.web.day_charts import DayChart, DayPlot, Series, draw_days
from subscribers.models import Subscriber, Topic

Name = DailyFigure.Name
Status = Delivery.Status

SHOWN_DAYS = 30
TEN_THOUSANDTHS = 10_000  # shares are drawn as such: the steps of an axis are whole numbers
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
TROUBLE = [Status.FAILED.value, Status.EXPIRED.value, Status.IN_DOUBT.value]


@dataclass(frozen=True)
class ChartBlock:
    """A chart, the sentence that says the same, and whether somebody should look into it."""

    chart: DayChart
    sentence: str
    is_trouble: bool = False


@dataclass(frozen=True)
class StripRow:
    """A name with a strip of the last days, and what was counted in words."""

    name: str
    url: str
    strip: list[Column]
    today: str
    usual: str
    alternative: str  # of the strip, for those who do not see it


@dataclass(frozen=True)
class TopicRow:
    """A topic, its followers, and how long its bar is, in hundredths of the longest."""

    name: str
    url: str
    followers: int
    width: int


def draw_deliveries(figures: Figures) -> ChartBlock:
    parts = {
        _("sent"): ([Status.SENT.value], "ink"),
        _("quiet"): ([Status.QUIET.value], "pale"),
        _("suppressed"): ([Status.SUPPRESSED.value], "soft"),
        _("failed, expired or in doubt"): (TROUBLE, "red"),
    }
    series = [
        Series(name, figures.list_sums(Name.DELIVERIES, keys), look)
        for name, (keys, look) in parts.items()
    ]
    sums = {one.name: _sum(one.values) for one in series}
    said = ", ".join(f"{count:,} {name}" for name, count in sums.items())
    chart = draw_days(DayPlot(_("Deliveries by edition"), figures.days, above=series))
    return ChartBlock(
        chart, _("In %(shown_days)s days: %(said)s.") % {"shown_days": SHOWN_DAYS, "said": said}
    )


def draw_complaints(figures: Figures) -> ChartBlock:
    low, high = COMPLAINT_LINES
    rate = figures.compute_rate(Name.COMPLAINED)
    limits = [(low, write_share(low)), (high, write_share(high))]
    said = _("%(count)s of %(mails)s mails of %(rate_days)s days were called spam") % {
        "count": f"{rate.count:,}",
        "mails": f"{rate.mails:,}",
        "rate_days": RATE_DAYS,
    }
    plot = _plot_share(_("Complaints"), figures, Name.COMPLAINED, limits)
    return ChartBlock(
        draw_days(plot),
        _(
            "%(said)s: %(share)s. Gmail wants less than %(low)s, and may refuse mail "
            "from %(high)s on."
        )
        % {
            "said": said,
            "share": write_share(rate.share),
            "low": write_share(low),
            "high": write_share(high),
        },
        is_trouble=rate.share >= low,
    )


def draw_bounces(figures: Figures) -> ChartBlock:
    rate = figures.compute_rate(Name.BOUNCED)
    said = _("%(count)s of %(mails)s mails of %(rate_days)s days bounced") % {
        "count": f"{rate.count:,}",
        "mails": f"{rate.mails:,}",
        "rate_days": RATE_DAYS,
    }
    plot = _plot_share(
        _("Bounces"), figures, Name.BOUNCED, [(BOUNCE_LINE, write_share(BOUNCE_LINE))]
    )
    return ChartBlock(
        draw_days(plot),
        _("%(said)s: %(share)s. Providers look into accounts from %(bounce_line)s on.")
        % {"said": said, "share": write_share(rate.share), "bounce_line": write_share(BOUNCE_LINE)},
        is_trouble=rate.share >= BOUNCE_LINE,
    )


def _plot_share(
    title: str, figures: Figures, name: str, limits: Sequence[tuple[float, str]]
) -> DayPlot:
    shares = [
        None if share is None else share * TEN_THOUSANDTHS for share in figures.list_rates(name)
    ]
    return DayPlot(
        title=_("%(title)s, share of the mails of %(rate_days)s days")
        % {"title": title, "rate_days": RATE_DAYS},
        days=figures.days,
        lines=[Series(title, shares, "red")],
        limits=[(share * TEN_THOUSANDTHS, words) for share, words in limits],
        write=lambda n: write_share(n / TEN_THOUSANDTHS),
    )


def draw_readers(figures: Figures) -> ChartBlock:
    active = figures.list_values(Name.SUBSCRIBERS, Subscriber.Status.ACTIVE.value)
    known = [(day, int(n)) for day, n in zip(figures.days, active, strict=True) if n is not None]
    chart = draw_days(
        DayPlot(_("Subscribers"), figures.days, lines=[Series(_("confirmed"), active, "ink")])
    )
    if not known:
        return ChartBlock(chart, _("They are counted once an hour: nobody has yet."))
    (first, before), (_unused, now) = known[0], known[-1]
    values = {"now": f"{now:,}", "more": f"{now - before:+,}", "day": date_format(first, "j F")}
    if len(known) > 1:
        said = ngettext(
            "%(now)s confirmed subscriber, %(more)s since %(day)s.",
            "%(now)s confirmed subscribers, %(more)s since %(day)s.",
            now,
        )
    else:
        said = ngettext("%(now)s confirmed subscriber.", "%(now)s confirmed subscribers.", now)
    return ChartBlock(chart, said % values)


def draw_coming_and_going(figures: Figures) -> ChartBlock:
    came = Series(_("confirmed"), figures.list_values(Name.JOINED), "ink")
    left = Series(_("left"), figures.list_values(Name.LEFT), "soft")
    suppressed = Series(_("suppressed"), figures.list_values(Name.SUPPRESSED), "red")
    plot = DayPlot(_("Who came and who went"), figures.days, above=[came], below=[left, suppressed])
    said = ", ".join(f"{_sum(one.values):,} {one.name}" for one in (came, left, suppressed))
    return ChartBlock(
        draw_days(plot),
        _("In %(shown_days)s days: %(said)s.") % {"shown_days": SHOWN_DAYS, "said": said},
    )


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


def list_topics(figures: Figures) -> list[TopicRow]:
    """The topics with the most followers, as of the last hour's count."""
    _unused, found = figures.find_newest(Name.FOLLOWERS)
    topics = {str(topic.pk): topic for topic in Topic.objects.filter(pk__in=list(found))}
    counts = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    most = max((count for _unused, count in counts), default=0.0) or 1.0
    return [
        TopicRow(
            topics[part].query,
            reverse("admin:subscribers_topic_change", args=[part]),
            int(count),
            round(100 * count / most),
        )
        for part, count in counts
        if part in topics
    ]


def write_share(share: float) -> str:
    """Such as "0.02 %", with no more digits than say something."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"


def write_seconds(seconds: float) -> str:
    return (
        _("%(seconds)s s") % {"seconds": f"{seconds:.0f}"}
        if seconds < 90
        else _("%(seconds)s min") % {"seconds": f"{seconds / 60:,.0f}"}
    )


def _sum(values: Sequence[float | None]) -> int:
    return int(sum(n or 0 for n in values))


def describe_counted_at(figures: Figures, now: datetime) -> str:
    """How old the figures are, and that nobody counts where they are too old."""
    at = figures.find_counted_at()
    if at is None:
        return _("Nothing has been counted yet: a worker does so once a minute.")
    age = now - at
    if age.total_seconds() < 150:
        return _("Counted at %(at)s UTC.") % {"at": f"{at:%H:%M}"}
    return _("Counted %(age)s ago, and not since: do beat and a worker run?") % {
        "age": describe_span(age)
    }


def make_charts(figures: Figures, may: Callable[[str], bool]) -> dict[str, Any]:
    """The parts of the page that this member of staff may see."""
    context: dict[str, Any] = {}
    if may("digest.view_edition"):
        context["mail_charts"] = [
            draw_deliveries(figures),
            draw_complaints(figures),
            draw_bounces(figures),
        ]
        context["stages"] = list_stage_strips(figures)
    if may("subscribers.view_subscriber"):
        context["reader_charts"] = [draw_readers(figures), draw_coming_and_going(figures)]
    if may("subscribers.view_topic"):
        context["topics"] = list_topics(figures)
    return context
