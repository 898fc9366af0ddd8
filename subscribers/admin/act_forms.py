"""What an operator types for an act, and for a new subscriber."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from subscribers.models import Subscriber, Suppression
from subscribers.models.consents import NOTE_CHARS
from subscribers.signup.wishes import Wishes
from subscribers.web.fields import AddressField, TopicsField, list_zone_choices
from subscribers.web.forms import LONGEST_PAUSE, PlainForm

SCHEDULE = ("cadence", "send_hour", "timezone", "max_papers")


def make_date_widget() -> UnfoldAdminTextInputWidget:
    """The browser's own picker, which needs no script."""
    return UnfoldAdminTextInputWidget({"type": "date"})


class PauseForm(PlainForm):
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=make_date_widget(),
        help_text=gettext_lazy(
            "The first digest after the pause comes on this day. A year at most."
        ),
        error_messages={"required": gettext_lazy("Choose the day on which their digests go on.")},
    )

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        today = timezone.now().date()
        if day <= today:
            raise ValidationError(_("This day is not in the future. Choose a later one."))
        if day > today + LONGEST_PAUSE:
            raise ValidationError(_("A pause lasts a year at most. Choose an earlier day."))
        return day


class MoveOnceForm(PlainForm):
    ASK, AT_ONCE = "ask", "at-once"

    new_email = AddressField(
        label=gettext_lazy("New address"),
        error_messages={"required": gettext_lazy("Type the new address.")},
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Is it theirs?"),
        initial=ASK,
        widget=UnfoldAdminRadioSelectWidget,
        choices=[
            (
                ASK,
                gettext_lazy(
                    "Ask there: the digests move when the button in that mail is pressed."
                ),
            ),
            (
                AT_ONCE,
                gettext_lazy("I know that it is: move at once. Neither address gets a mail."),
            ),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["new_email"].widget = UnfoldAdminEmailInputWidget()

    def clean_new_email(self) -> str:
        email = str(self.cleaned_data["new_email"])
        if Subscriber.objects.active().filter(email=email).exists():
            raise ValidationError(
                _("This address has a digest of its own: unsubscribe that first.")
            )
        if row := Suppression.objects.about(email).first():
            raise ValidationError(
                _("This address is suppressed (%(reason)s): lift that first.")
                % {"reason": row.reason}
            )
        return email


def label_schedule(fields: dict[str, forms.Field]) -> None:
    """Say in which zone the hour is, and of what there are so many at most."""
    labels = {
        "cadence": _("How often"),
        "send_hour": _("Hour, in their time zone"),
        "timezone": _("Time zone"),
        "max_papers": _("Papers in a mail, at most"),
    }
    for name in labels.keys() & fields.keys():
        fields[name].label = labels[name]


class AddSubscriberForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody new, who is asked to confirm, or of whom an operator vouches that they agreed."""

    ASK, ELSEWHERE = "ask", "elsewhere"

    email = AddressField(
        error_messages={
            "required": gettext_lazy("Type their address."),
            "unique": gettext_lazy("This address is here already: look for it in the list."),
        }
    )
    topics = TopicsField(
        "",
        help_text=gettext_lazy("One per line, or with commas between them."),
        error_messages={
            "required": gettext_lazy("Type at least one topic, such as “diffusion policy”.")
        },
    )
    timezone = forms.ChoiceField(
        choices=list_zone_choices, widget=UnfoldAdminSelectWidget, initial="UTC"
    )
    consent = forms.ChoiceField(
        label=gettext_lazy("Did they agree?"),
        initial=ASK,
        widget=UnfoldAdminRadioSelectWidget,
        choices=[
            (
                ASK,
                gettext_lazy(
                    "Ask them: a mail with a link goes to the address, and nothing else before "
                    "that."
                ),
            ),
            (
                ELSEWHERE,
                gettext_lazy(
                    "They agreed elsewhere, as noted below: the first digest leaves at once."
                ),
            ),
        ],
    )
    agreed_on = forms.DateField(
        required=False, label=gettext_lazy("When"), widget=make_date_widget()
    )
    agreed_where = forms.CharField(
        required=False,
        label=gettext_lazy("Where and how"),
        max_length=NOTE_CHARS,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            "Such as “on the lab's sign-up sheet”. It is kept with your name, as consent."
        ),
    )

    class Meta:
        model = Subscriber
        fields: ClassVar[list[str]] = ["email", *SCHEDULE]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget = UnfoldAdminEmailInputWidget()
        self.fields["topics"].widget = UnfoldAdminTextareaWidget({"rows": 4})
        label_schedule(self.fields)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if row := Suppression.objects.about(email).first():
            raise ValidationError(
                _("This address is suppressed (%(reason)s): lift that first.")
                % {"reason": row.reason}
            )
        return email

    def clean_agreed_on(self) -> date | None:
        day: date | None = self.cleaned_data["agreed_on"]
        if day and day > timezone.now().date():
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("consent") == self.ELSEWHERE:
            if not cleaned.get("agreed_on") and "agreed_on" not in self.errors:
                self.add_error("agreed_on", _("Say on which day they agreed."))
            if not cleaned.get("agreed_where"):
                self.add_error("agreed_where", _("Say where and how they agreed."))
        return cleaned

    @property
    def agreed_at(self) -> datetime | None:
        """The beginning of the day on which they agreed elsewhere; None where they are asked."""
        if self.cleaned_data["consent"] == self.ASK:
            return None
        return datetime.combine(self.cleaned_data["agreed_on"], time(), UTC)

    def read_wishes(self) -> Wishes:
        return Wishes(**{name: self.cleaned_data[name] for name in ("topics", *SCHEDULE)})
