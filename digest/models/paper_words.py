"""What a paper can be found by, as an index of the database reads it."""

from __future__ import annotations

from django.db import models

from digest.models.papers import Paper


class PaperWords(models.Model):
    """A matched paper's stems and names, for the full-text index (digest/match/word_index.py).

    Not columns of the paper: an index of all its words would be written anew with every score.
    """

    paper = models.OneToOneField(Paper, models.CASCADE, primary_key=True, related_name="words")
    title = models.TextField()  # the title's part of the normal form
    abstract = models.TextField(blank=True)  # the abstract's
    names = models.TextField(blank=True)  # " author:ada author:a org:northlight cat:cs.ro cat:cs "

    class Meta:
        default_permissions = ()  # nobody edits it

    def __str__(self) -> str:
        return f"The words of {self.paper}"
