"""What is sent, to whom, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from digest.repeats import Encore, Merger
from digest.replies import Feedback, SavedPaper
from subscribers.models import Subscriber, Topic

__all__ = [
    "Delivery",
    "Edition",
    "Encore",
    "Entry",
    "Feedback",
    "HostTurn",
    "Match",
    "Merger",
    "Paper",
    "SavedPaper",
    "Snapshot",
    "Source",
]

TITLE_CHARS = 500
URL_CHARS = 1000
FARTHEST_FETCH = timedelta(days=8)  # Retry-After is obeyed for up to a week


class SourceQuerySet(models.QuerySet["Source"]):
    def due(self, now: datetime) -> Self:
        """Active sources whose time has come; one never fetched is always due.

        So is one that waits longer than any host may ask for: a clock went wrong.
        """
        return self.filter(is_active=True).filter(
            Q(next_fetch_at=None)
            | Q(next_fetch_at__lte=now)
            | Q(next_fetch_at__gt=now + FARTHEST_FETCH)
        )


class Source(models.Model):
    """A place we poll: Hugging Face's list, an arXiv feed, any RSS or Atom feed."""

    class Kind(models.TextChoices):
        HUGGINGFACE = "huggingface", "Hugging Face Daily Papers"
        ARXIV = "arxiv", "arXiv"
        FEED = "feed", "RSS or Atom feed"

    class State(models.TextChoices):
        """What the last poll came to; `note` says it in a sentence."""

        NEW = "new", "not asked yet"
        HEALTHY = "healthy"
        PARTIAL = "partial", "partly read"
        EMPTY = "empty"
        STALE = "stale"
        FAILING = "failing"
        STOPPED = "stopped"

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FEED)
    url = models.URLField(max_length=URL_CHARS, unique=True)
    title = models.CharField(max_length=200)
    weight = models.FloatField(default=1.0, validators=[MinValueValidator(0.01)])
    is_active = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=State, default=State.NEW, editable=False)
    note = models.CharField(max_length=300, blank=True, help_text="The last poll in a sentence.")
    etag = models.CharField(max_length=500, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    # Hugging Face has one document a day, each with its own validators: {date: {etag, …}}.
    documents = models.JSONField(default=dict, blank=True, editable=False)
    # arXiv: freshness is judged per category: {category: {listed_on, new}}.
    freshness = models.JSONField(default=dict, blank=True, editable=False)
    next_fetch_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_new_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_to = models.CharField(max_length=URL_CHARS, blank=True, editable=False)
    moved_times = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="source_weight_is_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["huggingface", "arxiv", "feed"]), name="source_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["new", "healthy", "partial", "empty", "stale", "failing", "stopped"]
                ),
                name="source_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="failing") | ~Q(last_error=""),
                name="source_failing_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["next_fetch_at"], condition=Q(is_active=True), name="source_due")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_sample(self) -> bool:
        """Whether it is one of the bundled, made-up ones, at a host that RFC 2606 reserves."""
        return self.url.split("/")[2:3] == ["sample.offprint.invalid"]


class HostTurn(models.Model):
    """When we may next ask a host: one row for all processes on all machines."""

    host = models.CharField(max_length=255, unique=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host


class PaperQuerySet(models.QuerySet["Paper"]):
    def unmatched(self) -> Self:
        """Papers not compared with the topics since their text last changed."""
        return self.filter(matched_at=None)

    def available_between(self, since: datetime, until: datetime) -> Self:
        """Papers that compose could choose as news after `since`, up to and with `until`."""
        return self.filter(available_at__gt=since, available_at__lte=until)

    def trending(self) -> Self:
        return self.order_by("-trend", "-news_at", "pk")


class Paper(models.Model):
    """The scholarly work itself, one row however many sources, versions and days bring it."""

    identifier = models.CharField(max_length=255, unique=True)  # arxiv:2401.01234, doi:10.…, url:…
    doi = models.CharField(max_length=255, blank=True, db_index=True)
    title = models.CharField(max_length=TITLE_CHARS)
    folded_title = models.CharField(max_length=TITLE_CHARS, db_index=True, editable=False)
    abstract = models.TextField(blank=True)
    authors = models.JSONField(default=list, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=URL_CHARS)
    code_url = models.URLField(max_length=URL_CHARS, blank=True)
    code_stars = models.PositiveIntegerField(null=True, blank=True)
    categories = models.JSONField(default=list, blank=True)  # the primary one first
    summary = models.TextField(blank=True, help_text="One sentence, where a source has one.")
    published_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    # When it last became news: first announced, or listed by one more source.
    # None: only replacements of it were ever seen.
    news_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # When compose first saw this news. Digests cover spans of this clock, not of news_at: a list
    # still being stored while a digest is composed would else fall between two digests.
    available_at = models.DateTimeField(null=True, blank=True, db_index=True, editable=False)
    normal_form = models.TextField(blank=True, editable=False)
    matched_at = models.DateTimeField(null=True, blank=True, editable=False)
    trend = models.FloatField(default=0.0, editable=False)
    trend_parts = models.JSONField(default=dict, blank=True, editable=False)

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
            models.CheckConstraint(condition=Q(trend__gte=0), name="paper_trend_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["matched_at", "id"], name="paper_matched"),
            models.Index(fields=["-trend"], condition=Q(trend__gt=0), name="paper_trending"),
        ]

    def __str__(self) -> str:
        return self.title


class Entry(models.Model):
    """One source's mention of a paper."""

    class AnnounceType(models.TextChoices):
        NEW = "new"
        CROSS = "cross"
        REPLACE = "replace"
        REPLACE_CROSS = "replace-cross"

    source = models.ForeignKey(Source, models.CASCADE, related_name="entries")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="entries")
    guid = models.CharField(max_length=500)
    announce_type = models.CharField(max_length=13, choices=AnnounceType, default=AnnounceType.NEW)
    published_at = models.DateTimeField()  # as the source says
    seen_at = models.DateTimeField(db_index=True)  # by our clock

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["source", "guid"], name="entry_is_unique_in_source"),
            models.CheckConstraint(
                condition=Q(announce_type__in=["new", "cross", "replace", "replace-cross"]),
                name="entry_announce_type_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.paper}"


class Snapshot(models.Model):
    """A paper's votes, comments and stars at one moment."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="snapshots")
    taken_at = models.DateTimeField()
    upvotes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    stars = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["taken_at"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "taken_at"], name="snapshot_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.paper}: {self.upvotes} votes"


class Match(models.Model):
    """A topic found in a paper, how strongly, and the words that show it."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="matches")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="matches")
    strength = models.FloatField()
    where = models.CharField(max_length=200)  # the found words as the paper spells them
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["topic", "paper"], name="match_is_unique"),
            models.CheckConstraint(condition=Q(strength__gt=0), name="match_has_strength"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} in {self.paper}"


class Edition(models.Model):
    """One calendar day's digest."""

    date = models.DateField(unique=True)

    class Meta:
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def planned(self) -> Self:
        return self.filter(status=Delivery.Status.PLANNED)

    def reached(self) -> Self:
        """Those the subscriber has, or may have: their papers never come again."""
        return self.filter(
            status__in=[
                Delivery.Status.SENT,
                Delivery.Status.IN_DOUBT,
                Delivery.Status.PLANNED,
                Delivery.Status.CLAIMED,
            ]
        )


class Delivery(models.Model):
    """An edition addressed to one subscriber.

    The status is what we did; the dates after it are what the world did, each set once.
    What a mail is rendered from, written once when it is composed, stands in `contents`:

        {"papers": [{"id": 41, "section": "trending", "topics": [[topic id, query, found words]],
                     "evidence": "+41 votes since yesterday, 63 in all, 2nd day"}],
         "seen": 171,                  how many new papers were looked at
         "sources": ["cs.CL: 95 new"], how the sources are that matter to it, at most four
         "nearly": [57, 58],           papers that would have been next, had there been room
         "is_first": true}             only in a first digest

    The section is trending or new (in the reader's topics), everywhere (outside of them, no
    topics then) or again (sent, or nearly sent, some days before; its evidence says why it comes).
    A paper without any sign of interest has no evidence. A quiet delivery holds no papers and
    the reason in a sentence: {"papers": [], "note": "None of the 41 new papers is …"}.
    """

    class Status(models.TextChoices):
        PLANNED = "planned"
        CLAIMED = "claimed"
        SENT = "sent"
        QUIET = "quiet"
        SUPPRESSED = "suppressed"
        FAILED = "failed"
        EXPIRED = "expired"
        IN_DOUBT = "in_doubt", "in doubt"

    class Quiet(models.TextChoices):
        """Why a due subscriber got no mail."""

        NO_TOPICS = "no_topics", "follows no topic yet"
        NOTHING_NEW = "nothing_new", "no source announced anything new"
        NO_MATCH = "no_match", "none of the new papers is in their topics"
        MUTED = "muted", "all that matched is muted"
        SENT_BEFORE = "sent_before", "all that matched was sent before"
        PAUSED = "paused", "paused by the subscriber"

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    quiet_reason = models.CharField(max_length=12, choices=Quiet, blank=True)
    contents = models.JSONField(default=dict, blank=True)
    covers_until = models.DateTimeField()  # papers that became news later belong to the next one
    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When a call for it first began whose answer we do not know: it may have been sent since.
    maybe_sent_at = models.DateTimeField(null=True, blank=True)
    # Which account at which provider that call was to: no other knows its key.
    provider = models.CharField(max_length=64, blank=True, editable=False)
    call = models.CharField(max_length=64, blank=True, editable=False)  # the key of a whole batch
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "subscriber"], name="delivery_is_once_per_edition"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "planned",
                        "claimed",
                        "sent",
                        "quiet",
                        "suppressed",
                        "failed",
                        "expired",
                        "in_doubt",
                    ]
                ),
                name="delivery_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="delivery_sent_has_a_date",
            ),
            models.CheckConstraint(
                condition=(Q(status="quiet") & ~Q(quiet_reason=""))
                | (~Q(status="quiet") & Q(quiet_reason="")),
                name="delivery_quiet_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="claimed") | Q(claimed_at__isnull=False),
                name="delivery_claimed_has_a_date",
            ),
        ]
        indexes = [
            models.Index(
                fields=["edition", "id"],
                condition=Q(status__in=["planned", "claimed"]),
                name="delivery_open",
            ),
            models.Index(fields=["call"], condition=~Q(call=""), name="delivery_call"),
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="delivery_message_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} to {self.subscriber}"
