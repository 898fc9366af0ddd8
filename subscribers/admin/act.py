"""What an act of an operator for a subscriber is; each of them is in acts.py."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from subscribers.models import Subscriber, Suppression

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Order:
    """By whom an act was ordered, when, and what was typed into its form."""

    by: str
    now: datetime
    typed: dict[str, Any] = field(default_factory=dict)


class Act(ABC):
    """One act. `find_obstacle` says for one subscriber why it would change nothing."""

    name: ClassVar[str]  # in its address
    label: ClassVar[StrOrPromise]  # on its button
    consequence: ClassVar[StrOrPromise]  # what will happen, before it does
    done: ClassVar[StrOrPromise]  # what happened, said of "2 subscribers"
    permission: ClassVar[str] = "change"
    form_class: ClassVar[type[forms.Form] | None] = None
    is_for_one: ClassVar[bool] = False
    is_final: ClassVar[bool] = False  # nothing takes it back

    @abstractmethod
    def find_obstacle(self, subscriber: Subscriber, now: datetime) -> str:
        """Why it would change nothing for this subscriber; "" where it will be done."""

    @abstractmethod
    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        """Do it for a subscriber without an obstacle; False where one came in this moment."""


def say_inactive(subscriber: Subscriber) -> str:
    """Why somebody who is not subscribed gets nothing."""
    is_pending = subscriber.status == Subscriber.Status.PENDING
    return _("has not confirmed the address") if is_pending else _("unsubscribed")


def find_suppression(subscriber: Subscriber) -> Suppression | None:
    """The suppression of the subscriber's address, if there is one."""
    return Suppression.objects.about(subscriber.email).first()
