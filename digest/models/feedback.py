"""What subscribers say back of single papers: the only thing we learn from."""

from __future__ import annotations

from datetime import UTC

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.models import Subscriber


class Feedback(models.Model):
    """A subscriber wants more, or less, like one paper; a second word on it replaces the first.

    It is the subscriber's wish and no property of the paper: where the paper is deleted, it stays.
    """

    class Kind(models.TextChoices):
        MORE = "more", gettext_lazy("More")
        LESS = "less", gettext_lazy("Less")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="feedback")
    paper = models.ForeignKey("digest.Paper", models.SET_NULL, null=True, related_name="feedback")
    title = models.CharField(
        max_length=500, default="", blank=True
    )  # the paper's, as it was when they said so
    kind = models.CharField(max_length=4, choices=Kind)
    given_at = models.DateTimeField()
    # The leanings it moves, and how far: [{"kind", "term", "said", "steps"}].
    moves = models.JSONField(default=list, blank=True)
    # What was said of the paper before, so that it can be undone: {"kind", "given_at", "moves"}.
    replaced = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-given_at", "-pk"]
        verbose_name_plural = gettext_lazy("feedback")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "paper"], name="feedback_is_one_a_paper"),
            models.CheckConstraint(
                condition=Q(kind__in=["more", "less"]), name="feedback_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return _("%(subscriber)s wants %(kind)s like %(title)s") % {
            "subscriber": self.subscriber,
            "kind": self.kind,
            "title": self.title,
        }

    @property
    def press(self) -> str:
        """The name of this one press: what replaces it, and what it replaced, have others."""
        return f"{self.pk} {self.kind} {self.given_at.astimezone(UTC).isoformat()}"

    def is_after(self, press: str) -> bool:
        """Whether it was said since the press of this name, or as late."""
        return self.given_at.astimezone(UTC).isoformat() >= press.rpartition(" ")[2]


class SavedPaper(models.Model):
    """A paper on a subscriber's private reading list."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="saved_papers")
    paper = models.ForeignKey("digest.Paper", models.CASCADE, related_name="saved_by")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "paper"], name="saved_paper_is_once")
        ]

    def __str__(self) -> str:
        return f"{self.paper}"
