"""Topics, who follows or mutes them, and what papers teach of how things are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Now, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.topics import ParsedTopic, TopicError, choose_anchor, parse_once, slugify_topic
from subscribers.topics.variants import Kind

MAX_TOPICS = 50
MAX_TOPIC_CHARS = 200
# So many topics are looked up in one query: SQLite takes some 32,000 values, two for each.
_MOST_ASKED = 5_000
_Item = TypeVar("_Item")


class TopicQuerySet(models.QuerySet["Topic"]):
    def followed(self) -> Self:
        """Topics that somebody follows or mutes: the others need no new matches."""
        return self.filter(Exists(Interest.objects.filter(topic=OuterRef("pk"))))

    def unfollowed(self) -> Self:
        """Topics that nobody follows or mutes any more."""
        return self.exclude(Exists(Interest.objects.filter(topic=OuterRef("pk"))))

    def unmatched(self) -> Self:
        """Topics not yet compared with the papers of the last 30 days."""
        return self.filter(matched_at=None)

    def public(self) -> Self:
        """Topics that a public page may name; what is only muted, or left out (-b), is private.

        So is what fewer than PUBLIC_TOPIC_FOLLOWERS follow: it would tell what somebody reads.
        """
        of_topic = Interest.objects.filter(topic=OuterRef("pk"))
        shown = self.exclude(normal_form__contains=" + -")
        if needed := settings.PUBLIC_TOPIC_FOLLOWERS:
            # Whether there is a third one, not how many there are.
            return shown.filter(Exists(of_topic.follows().order_by()[needed - 1 : needed]))
        return shown.exclude(Exists(of_topic.mutes()) & ~Exists(of_topic.follows()))

    def get_or_create_topics(self, queries: Iterable[str]) -> list[Topic]:
        """Return one topic for each thing typed, shared by all who mean the same, in order.

        Each says what was typed for it here (`typed`), for the interest that is made of it.
        Two processes that type the same at once share one row. Raises TopicError for a bad
        topic and for more than 50, and then nothing is made.
        """
        return self.get_or_create_lists([queries])[0]

    def get_or_create_lists(self, lists: Iterable[Iterable[str]]) -> list[list[Topic]]:
        """The same for what each of many people typed, in order, at the cost of one."""
        typed = [_parse_list(queries) for queries in lists]
        parsed: dict[str, ParsedTopic] = {}
        for form, topic in (item for one in typed for item in one.items()):
            parsed.setdefault(form, topic)
        found = self._get_or_create_parsed(parsed)
        return [[_note_typed(found[form], own[form].query) for form in own] for own in typed]

    def _get_or_create_parsed(self, parsed: dict[str, ParsedTopic]) -> dict[str, Topic]:
        """The row of each normal form."""
        found = self._find_existing(parsed)
        # RAG and rag are two topics with one short slug: the later one gets a longer slug.
        for is_slug_taken in (False, True):
            missing = [topic for form, topic in parsed.items() if form not in found]
            if missing:
                rows = [_build_topic(topic, is_slug_taken=is_slug_taken) for topic in missing]
                self.bulk_create(rows, ignore_conflicts=True)
                found = self._find_existing(parsed)
        return found

    def _find_existing(self, parsed: dict[str, ParsedTopic]) -> dict[str, Topic]:
        """Rows by normal form; by what was typed where an older release made another form of it."""
        forms = {topic.query: form for form, topic in parsed.items()}
        rows = [
            row
            for part in _split(list(parsed.items()), _MOST_ASKED)
            for row in self.filter(
                Q(normal_form__in=[form for form, _topic in part])
                | Q(query__in=[topic.query for _form, topic in part])
            )
        ]
        by_query = {forms[row.query]: row for row in rows if row.query in forms}
        return by_query | {row.normal_form: row for row in rows if row.normal_form in parsed}


def _parse_list(queries: Iterable[str]) -> dict[str, ParsedTopic]:
    """What one person typed by its normal form; of two that mean the same the first."""
    parsed: dict[str, ParsedTopic] = {}
    for topic in map(parse_once, queries):
        parsed.setdefault(topic.normal_form, topic)
    if len(parsed) > MAX_TOPICS:
        raise TopicError(
            _("%(count)s topics are too many: keep the %(max_topics)s you need.")
            % {"count": len(parsed), "max_topics": MAX_TOPICS}
        )
    return parsed


def _split(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    return (items[begin : begin + size] for begin in range(0, len(items), size))


def _note_typed(topic: Topic, typed: str) -> Topic:
    """The topic as one person typed it; others who typed it have an object of their own."""
    own = copy(topic) if topic.typed else topic
    own.typed = typed
    return own


def _build_topic(topic: ParsedTopic, *, is_slug_taken: bool) -> Topic:
    slug = slugify_topic(topic.query, topic.normal_form if is_slug_taken else "")
    anchor = choose_anchor(topic)
    return Topic(query=topic.query, normal_form=topic.normal_form, slug=slug, anchor=anchor)


class Topic(models.Model):
    """What someone follows, in the topic language; shared by all who typed the same thing."""

    # The plainest of what its followers typed (public_spelling.py): what public pages show.
    query = models.CharField(
        max_length=MAX_TOPIC_CHARS,
        unique=True,
        help_text=gettext_lazy("As its followers type it most plainly."),
        verbose_name=gettext_lazy("query"),
    )
    normal_form = models.CharField(max_length=600, unique=True, editable=False)
    slug = models.SlugField(max_length=120, unique=True, editable=False)
    # What a paper must hold so that the topic can be in it; "" means not derived yet.
    anchor = models.CharField(max_length=600, blank=True, editable=False)
    created_at = models.DateTimeField(
        db_default=Now(), editable=False, verbose_name=gettext_lazy("created at")
    )
    # None: not yet compared with the papers of the last 30 days.
    matched_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=gettext_lazy("matched at")
    )

    objects = TopicQuerySet.as_manager()
    typed = ""  # what somebody typed just now and got this row for; no column

    class Meta:
        verbose_name = gettext_lazy("topic")
        verbose_name_plural = gettext_lazy("topics")
        ordering = ["query"]
        constraints = [
            models.CheckConstraint(condition=~Q(normal_form=""), name="topic_is_not_empty"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(matched_at=None), name="topic_unmatched")
        ]

    def __str__(self) -> str:
        return self.query


class InterestQuerySet(models.QuerySet["Interest"]):
    def follows(self) -> Self:
        return self.filter(mode=Interest.Mode.FOLLOW)

    def mutes(self) -> Self:
        return self.filter(mode=Interest.Mode.MUTE)

    def unmatched(self) -> Self:
        """Those in topics not yet compared with the papers of the last 30 days."""
        return self.filter(topic__matched_at=None)


# What a reader typed for a topic, as a query reads it off an interest.
AS_TYPED = Coalesce(NullIf("typed", Value("")), "topic__query")


class Interest(models.Model):
    """A subscriber follows, or mutes, a topic."""

    class Mode(models.TextChoices):
        FOLLOW = "follow", gettext_lazy("Follow")
        MUTE = "mute", gettext_lazy("Mute")

    subscriber = models.ForeignKey("Subscriber", models.CASCADE, related_name="interests")
    topic = models.ForeignKey(
        Topic, models.PROTECT, related_name="interests", verbose_name=gettext_lazy("topic")
    )
    mode = models.CharField(
        max_length=6, choices=Mode, default=Mode.FOLLOW, verbose_name=gettext_lazy("mode")
    )
    # Others may spell the topic in their own way: this reader is shown it in theirs.
    typed = models.CharField(
        max_length=MAX_TOPIC_CHARS, blank=True, default="", db_default="", editable=False
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = InterestQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("interest")
        verbose_name_plural = gettext_lazy("interests")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "topic"], name="interest_is_unique"),
            models.CheckConstraint(
                condition=Q(mode__in=["follow", "mute"]), name="interest_mode_is_known"
            ),
        ]

    def __str__(self) -> str:
        is_muted = self.mode == self.Mode.MUTE
        said = (
            _("%(subscriber)s mutes %(topic)s")
            if is_muted
            else _("%(subscriber)s follows %(topic)s")
        )
        return said % {"subscriber": self.subscriber, "topic": self.as_typed}

    @property
    def as_typed(self) -> str:
        """The topic as this reader typed it; as all see it, where that is not known."""
        return self.typed or self.topic.query


class Acronym(models.Model):
    """An acronym that papers spell out themselves; all rows are replaced once a day."""

    short = models.CharField(max_length=16)  # LLM
    stems = models.CharField(max_length=250)  # larg languag model
    spelled = models.CharField(max_length=250)  # large language model
    papers = models.PositiveIntegerField(help_text=gettext_lazy("How many papers spell it out so."))
    # A topic of the one finds the other; else it is another sense, and such a paper is no find.
    is_usual = models.BooleanField(
        default=True, help_text=gettext_lazy("Is it what the letters usually mean?")
    )
    learned_on = models.DateField(
        help_text=gettext_lazy("The day whose matching it was learned for.")
    )

    class Meta:
        ordering = ["-papers", "short", "stems"]
        constraints = [
            models.UniqueConstraint(fields=["short", "stems"], name="acronym_is_unique"),
            models.UniqueConstraint(
                fields=["stems"], condition=Q(is_usual=True), name="acronym_of_long_form_is_one"
            ),
        ]
        indexes = [models.Index(fields=["stems"], name="acronym_by_stems")]

    def __str__(self) -> str:
        return f"{self.short}: {self.spelled}"


class SpellingVariant(models.Model):
    """Two ways in which papers write one thing; all rows are replaced once a day.

    What is compared and what is shown are said at `subscribers.topics.variants.Variant`.
    """

    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    form = models.CharField(max_length=250)  # rerank
    other = models.CharField(max_length=250)  # re rank
    spelled = models.CharField(max_length=250)  # reranking
    other_spelled = models.CharField(max_length=250)  # re-ranking
    papers = models.PositiveIntegerField(
        help_text=gettext_lazy("How many papers use the first form.")
    )
    other_papers = models.PositiveIntegerField(
        help_text=gettext_lazy("How many use the other one.")
    )
    learned_on = models.DateField(
        help_text=gettext_lazy("The day whose matching it was learned for.")
    )

    class Meta:
        ordering = ["kind", "form", "other"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "form", "other"], name="variant_is_unique"),
        ]
        indexes = [models.Index(fields=["other"], name="variant_by_other")]

    def __str__(self) -> str:
        return f"{self.spelled}: {self.other_spelled}"
