"""The service in numbers, one row for each number of a day: counted once, looked at often."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

PART_CHARS = 40


class DailyFigure(models.Model):
    """A number of one day: of an edition by its date, of all else by the day (in UTC) it fell on.

    `part` says of what: a status, a source's or a topic's id, a stage; empty where the name says it
    all. What is in a figure stays when the rows it was counted from go, since it names nobody.
    """

    class Name(models.TextChoices):
        """What is counted, and in brackets what its parts are."""

        DELIVERIES = "deliveries", _("deliveries of the day's edition (statuses)")
        BOUNCED = "bounced", _("mails of the day's edition that bounced")
        COMPLAINED = "complained", _("mails of the day's edition that were called spam")
        JOINED = "joined", _("subscribers who confirmed or came back")
        LEFT = "left", _("subscribers who unsubscribed")
        SUPPRESSED = "suppressed", _("addresses that were suppressed")
        SUBSCRIBERS = "subscribers", _("subscribers there were at the last look (statuses)")
        SUPPRESSIONS = "suppressions", _("suppressed addresses there were at the last look")
        PAPERS = "papers", _("new papers that a source named (ids of sources)")
        FOLLOWERS = "followers", _("followers of the topics with the most (ids of topics)")
        SECONDS = "seconds", _("seconds that workers spent on a stage (stages)")
        RUNS = "runs", _("runs of a stage (stages)")
        BACKUP = "backup", _("when a backup was made, in seconds since 1970")
        COUNTED = "counted", _("when the day was counted last, in seconds since 1970")

    date = models.DateField()
    name = models.CharField(max_length=12, choices=Name)
    part = models.CharField(max_length=PART_CHARS, blank=True)
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["date", "name", "part"], name="daily_figure_is_one_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0), name="daily_figure_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.name} {self.part} {self.value:g}"
