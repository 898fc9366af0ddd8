"""What was learned from a subscriber's *more* and *less*."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_STEPS = 6  # of a leaning, either way
MOST_LEANINGS = 12  # of one subscriber: as many as a person can look through
_PAPERS = {
    "topic": _("papers on “{}”"),
    "category": _("papers in {}"),
    "organization": _("papers from {}"),
    "word": _("papers with “{}” in the title"),
    "sense": _("papers that say “{}”"),
}
_EARLIER = ((2, _("a little earlier")), (4, _("earlier")), (MOST_STEPS, _("much earlier")))
_LATER = ((2, _("a little later")), (4, _("later")), (MOST_STEPS, _("much later")))


class Leaning(models.Model):
    """How many steps *more* and *less* have moved a topic, or something else that papers share.

    Above zero its papers come earlier in this subscriber's digest, below zero later; what a step is
    worth stands in digest/compose/leanings.py. Nothing but a pressed button ever writes one.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic", _("Topic")
        CATEGORY = "category", _("Category")
        ORGANIZATION = "organization", _("Organization")
        WORD = "word", _("Word")
        SENSE = "sense", _("Sense")  # of a topic that is a single word: what stands beside it

    subscriber = models.ForeignKey("Subscriber", models.CASCADE, related_name="leanings")
    kind = models.CharField(max_length=12, choices=Kind)
    # A topic's id, of a sense with the stems of its phrase behind it; else a folded name or a stem.
    term = models.CharField(max_length=200)
    said = models.CharField(max_length=200)  # how it is named to them: as first spelled
    steps = models.SmallIntegerField()

    class Meta:
        ordering = ["-steps", "kind", "said", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "kind", "term"], name="leaning_is_one"),
            models.CheckConstraint(
                condition=Q(kind__in=["topic", "category", "organization", "word", "sense"]),
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
        words = _EARLIER if self.steps > 0 else _LATER
        return str(next(word for most, word in words if abs(self.steps) <= most))
