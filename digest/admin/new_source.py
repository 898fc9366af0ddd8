"""The admin's page for a new source: it is looked at once, shown, and saved at the second press."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from digest.ingest.look_at import NotASource
from digest.ingest.propose import BadAddress, ProposedSource, propose_source
from digest.ingest.sources.known_pages import NoList
from digest.models import URL_CHARS, Source
from digest.watch import clock

NO_ADDRESS = gettext_lazy(
    "This is no address of the web: copy it from the line above the page, https:// and all."
)

_SALT = "digest.admin.new-source"
_LOOK_COUNTS_SECONDS = 3600
_KINDS = [("", gettext_lazy("Find it out")), *Source.Kind.choices]


class NewSourceForm(forms.Form):
    """An address, and what may be known of it beforehand."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=URL_CHARS,
        widget=UnfoldAdminTextInputWidget({"inputmode": "url", "autofocus": True}),
        help_text=gettext_lazy(
            "Of a feed, of an arXiv list, or of any page: the feed that it names is found."
        ),
        error_messages={
            "required": gettext_lazy(
                "Type an address, such as https://arxiv.org/list/cs.CL/recent."
            )
        },
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=_KINDS, required=False, widget=UnfoldAdminSelectWidget
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What readers see. Empty: what the list calls itself."),
    )

    def clean_url(self) -> str:
        """An address is completed as a browser would do it: example.org."""
        url = str(self.cleaned_data["url"])
        return url if ":" in url.partition("/")[0] else f"https://{url}"


def show_new_source(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """GET shows the form; a POST looks at the address; one that was looked at is saved."""
    form = NewSourceForm(request.POST if request.method == "POST" else None, label_suffix="")
    context |= {"title": _("Add a source"), "form": form}
    if not form.is_bound or not form.is_valid():
        return _render_page(request, context)
    if source := _read_looked(request, form):
        return _save_source(request, source)
    wanted = form.cleaned_data
    try:
        proposed = propose_source(wanted["url"], wanted["kind"], clock.read_now())
    except (BadAddress, NoList, NotASource) as error:
        form.add_error("url", str(error))
        return _render_page(request, context)
    if problem := _find_problem(proposed):
        form.add_error("url", problem)
        return _render_page(request, context)
    return _render_page(request, context | {"proposed": proposed, **_describe(proposed, wanted)})


def _render_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, "admin/new_source.html", context, status=status)


def _find_problem(proposed: ProposedSource) -> str:
    """Why it cannot be a source, or ""."""
    if proposed.known:
        return _("%(title)s has this address already.") % {"title": proposed.known.title}
    try:
        Source(url=proposed.url, kind=proposed.kind, title=proposed.title).full_clean()
    except ValidationError as error:
        codes = {one.code for one in error.error_dict.get("url", [])}
        return str(NO_ADDRESS) if "invalid" in codes else " ".join(error.messages)
    return ""


def _describe(proposed: ProposedSource, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the page says of it, and the proof that somebody has looked."""
    said = {"typed": wanted["url"], "wanted": wanted["kind"]}
    said |= {"url": proposed.url, "kind": proposed.kind, "title": proposed.title}
    return {
        "looked": signing.dumps(said, salt=_SALT),
        "name": wanted["title"] or proposed.title,
        "kind": Source.Kind(proposed.kind).label,
    }


def _read_looked(request: HttpRequest, form: NewSourceForm) -> Source | None:
    """The source of which the page was shown, if the form still names the same address."""
    try:
        said = signing.loads(
            request.POST.get("looked", ""), salt=_SALT, max_age=_LOOK_COUNTS_SECONDS
        )
    except signing.BadSignature:
        return None
    wanted = form.cleaned_data
    if (said["typed"], said["wanted"]) != (wanted["url"], wanted["kind"]):
        return None
    source = Source(url=said["url"], kind=said["kind"], title=wanted["title"] or said["title"])
    try:
        source.full_clean()
    except ValidationError:
        return None  # somebody else has added it meanwhile: a look will say so
    return source


def _save_source(request: HttpRequest, source: Source) -> HttpResponse:
    user_id = int(request.user.pk or 0)  # nobody comes here without one
    added: list[Any] = [{"added": {}}]
    try:
        with transaction.atomic():
            source.save()
            LogEntry.objects.log_actions(user_id, [source], ADDITION, added, single_object=True)
    except IntegrityError:
        messages.warning(request, _("Somebody added this address in this moment: here it is."))
    else:
        said = _("%(title)s is added, and will be asked within a minute.")
        messages.success(request, said % {"title": source.title})
    return redirect(reverse("admin:digest_source_changelist"))
