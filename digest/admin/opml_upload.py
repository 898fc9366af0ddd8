"""The admin's page that makes sources of an OPML file, as feed readers export them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.ingest.add_outlines import Fate, add_outlines
from digest.ingest.sources.opml import BYTES, NotOpml, Outline, read_opml
from digest.watch import clock
from subscribers.admin.staff_log import note_act


class OpmlForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "OPML, as any feed reader exports it. Each feed becomes a source that is asked "
            "within a minute; one that is there stays as it is."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> list[Outline]:
        try:
            outlines = read_opml(self.cleaned_data["file"].read(BYTES + 1))
        except NotOpml as error:
            raise ValidationError(
                _("It cannot be read as OPML. %(error)s") % {"error": error}
            ) from error
        if not outlines:
            raise ValidationError(_("It names no feed: no outline in it has an address (xmlUrl)."))
        return outlines


def show_opml_upload(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """GET shows the form; POST adds the feeds, and says of each what became of it."""
    is_posted = request.method == "POST"
    form = OpmlForm(request.POST, request.FILES, label_suffix="") if is_posted else OpmlForm()
    context |= {"title": _("Bring in feeds"), "form": form}
    if is_posted and form.is_valid():
        with transaction.atomic():
            added = add_outlines(form.cleaned_data["file"], clock.read_now())
            note_act(request, [one.source for one in added if one.source], _("Added"), ADDITION)
        tally = Counter(one.fate for one in added)
        context |= {"added": added, "tally": [(fate.label, tally[fate]) for fate in Fate]}
    status = 422 if form.errors else 200
    return render(request, "admin/opml_upload.html", context, status=status)
