"""What an operator's model made of papers, where there is one (digest/match/embedding.py)."""

from __future__ import annotations

from django.db import models

from digest.models.papers import Paper
from subscribers.models import Topic


class PaperVector(models.Model):
    """A paper of the last weeks as the model's vector: numbers of four bytes, of length 1."""

    paper = models.OneToOneField(Paper, models.CASCADE, primary_key=True, related_name="vector")
    model = models.CharField(max_length=255)  # the name of its folder
    vector = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.paper} by {self.model}"


class TopicVector(models.Model):
    """A topic's own words as the model's vector; they never change, and its finds are read anew."""

    topic = models.OneToOneField(Topic, models.CASCADE, primary_key=True, related_name="vector")
    model = models.CharField(max_length=255)
    vector = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.topic} by {self.model}"
