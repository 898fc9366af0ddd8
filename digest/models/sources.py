"""The places we poll, and when each of their hosts may be asked next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
        HUGGINGFACE = "huggingface", gettext_lazy("Hugging Face Daily Papers")
        ARXIV = "arxiv", gettext_lazy("arXiv")
        FEED = "feed", gettext_lazy("RSS or Atom feed")

    class State(models.TextChoices):
        """What the last poll came to; `note` says it in a sentence."""

        NEW = "new", gettext_lazy("not asked yet")
        HEALTHY = "healthy", gettext_lazy("Healthy")
        PARTIAL = "partial", gettext_lazy("partly read")
        EMPTY = "empty", gettext_lazy("Empty")
        STALE = "stale", gettext_lazy("Stale")
        FAILING = "failing", gettext_lazy("Failing")
        STOPPED = "stopped", gettext_lazy("Stopped")

    kind = models.CharField(
        max_length=12, choices=Kind, default=Kind.FEED, verbose_name=gettext_lazy("kind")
    )
    url = models.URLField(max_length=URL_CHARS, unique=True, verbose_name=gettext_lazy("url"))
    title = models.CharField(max_length=200, verbose_name=gettext_lazy("title"))
    weight = models.FloatField(
        default=1.0, validators=[MinValueValidator(0.01)], verbose_name=gettext_lazy("weight")
    )
    is_active = models.BooleanField(default=True, verbose_name=gettext_lazy("is active"))
    state = models.CharField(
        max_length=8,
        choices=State,
        default=State.NEW,
        editable=False,
        verbose_name=gettext_lazy("state"),
    )
    note = models.CharField(
        max_length=300, blank=True, help_text=gettext_lazy("The last poll in a sentence.")
    )
    etag = models.CharField(max_length=500, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    # Hugging Face has one document a day, each with its own validators: {date: {etag, …}}.
    documents = models.JSONField(default=dict, blank=True, editable=False)
    # arXiv: freshness is judged per category: {category: {listed_on, new}}.
    freshness = models.JSONField(default=dict, blank=True, editable=False)
    next_fetch_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("next fetch at")
    )
    failures = models.PositiveSmallIntegerField(default=0, verbose_name=gettext_lazy("failures"))
    last_error = models.CharField(
        max_length=300, blank=True, verbose_name=gettext_lazy("last error")
    )
    # When it was asked last, and when it last answered with something that could be read.
    last_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_fetched_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=gettext_lazy("last fetched at")
    )
    last_new_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=gettext_lazy("last new at")
    )
    # When the whole of its list was read for the first time: until then it shows its backlog.
    read_whole_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_to = models.CharField(max_length=URL_CHARS, blank=True, editable=False)
    moved_times = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("source")
        verbose_name_plural = gettext_lazy("sources")
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


class SourceDay(models.Model):
    """That a source was asked on a day (in UTC), how often, and how often it could be read.

    A reason why there is nothing of a day is given only where somebody asked: see digest/watch/.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="days", db_index=False)
    date = models.DateField(db_index=True)
    asked = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-date", "source_id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "date"], name="source_day_is_once"),
            models.CheckConstraint(
                condition=Q(read__lte=models.F("asked")), name="source_day_read_was_asked"
            ),
        ]

    def __str__(self) -> str:
        return _("%(source)s on %(date)s") % {"source": self.source, "date": self.date}


class HostTurn(models.Model):
    """When we may next ask a source's host: one row for all processes on all machines."""

    host = models.CharField(max_length=255, unique=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host
