"""What visitors see: one row with the name, colours and words of the site, and a preview of it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanWidget

from subscribers.admin.lists import ListAdmin, SentenceForm
from subscribers.models import SiteLook
from subscribers.models.site_look import THE_ROW, is_color
from subscribers.site_look import compute_contrast, make_look
from subscribers.topics import TopicError, parse_topic

PAPER, NIGHT = "#fcfbf7", "#171614"  # the grounds of the pages, by day and by night
LEAST_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
LOGO_BYTES, LOGO_PIXELS = 64 * 1024, 1200
MOST_TOPICS = 12
# Subjects and headers hold the name too.
_NAME = re.compile(r"[^\W_][\w .,’-]*")
_PNG = b"\x89PNG\r\n\x1a\n"


class SiteLookForm(SentenceForm):
    """Refuses what could not be read, and topics that find nothing."""

    logo_file = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy(
            "A PNG of at most 64 KB, twice as high as 32 pixels; in the place of the name."
        ),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png"}),
    )
    without_logo = forms.BooleanField(
        label=gettext_lazy("Without the logo"), required=False, widget=UnfoldBooleanWidget
    )

    class Meta:
        model = SiteLook
        fields: ClassVar[list[str]] = [
            *("name", "tagline", "accent", "accent_dark", "topics", "reply_to", "footer"),
            *("imprint", "contact", "privacy"),
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("topics", "footer", "contact"):
            if name in self.fields:
                self.fields[name].widget.attrs["rows"] = 3

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not _NAME.fullmatch(name):
            raise ValidationError(_("Write a name of letters, digits, spaces, dots and hyphens."))
        return name

    def clean_accent(self) -> str:
        return self._check_contrast("accent", PAPER)

    def clean_accent_dark(self) -> str:
        return self._check_contrast("accent_dark", NIGHT)

    def _check_contrast(self, name: str, ground: str) -> str:
        color = str(self.cleaned_data[name]).lower()
        is_color(color)
        found = compute_contrast(color, ground)
        if found < LEAST_CONTRAST:
            if ground == PAPER:
                problem = _(
                    "Links in this colour are hard to read on %(ground)s: the contrast is "
                    "%(found)s, and %(least)s is the least. Take a darker one."
                )
            else:
                problem = _(
                    "Links in this colour are hard to read on %(ground)s: the contrast is "
                    "%(found)s, and %(least)s is the least. Take a lighter one."
                )
            said = {"ground": ground, "found": f"{found:.1f}", "least": LEAST_CONTRAST}
            raise ValidationError(problem % said)
        return color

    def clean_topics(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["topics"].splitlines() if line.strip()]
        if len(lines) > MOST_TOPICS:
            raise ValidationError(
                _("Offer at most %(most_topics)s: more help nobody to choose.")
                % {"most_topics": MOST_TOPICS}
            )
        for line in lines:
            try:
                parse_topic(line)
            except TopicError as error:
                raise ValidationError(f"“{line}”: {error}") from error
        return "\n".join(lines)

    def clean_logo_file(self) -> bytes | None:
        file = self.cleaned_data["logo_file"]
        if not file:
            return None
        if file.size > LOGO_BYTES:
            raise ValidationError(
                _("It has %(size)s bytes; %(logo_bytes)s are the most.")
                % {"size": f"{file.size:,}", "logo_bytes": f"{LOGO_BYTES:,}"}
            )
        held = bytes(file.read())
        width, height = read_png_size(held)
        if not 0 < max(width, height) <= LOGO_PIXELS:
            raise ValidationError(
                _("It has to be a PNG of at most %(logo_pixels)s pixels a side.")
                % {"logo_pixels": LOGO_PIXELS}
            )
        return held

    def save(self, commit: bool = True) -> SiteLook:
        if held := self.cleaned_data.get("logo_file"):
            self.instance.logo = held
        elif self.cleaned_data.get("without_logo"):
            self.instance.logo = None
        saved: SiteLook = super().save(commit)
        return saved


def read_png_size(held: bytes) -> tuple[int, int]:
    """Its width and height by its first chunk, (0, 0) where it is no PNG."""
    if not held.startswith(_PNG) or held[12:16] != b"IHDR" or len(held) < 24:
        return 0, 0
    return int.from_bytes(held[16:20], "big"), int.from_bytes(held[20:24], "big")


@admin.register(SiteLook)
class SiteLookAdmin(ListAdmin):
    """One row: the list leads to it, and nobody deletes it."""

    form = SiteLookForm
    change_form_template = "admin/site_look.html"
    fieldsets: ClassVar[list[Any]] = [
        (gettext_lazy("Name"), {"fields": ["name", "tagline"]}),
        (
            gettext_lazy("Colours and logo"),
            {"fields": [("accent", "accent_dark"), "logo_file", "without_logo"]},
        ),
        (gettext_lazy("At the door"), {"fields": ["topics"]}),
        (gettext_lazy("Mail"), {"fields": ["reply_to"]}),
        (gettext_lazy("Words"), {"fields": ["footer", "imprint", "contact", "privacy"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change it may make it, once."""
        return bool(self.has_change_permission(request)) and not SiteLook.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def get_urls(self) -> list[Any]:
        preview = self.admin_site.admin_view(self.show_preview)
        own = path("preview/", preview, name="subscribers_sitelook_preview")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if SiteLook.objects.exists():
            url = reverse("admin:subscribers_sitelook_change", args=[THE_ROW])
        elif self.has_add_permission(request):
            url = reverse("admin:subscribers_sitelook_add")
        else:
            url = reverse("admin:index")
            said = _("Nobody has set what visitors see: it is Offprint’s own name and colours.")
            messages.info(request, said)
        return HttpResponseRedirect(url)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        """There is one, so none is added after it."""
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kw)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A bookmark of the row where there is none yet: the form with what holds without it."""
        if object_id == str(THE_ROW) and not SiteLook.objects.exists():
            return self.changelist_view(request)
        page: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return page

    def show_preview(self, request: HttpRequest) -> HttpResponse:
        """GET shows the present look; POST what is typed in the form, and saves nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row, form = SiteLook.objects.first() or SiteLook(), None
        if request.method == "POST":
            form = SiteLookForm(request.POST, request.FILES, instance=row)
            if form.is_valid():
                row = form.save(commit=False)
        context: dict[str, Any] = {"form": form or [], "look": make_look(row)}
        status = 422 if form and form.errors else 200
        return render(request, "admin/site_look_preview.html", context, status=status)
