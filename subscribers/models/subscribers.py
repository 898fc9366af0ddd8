"""Subscribers, and which of them may be mailed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from subscribers import mailboxes
from subscribers.models.addresses import (
    MailboxField,
    SpellingField,
    hash_own_mailbox,
    hash_own_spelling,
    is_suppressed,
)
from subscribers.models.consents import NOTE_CHARS, ConsentEvent
from subscribers.models.deletion import AnnouncedQuerySet
from subscribers.models.leanings import Leaning
from subscribers.models.public_spelling import spell_followed, spell_left
from subscribers.models.topics import Interest, Topic
from subscribers.schedule import find_next_slot, list_due_ranges


class SubscriberQuerySet(AnnouncedQuerySet["Subscriber"]):
    def active(self) -> Self:
        """Those who confirmed and have not left; see `mailable` for whom a digest may go to."""
        return self.filter(status=Subscriber.Status.ACTIVE)

    def pending(self) -> Self:
        """Those who have not yet answered their first confirmation."""
        return self.filter(status=Subscriber.Status.PENDING)

    def with_wishes(self) -> Self:
        """Those for whose address something was asked that is not confirmed."""
        return self.exclude(wishes={})

    def reachable(self) -> Self:
        """Those whose mailbox is not suppressed: the only ones who may get a confirmation."""
        return self.exclude(is_suppressed())

    def mailable(self) -> Self:
        """Those who may get a digest: reachable, confirmed, and not gone."""
        return self.reachable().active()

    def at_domain(self, domain: str) -> Self:
        """Those whose address is at this domain, and at no other that ends so."""
        return self.filter(email__endswith=f"@{domain.lower().lstrip('@')}")

    def following(self, normal_form: str) -> Self:
        """Those who follow the topic with this normal form."""
        follows = Interest.objects.follows().filter(topic__normal_form=normal_form)
        return self.filter(pk__in=follows.values("subscriber"))

    def due(self, now: datetime) -> Self:
        """The active whose next digest is at or before `now`, or has no date yet: a first digest.

        A date farther off than any can be is due too, or nothing would ever correct it.
        """
        return self.active().filter(reduce(or_, list_due_ranges(now)))


class Subscriber(models.Model):
    """An address and its wishes."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")

    class Cadence(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKDAYS = "weekdays", _("Monday to Friday")
        WEEKLY = "weekly", _("Once a week, on Monday")

    email = models.EmailField(unique=True, verbose_name=_("email"))
    # Of the address, written with it: by these two its suppressions are found.
    mailbox = MailboxField(max_length=mailboxes.HASH_CHARS, editable=False)
    spelling = SpellingField(max_length=mailboxes.HASH_CHARS, blank=True, editable=False)
    status = models.CharField(
        max_length=12, choices=Status, default=Status.PENDING, verbose_name=_("status")
    )
    timezone = models.CharField(max_length=64, default="UTC", verbose_name=_("timezone"))
    send_hour = models.PositiveSmallIntegerField(
        default=8, validators=[MaxValueValidator(23)], verbose_name=_("send hour")
    )
    cadence = models.CharField(
        max_length=8, choices=Cadence, default=Cadence.DAILY, verbose_name=_("cadence")
    )
    max_papers = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        verbose_name=_("max papers"),
    )
    wants_everywhere = models.BooleanField(
        _("one paper from everywhere"),
        default=True,
        db_default=True,
        help_text=_("Now and then, one strong paper from outside the topics."),
    )
    wants_passing = models.BooleanField(
        _("passing mentions too"),
        default=False,
        db_default=False,
        help_text=_("Also papers that only mention a topic, behind all that are on it."),
    )
    wants_near = models.BooleanField(
        _("close to the topics"),
        default=True,
        db_default=True,
        help_text=_("Up to three papers a mail that are like what the topics find."),
    )
    topics = models.ManyToManyField(
        Topic, through="Interest", related_name="subscribers", verbose_name=_("topics")
    )
    # None while active: the first digest leaves at once.
    next_digest_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)
    confirmations_sent = models.PositiveSmallIntegerField(default=0)
    # Somebody asked for the links of this address to be sent to it, and when that was done.
    link_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    link_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    links_sent = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # The same for whoever holds a link of theirs already: no stranger's asking uses that up.
    own_link_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    own_link_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    own_links_sent = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # The address to which the digests shall move, and since when its mail waits to be sent.
    new_email = models.EmailField(blank=True, default="", db_default="", editable=False)
    move_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Links of an earlier version have ended; an unsubscribe link never does.
    link_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # What was asked for last at sign-up, as signup/wishes.py stores it, and since when it waits
    # for its confirmation to be sent; it takes effect when the address is confirmed, not before.
    wishes = models.JSONField(default=dict, blank=True)
    wish_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="subscriber_email_is_lowercase"
            ),
            models.CheckConstraint(condition=~Q(mailbox=""), name="subscriber_mailbox_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "unsubscribed"]),
                name="subscriber_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(cadence__in=["daily", "weekdays", "weekly"]),
                name="subscriber_cadence_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(confirmed_at__isnull=False),
                name="subscriber_active_means_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status="unsubscribed", unsubscribed_at__isnull=False)
                | (~Q(status="unsubscribed") & Q(unsubscribed_at__isnull=True)),
                name="subscriber_unsubscribed_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(send_hour__lte=23), name="subscriber_send_hour_is_an_hour"
            ),
            models.CheckConstraint(
                condition=Q(max_papers__gte=1, max_papers__lte=50),
                name="subscriber_max_papers_is_sensible",
            ),
            models.CheckConstraint(
                condition=Q(wish_asked_at=None) | ~Q(wishes={}),
                name="subscriber_who_waits_has_a_wish",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_digest_at", "id"],
                condition=Q(status="active"),
                name="subscriber_due",
            ),
            models.Index(
                fields=["link_asked_at", "own_link_asked_at", "move_asked_at"],
                condition=Q(link_asked_at__isnull=False)
                | Q(own_link_asked_at__isnull=False)
                | Q(move_asked_at__isnull=False),
                name="subscriber_asked",
            ),
            models.Index(
                fields=["wish_asked_at"],
                condition=Q(wish_asked_at__isnull=False),
                name="subscriber_wish_asked",
            ),
            models.Index(fields=["new_email"], condition=~Q(new_email=""), name="subscriber_move"),
        ]

    def __str__(self) -> str:
        return self.email

    @staticmethod
    def hash_address(email: str) -> dict[str, str]:
        """The columns that are written with an address, where a query updates it."""
        return {"mailbox": hash_own_mailbox(email), "spelling": hash_own_spelling(email)}

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def standing_leanings(self) -> models.QuerySet[Leaning]:
        """The leanings that count now: not those of topics that are not followed any more."""
        follows = self.interests.follows()
        followed = {str(pk) for pk in follows.values_list("topic_id", flat=True)}
        ended = [
            pk
            for pk, kind, term in self.leanings.values_list("pk", "kind", "term")
            if kind in (Leaning.Kind.TOPIC, Leaning.Kind.SENSE)
            and term.partition(" ")[0] not in followed
        ]
        return self.leanings.exclude(pk__in=ended)

    def find_next_slot(self, after: datetime) -> datetime:
        """The first moment later than `after` at which a digest is due, in UTC."""
        return find_next_slot(self.cadence, self.timezone, self.send_hour, after)

    def replace_interests(self, followed: Iterable[Topic], muted: Iterable[Topic]) -> None:
        """Make these the subscriber's topics, and no others; those that stay keep their date."""
        followed = list(followed)
        wanted = dict.fromkeys(muted, Interest.Mode.MUTE)
        wanted |= dict.fromkeys(followed, Interest.Mode.FOLLOW)
        before = list(self.interests.follows().values_list("topic_id", flat=True))
        self.interests.exclude(topic__in=list(wanted)).delete()
        Interest.objects.bulk_create(
            [Interest(subscriber=self, topic=t, mode=m, typed=t.typed) for t, m in wanted.items()],
            update_conflicts=True,
            unique_fields=["subscriber", "topic"],
            update_fields=["mode", "typed"],
        )
        spell_followed(followed)
        spell_left(before)

    def reschedule(self, now: datetime) -> None:
        """Set the next digest by a new cadence, hour or zone, without saving.

        Without a date the first digest is still to come, and leaves at once whatever the hour.
        """
        if self.next_digest_at:
            self.next_digest_at = self.find_next_slot(now)

    def confirm(self, now: datetime, elsewhere: ConsentEvent | None = None) -> None:
        """Make the subscriber active; the first digest is due at once.

        `elsewhere` is an event to be saved that says when and where they agreed, if not here.
        """
        self.set_confirmed(elsewhere.happened_at if elsewhere else now)
        names = "status confirmed_at unsubscribed_at next_digest_at confirmations_sent"
        self.save(update_fields=names.split())
        event = elsewhere or ConsentEvent(kind=ConsentEvent.Kind.CONFIRMED, happened_at=now)
        self.note_consent(event, now)

    def set_confirmed(self, confirmed_at: datetime) -> None:
        """Set what makes somebody active, without saving and without a note of their consent."""
        self.status = self.Status.ACTIVE
        self.confirmed_at = confirmed_at
        self.unsubscribed_at = None
        self.next_digest_at = None
        self.confirmations_sent = 0

    def unsubscribe(self, now: datetime, by: str = "", note: str = "") -> None:
        """Stop every digest from now on; doing it twice keeps the first date.

        `by` is the operator who did it, if not the subscriber; `note` says on which way.
        """
        if self.status == self.Status.UNSUBSCRIBED:
            return
        self.status = self.Status.UNSUBSCRIBED
        self.unsubscribed_at = now
        self.save(update_fields=["status", "unsubscribed_at"])
        left = ConsentEvent(kind=ConsentEvent.Kind.LEFT, happened_at=now, by=by, note=note)
        self.note_consent(left, now)

    def note_consent(self, event: ConsentEvent, now: datetime) -> None:
        """Write down what happened to their consent; a note that is too long is cut."""
        event.subscriber, event.noted_at, event.note = self, now, event.note[:NOTE_CHARS]
        event.save(force_insert=True)
