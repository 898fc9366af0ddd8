"""Lists of people that staff bring in, while a worker goes through them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class ListImport(models.Model):
    """One list: first tried, so that it is known what would become of each line, then brought in.

    It holds addresses of people who are nobody's subscribers yet: `text` goes when it is done, and
    the row with all that was rejected some days later (subscribers/lists/import_runs.py).
    """

    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("waits for a worker")
        RUNNING = "running", gettext_lazy("is being gone through")
        DONE = "done", gettext_lazy("done")
        STOPPED = "stopped", gettext_lazy("stopped")

    name = models.CharField(max_length=100)  # of the file
    by = models.CharField(max_length=150)  # who vouches for what it says
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    is_trial = models.BooleanField(default=True)
    is_consent_given = models.BooleanField(default=False)
    topics = models.JSONField(default=list)  # for everybody
    email_column = models.CharField(max_length=100, blank=True)
    uses_tags = models.BooleanField(default=False)
    columns = models.JSONField(default=list)  # as its first line names them
    text = models.TextField(blank=True)
    lines = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)  # of the lines
    fates = models.JSONField(default=dict)  # how many lines had each
    unheard = models.PositiveIntegerField(default=0)
    # How often lines of people who were deleted were written over: whoever read it before reads
    # it anew.
    erasures = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("list")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "stopped"]),
                name="list_import_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=models.F("lines")), name="list_import_done_is_part"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def fresh_start(self) -> dict[str, Any]:
        """The columns as they are before the first line."""
        return {
            "state": self.State.QUEUED,
            "done": 0,
            "fates": {},
            "unheard": 0,
            "claimed_until": None,
            "finished_at": None,
        }


class RejectedLine(models.Model):
    """A line that could not be used, as it stands, and why in words."""

    of = models.ForeignKey(ListImport, models.CASCADE, related_name="rejects")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    reason = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["of", "number"], name="rejected_line_is_once"),
        ]

    def __str__(self) -> str:
        return _("Line %(number)s") % {"number": self.number}
