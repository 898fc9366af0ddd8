"""The forms: sign-up, preferences, a lost link, another address."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers import forgiving_cache, tokens
from subscribers.account import topic_changes
from subscribers.account.less_mail import find_pause_end
from subscribers.account.topic_changes import Wish
from subscribers.models import Interest, Subscriber, Topic
from subscribers.signup.wishes import Wishes
from subscribers.topics import parse_once
from subscribers.web.fields import AddressField, TopicsField, ZoneField, list_zones

LONGEST_PAUSE = timedelta(days=366)
# Nobody types an address and a topic faster; a form left open for days is no sign of a person.
_LEAST_FILL, _MOST_FILL = timedelta(seconds=3), timedelta(days=2)
_SCHEDULE = ("cadence", "send_hour", "timezone", "max_papers")
_EXTRAS = ("wants_near", "wants_passing", "wants_everywhere")


def _list_hours() -> list[tuple[int, str]]:
    return [(hour, f"{hour:02}:00") for hour in range(24)]


class PlainForm(forms.Form):
    """A form whose labels end in no colon."""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)


class ScheduleForm(PlainForm):
    """When the digest comes, and how long it is."""

    cadence = forms.ChoiceField(choices=Subscriber.Cadence, label=gettext_lazy("How often"))
    send_hour = forms.TypedChoiceField(choices=_list_hours, coerce=int, label=gettext_lazy("At"))
    timezone = ZoneField(label=gettext_lazy("Time zone"))
    max_papers = forms.IntegerField(
        min_value=1,
        max_value=50,
        label=gettext_lazy("Papers per mail"),
        help_text=gettext_lazy("At most; 1 to 50."),
    )


class Honeypot(PlainForm):
    """A form with a field that people do not see, and only programs fill in."""

    website = forms.CharField(required=False, label=gettext_lazy("Leave this empty"))

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data["website"])


class SignUpForm(Honeypot, ScheduleForm):
    email = AddressField(
        label=gettext_lazy("Email address"),
        error_messages={"required": gettext_lazy("Type the address your digest should go to.")},
    )
    topics = TopicsField(
        gettext_lazy("diffusion policy, RAG"),
        label=gettext_lazy("Topics"),
        help_text=gettext_lazy("One per line, or with commas between them."),
        error_messages={
            "required": gettext_lazy("Type at least one topic, such as “diffusion policy”.")
        },
    )
    # When the form was shown, signed.
    shown_at = forms.CharField(
        required=False,
        widget=forms.HiddenInput,
        initial=lambda: tokens.sign_stamp(timezone.now()),
    )

    field_order = ["email", "topics"]

    def __init__(self, data: Any = None, initial: Any = None, **options: Any) -> None:
        bound = None if data is None else _fill_in_defaults(data)
        super().__init__(bound, initial=SCHEDULE_DEFAULTS | (initial or {}), **options)

    def has_taken_time(self, now: datetime) -> bool:
        """Whether it took a person's time to fill in; one without a stamp of ours gets it now."""
        shown_at = tokens.read_stamp(self.data.get("shown_at", ""))
        if shown_at is None or now - shown_at > _MOST_FILL:
            self._stamp_anew(now)
            return False
        return now - shown_at >= _LEAST_FILL

    def use_stamp(self, now: datetime) -> bool:
        """Use the stamp up; False where it has served a sign-up, and then there is a new one.

        Without a cache nobody knows, and it serves again.
        """
        stamp = str(self.data.get("shown_at", ""))
        key = f"stamp:{sha256(stamp.encode()).hexdigest()[:32]}"
        if forgiving_cache.add_value(key, 1, _MOST_FILL.total_seconds()) is False:
            self._stamp_anew(now)
            return False
        return True

    def _stamp_anew(self, now: datetime) -> None:
        data: Any = self.data
        data["shown_at"] = tokens.sign_stamp(now)  # our own copy

    def wishes(self) -> Wishes:
        return Wishes(**{name: self.cleaned_data[name] for name in ("topics", *_SCHEDULE)})


SCHEDULE_DEFAULTS: dict[str, Any] = {
    "timezone": "UTC",
    "send_hour": 8,
    "cadence": "daily",
    "max_papers": 10,
}


def _fill_in_defaults(data: Any) -> Any:
    """The data with defaults where a short form has no field, or the browser sent no known zone."""
    data = data.copy()
    if data.get("timezone") not in list_zones():
        data["timezone"] = SCHEDULE_DEFAULTS["timezone"]
    for name, answer in SCHEDULE_DEFAULTS.items():
        if not data.get(name):
            data[name] = str(answer)
    return data


class LostLinkForm(Honeypot):
    email = AddressField(
        label=gettext_lazy("Email address"),
        error_messages={"required": gettext_lazy("Type the address your digest goes to.")},
    )


class MoveForm(PlainForm):
    new_email = AddressField(
        label=gettext_lazy("New address"),
        error_messages={"required": gettext_lazy("Type the new address.")},
    )


class PreferencesForm(ScheduleForm):
    followed = TopicsField(
        gettext_lazy("diffusion policy, RAG"),
        required=False,
        label=gettext_lazy("Topics you follow"),
        help_text=gettext_lazy("One per line, or with commas between them."),
    )
    muted = TopicsField(
        gettext_lazy("surgical robots"),
        required=False,
        label=gettext_lazy("Topics you mute"),
        help_text=gettext_lazy("A paper in one of these never comes, whatever else it is about."),
    )
    wants_everywhere = forms.BooleanField(
        required=False,
        label=gettext_lazy("Trending everywhere"),
        help_text=gettext_lazy(
            "Now and then, one paper that everybody talks about, from outside your topics."
        ),
    )
    wants_near = forms.BooleanField(
        required=False,
        label=gettext_lazy("Close to your topics"),
        help_text=gettext_lazy(
            "Up to three papers a mail that are in none of them, but like what they find; the "
            "closest make a mail by themselves where nothing else does."
        ),
    )
    wants_passing = forms.BooleanField(
        required=False,
        label=gettext_lazy("Passing mentions too"),
        help_text=gettext_lazy("Papers that only mention a topic, behind all that are on it."),
    )
    paused_until = forms.DateField(
        required=False,
        label=gettext_lazy("Pause until"),
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("Your first digest comes on this day. Leave it empty to go on."),
    )

    field_order = ["followed", "muted"]

    def clean_paused_until(self) -> date | None:
        day: date | None = self.cleaned_data["paused_until"]
        if day and day > (timezone.now() + LONGEST_PAUSE).date():
            raise ValidationError(_("A pause lasts a year at most. Choose an earlier day."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        followed = {parse_once(topic).normal_form for topic in cleaned.get("followed", [])}
        for topic in cleaned.get("muted", []):
            if parse_once(topic).normal_form in followed:
                self.add_error(
                    "muted",
                    _("You follow “%(topic)s” as well. Keep it in one place.") % {"topic": topic},
                )
        return cleaned

    def save(self, subscriber: Subscriber, now: datetime, *, is_new_browser: bool = False) -> bool:
        """Write it all in one transaction; a new hour, zone or cadence moves the next digest.

        False where the topics stay as they are: a new browser would change all of them.
        """
        before = _read_schedule(subscriber)
        zone = self.cleaned_data["timezone"]
        for name in _SCHEDULE:
            setattr(subscriber, name, self.cleaned_data[name])
        day: date | None = self.cleaned_data["paused_until"]
        subscriber.paused_until = find_pause_end(day, zone, now) if day else None
        for name in _EXTRAS:
            setattr(subscriber, name, self.cleaned_data[name])
        fields = [*_SCHEDULE, "paused_until", *_EXTRAS]
        if _read_schedule(subscriber) != before:
            subscriber.reschedule(now)
            fields.append("next_digest_at")
        with transaction.atomic():
            subscriber.save(update_fields=fields)
            followed, muted = self.cleaned_data["followed"], self.cleaned_data["muted"]
            if not is_new_browser:
                topic_changes.forget_change(subscriber)
            elif not topic_changes.may_change(subscriber, followed, muted, now):
                return False
            subscriber.replace_interests(
                Topic.objects.get_or_create_topics(followed),
                Topic.objects.get_or_create_topics(muted),
            )
        return True


def _read_schedule(subscriber: Subscriber) -> tuple[str, str, int]:
    return (subscriber.cadence, subscriber.timezone, subscriber.send_hour)


def read_preferences(subscriber: Subscriber, wish: Wish | None = None) -> dict[str, Any]:
    """The form's initial values; the topics are those of a wish that waits, where one is given."""
    interests = list(subscriber.interests.select_related("topic"))
    paused_until = subscriber.paused_until
    return {
        "followed": "\n".join(wish.followed)
        if wish
        else _join_topics(interests, Interest.Mode.FOLLOW),
        "muted": "\n".join(wish.muted) if wish else _join_topics(interests, Interest.Mode.MUTE),
        **{name: getattr(subscriber, name) for name in (*_SCHEDULE, *_EXTRAS)},
        "paused_until": paused_until
        and paused_until.astimezone(ZoneInfo(subscriber.timezone)).date(),
    }


def _join_topics(interests: list[Interest], mode: Interest.Mode) -> str:
    return "\n".join(interest.as_typed for interest in interests if interest.mode == mode)
