"""Looks each minute for what no single stage notices, and pings whoever waits for a sign of life.

Each alarm is raised once for its cause and ends by itself; each says what to do first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.deliver import audit
from digest.english import in_a_row
from digest.flight.rates import Bound, is_beyond
from digest.models import DailyFigure, Source
from digest.watch import source_age
from digest.watch.alarms import post_to, raise_alarm, resolve_alarm, select_lasting
from digest.watch.certificate import CannotAsk, describe_certificate
from digest.watch.disk import describe_full_disk
from digest.watch.figures import BOUNCE_LINE, COMPLAINT_LINES, RATE_DAYS, read_figures
from digest.watch.silence import find_silent_parts
from subscribers import forgiving_cache

LATE, SILENT, SOURCE = "edition-late", "parts-silent", "source-"
DISK, CERTIFICATE = "disk-full", "certificate"
OURS = {LATE, SILENT, DISK, CERTIFICATE, "complaints", "bounces"}
UNREAD_FOR = timedelta(hours=24)  # a source that fails for less is left to its own retries
CERTIFICATE_EVERY = 3600.0  # seconds; the site is not asked each minute
# Few mails tell little of an account: as the breaker, by the lower end of what they speak for.
ACCOUNT_BOUNDS = {
    DailyFigure.Name.COMPLAINED: Bound(
        "complaints", gettext_lazy("called spam"), COMPLAINT_LINES[0], 3
    ),
    DailyFigure.Name.BOUNCED: Bound("bounces", gettext_lazy("bounced"), BOUNCE_LINE, 5),
}


def check_standing(now: datetime) -> None:
    """Raise and end the alarms of this module, and send the ping. Safe to run twice."""
    wrong = _find_late_edition(now) | _find_silent_parts(now) | _find_unread_sources(now)
    wrong |= _find_rates_beyond(now) | _find_full_disk() | _find_certificate(now)
    for kind, sentence in wrong.items():
        raise_alarm(kind, sentence, now)
    lasting = select_lasting().values_list("kind", flat=True)
    for kind in [kind for kind in lasting if _is_ours(kind) and kind not in wrong]:
        resolve_alarm(kind, now)
    if settings.PING_URL:
        post_to("ping", settings.PING_URL)


def _is_ours(kind: str) -> bool:
    return kind in OURS or kind.startswith(SOURCE)


def _find_late_edition(now: datetime) -> dict[str, str]:
    first = audit.find_first_overdue(now)
    if first is None:
        return {}
    count = audit.count_overdue(now)
    said = ngettext(
        "An edition is late: %(count)s reader should have had a digest over two hours ago, the"
        " first of them on %(first)s. First look at the log of the worker for compose;"
        " manage.py doctor says what it finds.",
        "An edition is late: %(count)s readers should have had a digest over two hours ago, the"
        " first of them on %(first)s. First look at the log of the worker for compose;"
        " manage.py doctor says what it finds.",
        count,
    )
    return {LATE: said % {"count": count, "first": source_age.write_moment(first)}}


def _find_silent_parts(now: datetime) -> dict[str, str]:
    parts = find_silent_parts(now)
    if not parts:
        return {}
    return {
        SILENT: _(
            "There is no sign of life from %(parts)s. First see whether that process "
            "runs, then what its log says last."
        )
        % {"parts": in_a_row(parts)}
    }


def _find_unread_sources(now: datetime) -> dict[str, str]:
    failing = Source.objects.filter(is_active=True, state=Source.State.FAILING)
    failing = failing.filter(last_fetched_at__lt=now - UNREAD_FOR)
    return {
        f"{SOURCE}{source.pk}": _(
            "%(title)s could not be read since %(since)s: %(last_error)s "
            "First open its address in a browser; then press “Ask now” on its page in the admin."
        )
        % {
            "title": source.title,
            "since": source_age.write_moment(source.last_fetched_at),
            "last_error": source.last_error,
        }
        for source in failing
        if source.last_fetched_at
    }


def _find_rates_beyond(now: datetime) -> dict[str, str]:
    """Bounces and complaints of the last days, from what is counted by day."""
    names = [DailyFigure.Name.DELIVERIES, *ACCOUNT_BOUNDS]
    figures = read_figures(now.date(), RATE_DAYS, names)
    wrong = {}
    for name, bound in ACCOUNT_BOUNDS.items():
        rate = figures.compute_rate(name)
        if is_beyond(bound, rate.count, rate.mails):
            wrong[bound.name] = _(
                "Of the %(mails)s mails of %(rate_days)s days %(count)s %(words)s, "
                "%(share)s: the line is %(line)s. First look in the deliveries which "
                "domains they are from; a mailbox provider may soon refuse all our mail."
            ) % {
                "mails": f"{rate.mails:,}",
                "rate_days": RATE_DAYS,
                "count": f"{rate.count:,}",
                "words": bound.words,
                "share": f"{rate.share:.2%}",
                "line": f"{bound.share:.1%}",
            }
    return wrong


def _find_full_disk() -> dict[str, str]:
    sentence = describe_full_disk()
    return {DISK: sentence} if sentence else {}


def _find_certificate(now: datetime) -> dict[str, str]:
    """As asked within the last hour; while the site cannot be asked, what was so stays so."""
    key = "digest.certificate"
    sentence = forgiving_cache.read_value(key)
    if sentence is None:
        try:
            sentence = describe_certificate(settings.SITE_URL, now)
        except CannotAsk:
            known = select_lasting().filter(kind=CERTIFICATE).first()
            sentence = known.sentence if known else ""
        forgiving_cache.write_value(key, sentence, CERTIFICATE_EVERY)
    return {CERTIFICATE: sentence} if sentence else {}
