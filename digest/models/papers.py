"""Papers, the entries that mention them, and what was counted and found of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models.sources import URL_CHARS, Source
from digest.models.trend_parts import TrendParts
from subscribers.models import Topic

TITLE_CHARS = 500
FOUND_SEPARATOR = " · "  # between the found words in Match.where
WHERE_CHARS = 200  # a list of found words is cut there


class PaperQuerySet(models.QuerySet["Paper"]):
    def unmatched(self) -> Self:
        """Papers not compared with the topics since their text last changed."""
        return self.filter(matched_at=None)

    def matched(self) -> Self:
        """Papers compared with the topics as their text is now: the only ones that are shown."""
        return self.filter(matched_at__isnull=False)

    def available_between(self, since: datetime, until: datetime) -> Self:
        """Papers that compose could choose as news after `since`, up to and with `until`."""
        return self.filter(available_at__gt=since, available_at__lte=until)

    def trending(self) -> Self:
        return self.order_by("-trend", "-news_at", "pk")


class Paper(models.Model):
    """The scholarly work itself, one row however many sources, versions and days bring it."""

    identifier = models.CharField(
        max_length=255, unique=True, verbose_name=gettext_lazy("identifier")
    )  # arxiv:2401.01234, doi:10.…, url:…
    doi = models.CharField(
        max_length=255, blank=True, db_index=True, verbose_name=gettext_lazy("DOI")
    )
    title = models.CharField(max_length=TITLE_CHARS, verbose_name=gettext_lazy("title"))
    folded_title = models.CharField(max_length=TITLE_CHARS, db_index=True, editable=False)
    abstract = models.TextField(blank=True, verbose_name=gettext_lazy("abstract"))
    # Of which version title and abstract are: 0 where no source said so, see better_text.
    text_version = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    authors = models.JSONField(default=list, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=URL_CHARS)
    code_url = models.URLField(max_length=URL_CHARS, blank=True)
    code_stars = models.PositiveIntegerField(null=True, blank=True)
    categories = models.JSONField(default=list, blank=True)  # the primary one first
    summary = models.TextField(
        blank=True,
        help_text=gettext_lazy("One sentence, where a source has one."),
        verbose_name=gettext_lazy("summary"),
    )
    published_at = models.DateTimeField(verbose_name=gettext_lazy("published at"))
    first_seen_at = models.DateTimeField(verbose_name=gettext_lazy("first seen at"))
    # When it last became news: first announced, or listed by one more source.
    # None: only replacements of it were ever seen.
    news_at = models.DateTimeField(
        null=True, blank=True, db_index=True, verbose_name=gettext_lazy("news at")
    )
    # When compose first saw this news. Digests cover spans of this clock, not of news_at: a list
    # still being stored while a digest is composed would else fall between two digests.
    available_at = models.DateTimeField(null=True, blank=True, db_index=True, editable=False)
    normal_form = models.TextField(blank=True, editable=False)
    matched_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=gettext_lazy("matched at")
    )
    trend = models.FloatField(default=0.0, editable=False)
    trend_parts = models.JSONField(default=dict, blank=True, editable=False)  # see `popularity`

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("paper")
        verbose_name_plural = gettext_lazy("papers")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
            models.CheckConstraint(condition=Q(trend__gte=0), name="paper_trend_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["matched_at", "id"], name="paper_matched"),
            models.Index(fields=["-trend"], condition=Q(trend__gt=0), name="paper_trending"),
            models.Index(fields=["first_seen_at"], name="paper_first_seen"),
            # What compose has not seen yet: a few, each minute asked for (shortlist.stamp_news).
            models.Index(
                fields=["news_at"],
                condition=Q(available_at=None) | Q(available_at__lt=F("news_at")),
                name="paper_unstamped",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def popularity(self) -> TrendParts:
        """What `trend` was made of when the paper was last scored, read from `trend_parts`."""
        return TrendParts.from_json(self.trend_parts)


class Entry(models.Model):
    """One source's mention of a paper."""

    class AnnounceType(models.TextChoices):
        NEW = "new", gettext_lazy("New")
        CROSS = "cross", gettext_lazy("Cross")
        REPLACE = "replace", gettext_lazy("Replace")
        REPLACE_CROSS = "replace-cross", gettext_lazy("Replace Cross")

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="entries", verbose_name=gettext_lazy("source")
    )
    paper = models.ForeignKey(
        Paper, models.CASCADE, related_name="entries", verbose_name=gettext_lazy("paper")
    )
    guid = models.CharField(max_length=500, verbose_name=gettext_lazy("guid"))
    announce_type = models.CharField(
        max_length=13,
        choices=AnnounceType,
        default=AnnounceType.NEW,
        verbose_name=gettext_lazy("announce type"),
    )
    published_at = models.DateTimeField(
        verbose_name=gettext_lazy("published at")
    )  # as the source says
    seen_at = models.DateTimeField(
        db_index=True, verbose_name=gettext_lazy("seen at")
    )  # by our clock

    class Meta:
        verbose_name = gettext_lazy("entry")
        verbose_name_plural = gettext_lazy("entries")
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

    paper = models.ForeignKey(
        Paper, models.CASCADE, related_name="snapshots", verbose_name=gettext_lazy("paper")
    )
    taken_at = models.DateTimeField(verbose_name=gettext_lazy("taken at"))
    upvotes = models.PositiveIntegerField(default=0, verbose_name=gettext_lazy("upvotes"))
    comments = models.PositiveIntegerField(default=0, verbose_name=gettext_lazy("comments"))
    stars = models.PositiveIntegerField(null=True, blank=True, verbose_name=gettext_lazy("stars"))

    class Meta:
        verbose_name = gettext_lazy("snapshot")
        verbose_name_plural = gettext_lazy("snapshots")
        ordering = ["taken_at"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "taken_at"], name="snapshot_is_unique")
        ]
        indexes = [models.Index(fields=["taken_at"], name="snapshot_age")]

    def __str__(self) -> str:
        return _("%(paper)s: %(upvotes)s votes") % {"paper": self.paper, "upvotes": self.upvotes}


class Match(models.Model):
    """A topic found in a paper, how strongly, and the words that show it."""

    paper = models.ForeignKey(
        Paper, models.CASCADE, related_name="matches", verbose_name=gettext_lazy("paper")
    )
    # Without an index of its own: that of topic and paper begins with it, and no table is written
    # to more often.
    topic = models.ForeignKey(
        Topic,
        models.CASCADE,
        related_name="matches",
        db_index=False,
        verbose_name=gettext_lazy("topic"),
    )
    strength = models.FloatField(verbose_name=gettext_lazy("strength"))
    # The found words as the paper spells them (join_found_words).
    where = models.CharField(max_length=WHERE_CHARS, verbose_name=gettext_lazy("where"))
    made_at = models.DateTimeField(verbose_name=gettext_lazy("made at"))

    class Meta:
        verbose_name = gettext_lazy("match")
        verbose_name_plural = gettext_lazy("matches")
        constraints = [
            models.UniqueConstraint(fields=["topic", "paper"], name="match_is_unique"),
            models.CheckConstraint(condition=Q(strength__gt=0), name="match_has_strength"),
        ]
        indexes = [models.Index(fields=["made_at"], name="match_age")]

    def __str__(self) -> str:
        return _("%(topic)s in %(paper)s") % {"topic": self.topic, "paper": self.paper}


def join_found_words(words: Iterable[str]) -> str:
    """The words in which a topic was found, as one line; Match.where holds its beginning."""
    return FOUND_SEPARATOR.join(words)


def split_found_words(where: str) -> list[str]:
    """The words of Match.where."""
    words = where.split(FOUND_SEPARATOR)
    # Where the list was cut, its end may be half a word.
    return words[:-1] if len(where) >= WHERE_CHARS and len(words) > 1 else words


class Merger(models.Model):
    """Two rows that proved to be one paper: `paper` stays as it was sent, `into` lives on.

    Deliveries keep the ids they were written with; whoever asks what was sent asks here too.
    """

    paper = models.OneToOneField("digest.Paper", models.CASCADE, related_name="merger")
    into = models.ForeignKey("digest.Paper", models.CASCADE, related_name="merged")
    merged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(paper=F("into")), name="merger_is_of_two_papers")
        ]

    def __str__(self) -> str:
        return _("%(paper)s is %(into)s") % {"paper": self.paper, "into": self.into}


class PaperAlias(models.Model):
    """One more name of a paper, so that it is found by whatever it was ever called.

    Two papers with one alias are one paper; they are merged when a source next speaks of it.
    """

    paper = models.ForeignKey("digest.Paper", models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = gettext_lazy("paper aliases")
        constraints = [
            models.UniqueConstraint(fields=["name", "paper"], name="alias_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name
