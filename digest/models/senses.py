"""What a topic's papers of the last weeks taught about it."""

from __future__ import annotations

from django.db import models

from subscribers.models import Topic


class TopicSense(models.Model):
    """The floor of a topic's strengths and the words beside it, learned anew now and then.

    `words` holds weights by stem (subscribers/topics/sense.py), "" where no paper can be near the
    topic. Nothing says which papers are near: that changes with every day's papers.
    """

    topic = models.OneToOneField(Topic, models.CASCADE, primary_key=True, related_name="sense")
    floor = models.FloatField(default=0.0)
    words = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(db_index=True)  # when it is to be learned anew

    def __str__(self) -> str:
        return f"{self.topic}: {self.floor:.2f}"
