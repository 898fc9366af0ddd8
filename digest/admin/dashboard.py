"""The dashboard's charts and tables of the last thirty days, from the figures of each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.admin.columns import describe_span
from digest.admin.strips import SHOWN_DAYS, list_stage_strips
from digest.models import DailyFigure, Delivery
from digest.watch.figures import BOUNCE_LINE, COMPLAINT_LINES, RATE_DAYS, Figures, Rate
from digest.web.day_charts import DayChart, DayPlot, Series, draw_days
from subscribers.models import Subscriber, Topic

Name = DailyFigure.Name
Status = Delivery.Status

TEN_THOUSANDTHS = 10_000  # shares are drawn as such: the steps of an axis are whole numbers
TROUBLE = [Status.FAILED.value, Status.EXPIRED.value, Status.IN_DOUBT.value]


@dataclass(frozen=True)
class ChartBlock:
    """A chart, the sentence that says the same, and whether somebody should look into it."""

    chart: DayChart
    sentence: str
    is_trouble: bool = False


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
    chart = draw_days(DayPlot(_("Deliveries by edition"), figures.days, above=series))
    names = ("sent", "quiet", "suppressed", "trouble")
    counts = {n: f"{_sum(one.values):,}" for n, one in zip(names, series, strict=True)}
    said = _(
        "In %(days)s days: %(sent)s sent, %(quiet)s quiet, %(suppressed)s suppressed, "
        "%(trouble)s failed, expired or in doubt."
    )
    return ChartBlock(chart, said % {"days": SHOWN_DAYS, **counts})


def draw_complaints(figures: Figures) -> ChartBlock:
    low, high = COMPLAINT_LINES
    rate = figures.compute_rate(Name.COMPLAINED)
    limits = [(low, write_share(low)), (high, write_share(high))]
    said = ngettext(
        "%(count)s of %(mails)s of %(rate_days)s days was called spam: %(share)s. "
        "Gmail wants less than %(low)s, and may refuse mail from %(high)s on.",
        "%(count)s of %(mails)s of %(rate_days)s days were called spam: %(share)s. "
        "Gmail wants less than %(low)s, and may refuse mail from %(high)s on.",
        rate.count,
    )
    plot = _plot_share(_("Complaints"), figures, Name.COMPLAINED, limits)
    if not rate.mails:
        said = _(
            "No mail left in %(rate_days)s days, so there is no share to draw. "
            "Gmail wants less than %(low)s, and may refuse mail from %(high)s on."
        )
    return ChartBlock(
        draw_days(plot),
        said % (_write_rate(rate) | {"low": write_share(low), "high": write_share(high)}),
        is_trouble=rate.share >= low,
    )


def draw_bounces(figures: Figures) -> ChartBlock:
    rate = figures.compute_rate(Name.BOUNCED)
    said = ngettext(
        "%(count)s of %(mails)s of %(rate_days)s days bounced: %(share)s. "
        "Providers look into accounts from %(line)s on.",
        "%(count)s of %(mails)s of %(rate_days)s days bounced: %(share)s. "
        "Providers look into accounts from %(line)s on.",
        rate.count,
    )
    plot = _plot_share(
        _("Bounces"), figures, Name.BOUNCED, [(BOUNCE_LINE, write_share(BOUNCE_LINE))]
    )
    if not rate.mails:
        said = _(
            "No mail left in %(rate_days)s days, so there is no share to draw. "
            "Providers look into accounts from %(line)s on."
        )
    return ChartBlock(
        draw_days(plot),
        said % (_write_rate(rate) | {"line": write_share(BOUNCE_LINE)}),
        is_trouble=rate.share >= BOUNCE_LINE,
    )


def _write_rate(rate: Rate) -> dict[str, object]:
    """What the sentences below both charts of shares name."""
    return {
        "rate_days": RATE_DAYS,
        "mails": ngettext("%(mails)s mail", "%(mails)s mails", rate.mails)
        % {"mails": f"{rate.mails:,}"},
        "count": f"{rate.count:,}",
        "share": write_share(rate.share),
    }


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
    said = _("In %(days)s days: %(came)s confirmed, %(left)s left, %(suppressed)s suppressed.") % {
        "days": SHOWN_DAYS,
        "came": f"{_sum(came.values):,}",
        "left": f"{_sum(left.values):,}",
        "suppressed": f"{_sum(suppressed.values):,}",
    }
    return ChartBlock(draw_days(plot), said)


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


def describe_young(figures: Figures) -> str:
    """What is drawn while there is little of it; "" once a week is there."""
    counted = figures.list_values(Name.SUBSCRIBERS, Subscriber.Status.ACTIVE.value)
    days = sum(value is not None for value in counted)
    if not 0 < days < RATE_DAYS:
        return ""
    said = ngettext(
        "Readers have been counted on %(days)s day so far. Each bar and each dot is one day; "
        "a day without one was not counted, and lines come with the days that follow.",
        "Readers have been counted on %(days)s days so far. Each bar and each dot is one day; "
        "a day without one was not counted, and lines grow with the days that follow.",
        days,
    )
    return said % {"days": days}


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
