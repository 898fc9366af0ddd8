"""What an act of an operator for a subscriber is; each of them is in acts.py."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from subscribers.models import ConsentEvent, Subscriber, Suppression
from subscribers.signup.send_confirmation import Outlook, foresee_mails

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Order:
    """By whom an act was ordered, when, and what was typed into its form."""

    by: str
    now: datetime
    typed: dict[str, Any] = field(default_factory=dict)


class Ground:
    """How things stand for some subscribers at `now`; each is looked up once, when it is asked."""

    def __init__(self, subscribers: Sequence[Subscriber], now: datetime) -> None:
        self.now = now
        self._subscribers = subscribers

    def find_suppression(self, subscriber: Subscriber) -> str:
        """Why nothing is mailed to the address of one of them; "" where it is."""
        return self._suppressions.get(subscriber.email, "")

    def foresee_mail(self, subscriber: Subscriber) -> Outlook:
        return self._outlooks[subscriber.pk]

    def find_departure(self, subscriber: Subscriber) -> ConsentEvent | None:
        """The last time that one of them left."""
        return self._departures.get(subscriber.pk)

    @cached_property
    def _suppressions(self) -> dict[str, str]:
        return Suppression.objects.find_reasons([one.email for one in self._subscribers])

    @cached_property
    def _outlooks(self) -> dict[int, Outlook]:
        return foresee_mails(self._subscribers, self.now)

    @cached_property
    def _departures(self) -> dict[int, ConsentEvent]:
        left = ConsentEvent.objects.filter(kind=ConsentEvent.Kind.LEFT)
        ids = [one.pk for one in self._subscribers]
        rows = left.filter(subscriber__in=ids).order_by("happened_at", "pk")
        return {event.subscriber_id: event for event in rows}


class Act(ABC):
    """One act. `find_obstacle` says for one subscriber why it would change nothing.

    It asks the ground, which looks things up for all whom the act is about at once.
    """

    name: ClassVar[str]  # in its address
    label: ClassVar[StrOrPromise]  # on its button
    consequence: ClassVar[StrOrPromise]  # what will happen, before it does
    done: ClassVar[StrOrPromise]  # what happened, said of "2 subscribers"
    permission: ClassVar[str] = "change"
    form_class: ClassVar[type[forms.Form] | None] = None
    is_for_one: ClassVar[bool] = False
    is_final: ClassVar[bool] = False  # nothing takes it back

    @abstractmethod
    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        """Why it would change nothing for this subscriber; "" where it will be done."""

    @abstractmethod
    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        """Do it for a subscriber without an obstacle; False where one came in this moment."""

    def perform_all(self, subscribers: Sequence[Subscriber], order: Order) -> list[Subscriber]:
        """Do it for some hundred; returns those for whom it was done."""
        return [one for one in subscribers if self.perform(one, order)]


def say_inactive(subscriber: Subscriber) -> str:
    """Why somebody who is not subscribed gets nothing."""
    is_pending = subscriber.status == Subscriber.Status.PENDING
    return _("has not confirmed the address") if is_pending else _("unsubscribed")
