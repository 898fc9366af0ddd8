"""What is remembered so that no paper comes twice, or only as it may: models of that.

They name the other models as text, since those come after this.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subscribers.models import Subscriber


class Encore(models.Model):
    """A paper that came to a subscriber once more, when it broke out; never a third time."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="encores")
    paper = models.ForeignKey("digest.Paper", models.CASCADE, related_name="encores")
    delivery = models.ForeignKey("digest.Delivery", models.CASCADE, related_name="encores")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "paper"], name="encore_is_only_once")
        ]

    def __str__(self) -> str:
        return f"{self.paper} again to {self.subscriber}"


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
        return f"{self.paper} is {self.into}"
