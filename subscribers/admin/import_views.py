"""Pages that bring in a list of people, show how it goes, and send lists out.

A list is tried first: a worker goes through it and writes nothing. Then a button brings it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from subscribers.admin.staff_log import note_act
from subscribers.lists.example_list import COLUMNS_EXPLAINED, write_example
from subscribers.lists.export_list import list_rows, write_csv, write_json
from subscribers.lists.import_csv import Outcome
from subscribers.lists.import_file import UnreadableList, decode_list, read_lines
from subscribers.lists.import_runs import make_rules
from subscribers.lists.import_tally import Tally, write_rejects
from subscribers.models import ListImport, RejectedLine, Subscriber
from subscribers.topics import TopicError, parse_topic
from subscribers.web.fields import split_topics
from subscribers.web.forms import PlainForm

PREVIEWED, REASONS_SHOWN, RECENT = 10, 20, 10
MOST_TOPICS = 50
MAY_IMPORT, MAY_EXPORT = "subscribers.add_subscriber", "subscribers.change_subscriber"
State = ListImport.State
LOOK_AGAIN_SECONDS = 5


class ListForm(PlainForm):
    ASK, ELSEWHERE = "ask", "elsewhere"

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV whose first line names its columns, or as Mailchimp, Substack, Ghost, "
            "Buttondown, listmonk and Kit export it. 10 MB at most."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    consent = forms.ChoiceField(
        label=gettext_lazy("Did they agree?"),
        initial=ASK,
        widget=UnfoldAdminRadioSelectWidget,
        choices=[
            (
                ASK,
                gettext_lazy(
                    "Ask everybody: a mail with a link goes to each, and nothing else before that."
                ),
            ),
            (
                ELSEWHERE,
                gettext_lazy(
                    "I can show their consent: who is said to have confirmed, in the column "
                    "“confirmed”, is active at once. It is kept as consent with my name."
                ),
            ),
        ],
    )
    topics = forms.CharField(
        required=False,
        label=gettext_lazy("Topics for everybody"),
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("Beside their own. One per line; may be empty."),
    )
    uses_tags = forms.BooleanField(
        required=False,
        label=gettext_lazy("The column of tags, labels or groups holds their topics"),
    )
    email_column = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Column with the addresses"),
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("By its name or number, where it is not found by itself."),
    )
    encoding = forms.CharField(
        required=False,
        label=gettext_lazy("Encoding"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Such as cp1251; empty: it is found out."),
    )

    def clean_topics(self) -> list[str]:
        topics = split_topics(self.cleaned_data["topics"])
        if len(topics) > MOST_TOPICS:
            raise ValidationError(
                _("At most %(most_topics)s topics.") % {"most_topics": MOST_TOPICS}
            )
        for topic in topics:
            try:
                parse_topic(topic)
            except TopicError as error:
                raise ValidationError(str(error)) from error
        return topics

    def clean(self) -> dict[str, Any]:
        """Read the file, and count its lines, so that what is broken is said at once."""
        cleaned: dict[str, Any] = super().clean() or {}
        file: Any = cleaned.get("file")
        if file is None or self.errors:
            return cleaned
        try:
            text, self.note = decode_list(file.read(), cleaned["encoding"])
            text = text.replace("\0", "")
            lines = read_lines(text, cleaned["email_column"], uses_tags=cleaned["uses_tags"])
            self.columns = lines.header.cells
            self.lines = sum(1 for _line in lines)
        except UnreadableList as error:
            raise ValidationError({"file": str(error)}) from error
        if not self.lines:
            raise ValidationError({"file": _("It names its columns, and nobody below them.")})
        self.text = text
        return cleaned

    def save(self, by: str) -> ListImport:
        cleaned = self.cleaned_data
        return ListImport.objects.create(
            name=str(cleaned["file"].name)[:100],
            by=by,
            is_consent_given=cleaned["consent"] == self.ELSEWHERE,
            topics=cleaned["topics"],
            email_column=cleaned["email_column"],
            uses_tags=cleaned["uses_tags"],
            columns=self.columns,
            text=self.text,
            lines=self.lines,
            created_at=timezone.now(),
        )


def require_permission(request: HttpRequest, permission: str) -> None:
    if not getattr(request.user, "has_perm", lambda _: False)(permission):
        raise PermissionDenied


def show_upload(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """GET shows the form and the last lists; POST takes a file and leads to its page."""
    require_permission(request, MAY_IMPORT)
    is_posted = request.method == "POST"
    form = ListForm(request.POST, files=request.FILES) if is_posted else ListForm()
    if is_posted and form.is_valid():
        with transaction.atomic():
            row = form.save(str(request.user))
            said = ngettext(
                "Tried a list of %(lines)s line", "Tried a list of %(lines)s lines", row.lines
            )
            note_act(request, [row], said % {"lines": row.lines})
        if form.note:
            messages.warning(request, form.note)
        return _lead_to(row)
    recent = ListImport.objects.defer("text")[:RECENT]
    context |= {"title": _("Bring in a list of people"), "form": form, "recent": recent}
    context["columns"] = COLUMNS_EXPLAINED
    status = 422 if form.errors else 200
    return render(request, "admin/import_list.html", context, status=status)


def _lead_to(row: ListImport) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:subscribers_subscriber_list", args=[row.pk]))


def show_list(request: HttpRequest, list_id: int, context: dict[str, Any]) -> HttpResponse:
    """GET shows how far it is and what became of the lines; POST brings it in, or stops it."""
    require_permission(request, MAY_IMPORT)
    row = get_object_or_404(ListImport, pk=list_id)
    if request.method == "POST":
        _perform(request, row)
        return _lead_to(row)
    context |= {
        "title": _("The list %(name)s") % {"name": row.name},
        "list": row,
        "may_go": _may_go(row),
    }
    context |= {"fates": [(fate.label, row.fates.get(fate.value, 0)) for fate in Outcome]}
    context |= {"preview": _preview(row), "rejects": row.rejects.all()[:REASONS_SHOWN]}
    context |= {"rejected": row.fates.get(Outcome.REJECTED.value, 0)}
    answer = render(request, "admin/import_run.html", context)
    if row.is_under_way:
        answer["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return answer


def _may_go(row: ListImport) -> bool:
    return bool(row.is_trial and row.text and not row.is_under_way)


def _perform(request: HttpRequest, row: ListImport) -> None:
    """Bring in what was tried, or stop what is under way."""
    same = ListImport.objects.filter(pk=row.pk, state=row.state, is_trial=row.is_trial)
    with transaction.atomic():
        if "go" in request.POST and _may_go(row):
            is_done = same.update(is_trial=False, **row.fresh_start)
            RejectedLine.objects.filter(of=row).delete()
            said = ngettext(
                "Brought in a list of %(lines)s line",
                "Brought in a list of %(lines)s lines",
                row.lines,
            ) % {"lines": row.lines}
        elif "stop" in request.POST and row.is_under_way:
            dropped = {} if row.is_trial else {"text": ""}
            is_done = same.update(state=State.STOPPED, finished_at=timezone.now(), **dropped)
            said = _("Stopped a list")
        else:
            is_done, said = 0, ""
        if is_done:
            note_act(request, [row], said)
    if not is_done:
        messages.warning(request, _("Its state changed meanwhile: look again."))


def _preview(row: ListImport) -> list[tuple[int, str, str, str]]:
    """The first lines with what would become of each: number, address, fate, reason."""
    if not (row.text and row.is_trial):
        return []
    lines = read_lines(row.text, row.email_column, uses_tags=row.uses_tags)
    first = list(islice(lines, PREVIEWED))
    fates = Tally(make_rules(row, lines.header)).take(first, timezone.now())
    return [
        (line.number, line.named.get("email", ""), fate.value, reason)
        for line, (fate, reason) in zip(first, fates, strict=True)
    ]


def send_rejects(request: HttpRequest, list_id: int) -> HttpResponseBase:
    """The rejected lines as a file to mend and bring in again."""
    require_permission(request, MAY_IMPORT)
    row = get_object_or_404(ListImport, pk=list_id)
    if not row.rejects.exists():
        raise Http404
    rejects = row.rejects.values_list("number", "cells", "reason").iterator(1000)
    name = f"{row.name.rpartition('.')[0] or row.name}.rejects.csv"
    return _stream(write_rejects(row.columns, rejects), name, "text/csv")


def send_example(request: HttpRequest) -> HttpResponseBase:
    """A small list that can be brought in as it stands, to fill in."""
    require_permission(request, MAY_IMPORT)
    return _stream(iter([write_example()]), "people.csv", "text/csv")


def send_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """All confirmed subscribers, or all there are, as a file; a POST, since it is noted."""
    require_permission(request, MAY_EXPORT)
    is_whole = "all" in request.POST
    statuses = Subscriber.Status.values if is_whole else [Subscriber.Status.ACTIVE.value]
    write = write_json if form == "json" else write_csv
    ending, kind = ("jsonl", "application/jsonl") if form == "json" else ("csv", "text/csv")
    user: Any = request.user
    said = _("Exported all subscribers") if is_whole else _("Exported confirmed subscribers")
    note_act(request, [user], said)
    name = f"subscribers-{timezone.now().date()}.{ending}"
    return _stream(write(list_rows(tuple(str(one) for one in statuses))), name, kind)


def _stream(lines: Iterator[str], name: str, kind: str) -> HttpResponseBase:
    answer = StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8")
    safe = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in name)
    answer.headers["Content-Disposition"] = content_disposition_header(True, safe) or "attachment"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
