"""What somebody followed before a browser that is new to them began to change it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.models.subscribers import Subscriber


class TopicChange(models.Model):
    """The topics before changes of a day by new browsers, and the change that waits for a letter.

    It is kept for two days (account/topic_changes.py).
    """

    subscriber = models.OneToOneField(Subscriber, models.CASCADE, related_name="topic_change")
    since = models.DateTimeField()  # the first of these changes
    former = models.JSONField(default=list)  # normal forms of what was followed before it
    # What was typed where most of that would go; the press of a letter's link makes it so.
    asked_at = models.DateTimeField(null=True, blank=True)
    followed = models.JSONField(default=list, blank=True)
    muted = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = gettext_lazy("changes of topics by new browsers")

    def __str__(self) -> str:
        return _("since %(since)s") % {"since": f"{self.since:%d %B %Y}"}
