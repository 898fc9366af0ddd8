"""Topics, the people who follow them, and the addresses we must not mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now

from subscribers.topics import ParsedTopic, TopicError, anchor_of, parse, slugify_topic

MAX_TOPICS = 50
MAX_TOPIC_CHARS = 200
# No digest is farther off than a week: what says so was written by a clock that went wrong.
FARTHEST_DIGEST = timedelta(days=8)
MOST_STEPS = 6  # of a leaning, either way
MOST_LEANINGS = 12  # of one subscriber: as many as a person can look through, and answer for
_PAPERS = {
    "topic": "papers on “{}”",
    "category": "papers in {}",
    "organization": "papers from {}",
    "word": "papers with “{}” in the title",
}
_SIZES = ((2, "a little "), (4, ""), (MOST_STEPS, "much "))


class TopicQuerySet(models.QuerySet["Topic"]):
    def followed(self) -> Self:
        """Topics that somebody follows or mutes: the others need no new matches."""
        return self.filter(Exists(Interest.objects.filter(topic=OuterRef("pk"))))

    def public(self) -> Self:
        """Those a page may name: what one leaves out stands in no paper, and mutes are private."""
        of_topic = Interest.objects.filter(topic=OuterRef("pk"))
        only_muted = Exists(of_topic.filter(mode="mute")) & ~Exists(of_topic.filter(mode="follow"))
        return self.exclude(normal_form__contains=" + -").exclude(only_muted)

    def get_or_create_topics(self, queries: Iterable[str]) -> list[Topic]:
        """Return one topic for each thing typed, shared by all who mean the same, in order.

        Two processes that type the same at once share one row. Raises TopicError for a bad
        topic and for more than 50, and then nothing is made.
        """
        parsed: dict[str, ParsedTopic] = {}
        for topic in map(parse, queries):
            parsed.setdefault(topic.normal_form, topic)
        if len(parsed) > MAX_TOPICS:
            raise TopicError(f"{len(parsed)} topics are too many: keep the {MAX_TOPICS} you need.")
        found = self._existing(parsed)
        # RAG and rag are two topics that would like the same slug: the later one gets a longer.
        for is_slug_taken in (False, True):
            missing = [topic for form, topic in parsed.items() if form not in found]
            if missing:
                rows = [_new_topic(topic, is_slug_taken=is_slug_taken) for topic in missing]
                self.bulk_create(rows, ignore_conflicts=True)
                found = self._existing(parsed)
        return [found[form] for form in parsed]

    def _existing(self, parsed: dict[str, ParsedTopic]) -> dict[str, Topic]:
        """By normal form; by what was typed where an older release made another form of it."""
        forms = {topic.query: form for form, topic in parsed.items()}
        rows = list(self.filter(Q(normal_form__in=parsed) | Q(query__in=forms)))
        by_query = {forms[row.query]: row for row in rows if row.query in forms}
        return by_query | {row.normal_form: row for row in rows if row.normal_form in parsed}


def _new_topic(topic: ParsedTopic, *, is_slug_taken: bool) -> Topic:
    slug = slugify_topic(topic.query, topic.normal_form if is_slug_taken else "")
    anchor = anchor_of(topic)
    return Topic(query=topic.query, normal_form=topic.normal_form, slug=slug, anchor=anchor)


class Topic(models.Model):
    """What someone follows, in the topic language; shared by all who typed the same thing."""

    query = models.CharField(max_length=MAX_TOPIC_CHARS, unique=True, help_text="As first typed.")
    normal_form = models.CharField(max_length=600, unique=True, editable=False)
    slug = models.SlugField(max_length=120, unique=True, editable=False)
    # What a paper must hold so that the topic can be in it; "" is worked out when it is needed.
    anchor = models.CharField(max_length=600, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # None: not yet compared with the papers of the last 30 days.
    matched_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["query"]
        constraints = [
            models.CheckConstraint(condition=~Q(normal_form=""), name="topic_is_not_empty"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(matched_at=None), name="topic_unmatched")
        ]

    def __str__(self) -> str:
        return self.query


class Acronym(models.Model):
    """An acronym that papers spell out themselves; what they taught last, written once a day."""

    short = models.CharField(max_length=16, unique=True)  # LLM
    stems = models.CharField(max_length=250, unique=True)  # larg languag model
    spelled = models.CharField(max_length=250)  # large language model
    papers = models.PositiveIntegerField(help_text="How many papers spell it out so.")
    learned_on = models.DateField(help_text="The day whose matching it was learned for.")

    class Meta:
        ordering = ["-papers", "short"]

    def __str__(self) -> str:
        return f"{self.short}: {self.spelled}"


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def reachable(self) -> Self:
        """Those whose address is not suppressed: the only ones who may get a confirmation."""
        return self.exclude(Exists(Suppression.objects.filter(email=OuterRef("email"))))

    def mailable(self) -> Self:
        """Those who may get a digest: reachable, confirmed, and not gone."""
        return self.reachable().filter(status=Subscriber.Status.ACTIVE)

    def due(self, now: datetime) -> Self:
        """Active and past their hour; a first digest (no hour yet) is always due.

        So is one that is farther off than any can be, or nothing would ever put it right.
        """
        return self.filter(status=Subscriber.Status.ACTIVE).filter(
            Q(next_digest_at=None)
            | Q(next_digest_at__lte=now)
            | Q(next_digest_at__gt=now + FARTHEST_DIGEST)
        )


class Subscriber(models.Model):
    """An address and its wishes."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        UNSUBSCRIBED = "unsubscribed"

    class Cadence(models.TextChoices):
        DAILY = "daily", "Every day"
        WEEKDAYS = "weekdays", "Monday to Friday"
        WEEKLY = "weekly", "Once a week, on Monday"

    email = models.EmailField(unique=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    timezone = models.CharField(max_length=64, default="UTC")
    send_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.DAILY)
    max_papers = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    wants_everywhere = models.BooleanField(
        "one paper from everywhere",
        default=True,
        db_default=True,
        help_text="Now and then, one strong paper from outside the topics.",
    )
    topics = models.ManyToManyField(Topic, through="Interest", related_name="subscribers")
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
    # The address to which the digests shall move, and since when its letter waits to be sent.
    new_email = models.EmailField(blank=True, default="", db_default="", editable=False)
    move_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What was asked for at sign-up; it takes effect when the address is confirmed, not before.
    wishes = models.JSONField(default=dict, blank=True)
    # What each letter asks to confirm, by when it was sent: a later wish changes none of them.
    letters = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="subscriber_email_is_lowercase"
            ),
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
        ]
        indexes = [
            models.Index(
                fields=["next_digest_at"], condition=Q(status="active"), name="subscriber_due"
            ),
            models.Index(
                fields=["link_asked_at", "move_asked_at"],
                condition=Q(link_asked_at__isnull=False) | Q(move_asked_at__isnull=False),
                name="subscriber_asked",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def standing_leanings(self) -> models.QuerySet[Leaning]:
        """What *more* and *less* came to; a topic's leaning rests while it is not followed."""
        follows = self.interests.filter(mode=Interest.Mode.FOLLOW)
        followed = [str(pk) for pk in follows.values_list("topic_id", flat=True)]
        return self.leanings.exclude(~Q(term__in=followed), kind=Leaning.Kind.TOPIC)

    def confirm(self, now: datetime) -> None:
        """Make the subscriber active; the first digest is due at once."""
        self.status = self.Status.ACTIVE
        self.confirmed_at = now
        self.unsubscribed_at = None
        self.next_digest_at = None
        self.confirmations_sent = 0
        self.save(
            update_fields=[
                "status",
                "confirmed_at",
                "unsubscribed_at",
                "next_digest_at",
                "confirmations_sent",
            ]
        )

    def unsubscribe(self, now: datetime) -> None:
        """Stop every digest from now on; doing it twice keeps the first date."""
        if self.status == self.Status.UNSUBSCRIBED:
            return
        self.status = self.Status.UNSUBSCRIBED
        self.unsubscribed_at = now
        self.save(update_fields=["status", "unsubscribed_at"])


class Interest(models.Model):
    """A subscriber follows, or mutes, a topic."""

    class Mode(models.TextChoices):
        FOLLOW = "follow"
        MUTE = "mute"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="interests")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="interests")
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.FOLLOW)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "topic"], name="interest_is_unique"),
            models.CheckConstraint(
                condition=Q(mode__in=["follow", "mute"]), name="interest_mode_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.mode}s {self.topic}"


class Leaning(models.Model):
    """How far a reader's *more* and *less* move a topic, or what else papers share, in steps.

    Above zero its papers come earlier in this reader's digest, below zero later; what a step is
    worth says digest/compose/leanings.py. Nothing but a pressed button ever writes one.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic"
        CATEGORY = "category"
        ORGANIZATION = "organization"
        WORD = "word"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="leanings")
    kind = models.CharField(max_length=12, choices=Kind)
    term = models.CharField(max_length=200)  # a topic's id, else the folded name or the stem
    said = models.CharField(max_length=200)  # how the reader is told: as first spelled
    steps = models.SmallIntegerField()

    class Meta:
        ordering = ["-steps", "kind", "said", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "kind", "term"], name="leaning_is_one"),
            models.CheckConstraint(
                condition=Q(kind__in=["topic", "category", "organization", "word"]),
                name="leaning_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(steps__gte=-MOST_STEPS, steps__lte=MOST_STEPS) & ~Q(steps=0),
                name="leaning_is_small_and_not_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.how}"

    @property
    def what(self) -> str:
        """What it moves: papers on “RAG”."""
        return _PAPERS[self.kind].format(self.said)

    @property
    def how(self) -> str:
        """Where to, and how far: a little earlier, earlier, much earlier; or later."""
        size = next(word for most, word in _SIZES if abs(self.steps) <= most)
        return f"{size}{'earlier' if self.steps > 0 else 'later'}"


class Suppression(models.Model):
    """An address we must never mail again, kept even when the subscriber is deleted."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce"
        COMPLAINT = "complaint"
        MANUAL = "manual"

    email = models.EmailField(unique=True)
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.MANUAL)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="suppression_email_is_lowercase"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["bounce", "complaint", "manual"]),
                name="suppression_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.reason})"


class FormerAddress(models.Model):
    """An address that a reader's digests have left: it is told, and may have them back."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    left_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-left_at", "-pk"]
        verbose_name_plural = "former addresses"

    def __str__(self) -> str:
        return f"{self.email} until {self.left_at:%d %B %Y}"


class Mailbox(models.Model):
    """How many letters a mailbox got that it did not answer, in whatever spelling it was typed.

    It outlives the subscriber, so that neither a new spelling nor a row that was cleared away
    begins the count anew. A keyed fingerprint stands for the address, which is not kept here.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    letter_sent_at = models.DateTimeField(db_index=True)
    letters_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.fingerprint[:12]
