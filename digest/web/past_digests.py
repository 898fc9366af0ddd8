"""A subscriber's own past digests, and why a paper came or did not: behind their preferences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from digest.models import Delivery
from digest.render.stage import make_mail_url
from digest.why import Answer, explain_why
from subscribers import tokens
from subscribers.mail.mail_links import preferences_url
from subscribers.models import Subscriber
from subscribers.web.decorators import find_owner, only_reads, render_broken_link, token_page

SHOWN = 60
MOST_CHARS = 1000  # of an address that is asked about
Status = Delivery.Status


@dataclass(frozen=True)
class PastDigest:
    """One day: where its mail can be read, or why there was none."""

    day: date
    papers: int
    url: str
    note: str


@only_reads
@token_page
def show_past_digests(request: HttpRequest, token: str) -> HttpResponse:
    """`?paper=` asks why one came, or did not."""
    subscriber = find_owner(tokens.PREFERENCES, token)
    if subscriber is None:
        return render_broken_link(request)
    asked = request.GET.get("paper", "").strip()[:MOST_CHARS]
    answer: Answer | None = explain_why(subscriber, asked, timezone.now()) if asked else None
    context = {
        "digests": list_past_digests(subscriber),
        "asked": asked,
        "answer": answer,
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
    }
    return render(request, "digest/past_digests.html", context)


def list_past_digests(subscriber: Subscriber) -> list[PastDigest]:
    """The last of them, the newest first; not those that are still on their way."""
    rows = Delivery.objects.filter(subscriber=subscriber).select_related("edition")
    rows = rows.exclude(status__in=[Status.PLANNED, Status.CLAIMED])
    return [_describe(row) for row in rows.order_by("-covers_until", "-pk")[:SHOWN]]


def _describe(delivery: Delivery) -> PastDigest:
    digest, is_sent = delivery.digest, delivery.status == Status.SENT
    note = digest.note if delivery.status == Status.QUIET else ""
    if not is_sent and not note:
        note = _("No mail: %(state)s.") % {"state": delivery.get_status_display().lower()}
    url = make_mail_url(delivery.pk) if is_sent and digest.papers else ""
    return PastDigest(delivery.edition.date, len(digest.papers), url, note)
