"""Every delivery with what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.admin.columns import link
from digest.deliver.doubt.doubts import GIVEN_UP, is_given_up, mail_again, mark_as_sent
from digest.deliver.doubt.prospects import YOU_DECIDE, read_prospects
from digest.models import Delivery, DigestItem, Edition, Paper
from digest.render.paper_lines import describe_reasons
from subscribers.admin.lists import WHOLE_NAME_CHARS, ReadOnlyAdmin, column, tidy_term
from subscribers.admin.staff_log import NamelessLog, note_act
from subscribers.models import Subscriber

Status = Delivery.Status
STATUS_COLORS = {
    Status.PLANNED.value: "info",
    Status.CLAIMED.value: "info",
    Status.SENT.value: "success",
    Status.QUIET.value: "default",
    Status.SUPPRESSED.value: "warning",
    Status.FAILED.value: "danger",
    Status.EXPIRED.value: "warning",
    Status.IN_DOUBT.value: "danger",
}
STATUS_SENTENCES = {
    Status.PLANNED.value: gettext_lazy("Composed, and waiting to be handed to the provider."),
    Status.CLAIMED.value: gettext_lazy(
        "A worker has taken it and is handing it over. Should the worker die, "
        "the sweep takes it up again when its lease has run out."
    ),
    Status.SENT.value: gettext_lazy(
        "The provider took it. The dates below say what came of it then."
    ),
    Status.QUIET.value: gettext_lazy("No mail was due: the reason is named beside it."),
    Status.SUPPRESSED.value: gettext_lazy(
        "The address must not be mailed: it is suppressed, or its reader has "
        "not confirmed or has left."
    ),
    Status.FAILED.value: gettext_lazy(
        "The provider refused it, or every attempt failed. The error says why; "
        "its papers are free to come in a later digest."
    ),
    Status.EXPIRED.value: gettext_lazy(
        "It could not be sent while it was still news, so it was not sent at "
        "all; its papers are free to come in a later digest."
    ),
    Status.IN_DOUBT.value: gettext_lazy(
        "It was handed to the provider, and the line broke before an answer came. It may have been "
        "mailed or not. Any report of its provider settles it as sent. While nobody knows, its "
        "papers come again in the next digest, marked as perhaps sent before."
    ),
}
EDITIONS_OFFERED = 30
MOST_READERS = 200  # whose deliveries a search by the beginning of an address lists


class EditionFilter(admin.SimpleListFilter):
    title = gettext_lazy("Of which edition")
    parameter_name = "edition"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(str(e.pk), str(e)) for e in Edition.objects.all()[:EDITIONS_OFFERED]]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value() or ""
        is_id = value.isascii() and value.isdigit() and len(value) < 19
        return queryset.filter(edition_id=int(value)) if is_id else queryset


@admin.register(Delivery)
class DeliveryAdmin(NamelessLog, ReadOnlyAdmin):
    list_display = ["reader", "edition", "state", "quiet_reason", "papers", "sent_at", "world"]
    list_filter = ["status", "quiet_reason", EditionFilter]
    filter_titles = {
        "status": gettext_lazy("What became of it"),
        "quiet_reason": gettext_lazy("Why there was nothing to send"),
    }
    list_select_related = ["edition", "subscriber"]
    search_fields = ["subscriber__email__startswith", "message_id__exact"]
    search_help_text = gettext_lazy("The beginning of an address, or a whole message id")
    sortable_by = []
    actions = ["look_again", "settle_as_sent", "mail_again"]
    fieldsets = [
        (None, {"fields": ["subscriber", "edition", "status", "explanation", "quiet_reason"]}),
        (gettext_lazy("What it holds"), {"fields": ["readable"]}),
        (
            gettext_lazy("What we did"),
            {
                "fields": [
                    ("claimed_at", "retry_at"),
                    ("sent_at", "maybe_sent_at"),
                    ("attempts", "covers_until"),
                    "error",
                    ("message_id", "key"),
                    "provider",
                ]
            },
        ),
        (
            gettext_lazy("What the world did"),
            {
                "fields": [
                    ("delivered_at", "bounced_at"),
                    ("complained_at", "unsubscribed_at"),
                    "reports",
                ]
            },
        ),
    ]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The newest first; of one edition the newest readers, whose order an index has."""
        is_of_one = EditionFilter.parameter_name in request.GET
        return ("-edition_id", "-subscriber_id") if is_of_one else ("-pk",)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 (Django's)
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Look for people and mails first: both at once would read a million rows to the end."""
        term = tidy_term(search_term, WHOLE_NAME_CHARS)
        if not term:
            return queryset, False
        people = Subscriber.objects.filter(email__startswith=term.lower()).order_by("email")
        readers = list(people.values_list("pk", flat=True)[:MOST_READERS])
        mails = Delivery.objects.filter(message_id=term).values_list("pk", flat=True)
        return queryset.filter(Q(subscriber__in=readers) | Q(pk__in=list(mails[:10]))), False

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """What is read-only but for this asks for the permission to change it."""
        return bool(getattr(request.user, "has_perm", bool)("digest.change_delivery"))

    @admin.action(
        description=gettext_lazy("In doubt: ask the provider again now"), permissions=["settle"]
    )
    def look_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        now = timezone.now()
        everything = queryset.in_doubt()  # type: ignore[attr-defined]
        doubtful = everything.filter(maybe_sent_at__gt=now - GIVEN_UP)
        accounts = set(doubtful.order_by().values_list("provider", flat=True).distinct())
        prospects = read_prospects(accounts)
        asked = [account for account in accounts if prospects[account].is_asked]
        too_old = everything.count() - doubtful.count()
        count = doubtful.filter(provider__in=asked).update(retry_at=now)
        said = ngettext(
            "%(count)s mail will be looked for.", "%(count)s mails will be looked for.", count
        )
        self._say_settled(request, rows, said % {"count": count})
        for account in sorted(accounts.difference(asked)):
            count = doubtful.filter(provider=account).count()
            said = ngettext(
                "%(count)s mail cannot be looked for. %(words)s",
                "%(count)s mails cannot be looked for. %(words)s",
                count,
            )
            words = prospects[account].words
            messages.warning(request, said % {"count": count, "words": words})
        if too_old:
            said = ngettext(
                "%(count)s mail left more than %(days)s days ago. %(you_decide)s",
                "%(count)s mails left more than %(days)s days ago. %(you_decide)s",
                too_old,
            )
            values = {"count": too_old, "days": GIVEN_UP.days, "you_decide": YOU_DECIDE}
            messages.warning(request, said % values)

    @admin.action(description=gettext_lazy("In doubt: it was sent"), permissions=["settle"])
    def settle_as_sent(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        sent = mark_as_sent(queryset)
        said = ngettext("%(count)s mail settled as sent.", "%(count)s mails settled as sent.", sent)
        self._say_settled(request, rows, said % {"count": sent})

    @admin.action(
        description=gettext_lazy("In doubt: it was not sent, mail it again"), permissions=["settle"]
    )
    def mail_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        counts = mail_again(queryset, timezone.now())
        again, expired = counts["planned"], counts["expired"]
        said = ngettext(
            "%(count)s mail will be mailed again.", "%(count)s mails will be mailed again.", again
        ) % {"count": again}
        if expired:
            instead = ngettext(
                "%(count)s mail expired instead: no longer news, or the next digest has the"
                " papers.",
                "%(count)s mails expired instead: no longer news, or the next digest has the"
                " papers.",
                expired,
            )
            said += " " + instead % {"count": expired}
        self._say_settled(request, rows, said)

    def _say_settled(self, request: HttpRequest, rows: Iterable[Delivery], said: str) -> None:
        note_act(request, list(rows), said.rstrip("."))
        messages.success(
            request, _("%(said)s What was not in doubt stays as it was.") % {"said": said}
        )

    @column(gettext_lazy("Subscriber"))
    def reader(self, delivery: Delivery) -> str:
        return delivery.subscriber.email

    @column(gettext_lazy("Status"), colors=STATUS_COLORS)
    def state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display().lower()

    @column(gettext_lazy("Papers"))
    def papers(self, delivery: Delivery) -> str:
        return str(len(delivery.digest.papers)) if delivery.contents else "–"

    @column(gettext_lazy("Then"))
    def world(self, delivery: Delivery) -> str:
        dates = ["delivered_at", "bounced_at", "complained_at", "unsubscribed_at"]
        done = [name.removesuffix("_at") for name in dates if getattr(delivery, name)]
        return ", ".join(done) or "–"

    @column(gettext_lazy("What its provider reported"))
    def reports(self, delivery: Delivery) -> SafeString:
        """In the order of what happened; kept for thirty days."""
        lines = [
            (
                date_format(row.happened_at, "d M H:i"),
                row.get_verdict_display(),
                row.said or row.kind,
            )
            for row in delivery.provider_events.order_by("happened_at", "pk")
        ]
        listed = format_html_join("", "<li>{} UTC: {} ({})</li>", lines)
        return format_html("<ul>{}</ul>", listed) if lines else format_html("{}", _("Nothing."))

    @column(gettext_lazy("Which means"))
    def explanation(self, delivery: Delivery) -> str:
        said = str(STATUS_SENTENCES[delivery.status])
        if delivery.status != Status.IN_DOUBT:
            return said
        is_old = not delivery.maybe_sent_at or is_given_up(delivery.maybe_sent_at, timezone.now())
        words = read_prospects({delivery.provider})[delivery.provider].words
        return f"{said} {YOU_DECIDE if is_old else words}"

    @column(gettext_lazy("Contents"))
    def readable(self, delivery: Delivery) -> SafeString:
        digest = delivery.digest
        ids = [item.paper_id for item in digest.papers]
        titles = dict(Paper.objects.filter(pk__in=ids).values_list("pk", "title"))
        lines = [describe_item(item, titles) for item in digest.papers]
        listed = format_html_join("", "<li>{} ({}): {}</li>", lines)
        note = digest.note or ("" if digest.papers else _("It holds no papers."))
        return format_html("{}<ol>{}</ol>", note, listed)


def describe_item(item: DigestItem, titles: dict[int, str]) -> tuple[str, str, str]:
    """A paper's title as a link, its section, and the topics that brought it."""
    title = titles.get(item.paper_id)
    url = reverse("admin:digest_paper_change", args=[item.paper_id])
    named = (
        link(url, title)
        if title
        else _("paper %(paper_id)s, deleted since") % {"paper_id": item.paper_id}
    )
    return named, item.section, describe_reasons(item.reasons)
