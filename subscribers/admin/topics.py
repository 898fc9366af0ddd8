"""Topics, shared by all who follow or mute them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.admin.lists import ReferencedAdmin, SentenceForm, column, count_rows
from subscribers.models import Interest, Topic
from subscribers.topics import TopicError, parse_topic


class TopicForm(SentenceForm):
    """A new topic is parsed as if a subscriber had typed it."""

    def clean_query(self) -> str:
        try:
            parsed = parse_topic(str(self.cleaned_data["query"]))
        except TopicError as error:
            raise ValidationError(str(error)) from error
        same = Topic.objects.filter(normal_form=parsed.normal_form).first()
        if same:
            raise ValidationError(
                _("“%(query)s” finds the same papers and is there already.") % {"query": same.query}
            )
        return parsed.query

    def save(self, commit: bool = True) -> Topic:  # noqa: ARG002 (a topic is made in one step)
        topic: Topic = self.instance
        if topic._state.adding:
            [topic] = Topic.objects.get_or_create_topics([self.cleaned_data["query"]])
            self.instance = topic
        return topic

    def save_m2m(self) -> None:
        """A new topic has no followers to save."""


@admin.register(Topic)
class TopicAdmin(ReferencedAdmin):
    form = TopicForm
    referring = "interests"
    list_display = ["query", "followers", "created_at", "matched_at"]
    search_fields = ["query"]
    search_help_text = gettext_lazy("Part of a topic")
    sortable_by = ["query"]
    fields = ["query"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        rows: QuerySet[Topic] = super().get_queryset(request)
        interests = Interest.objects.filter(topic=OuterRef("pk"))
        return rows.annotate(
            follower_count=count_rows(interests.follows(), "topic"),
            muter_count=count_rows(interests.mutes(), "topic"),
        )

    def get_readonly_fields(self, request: Any, obj: Topic | None = None) -> list[str]:  # noqa: ARG002
        """All is read-only on an existing topic: it is shared by all who typed it."""
        shown = ["query", "normal_form", "slug", "created_at", "matched_at", "followers"]
        return shown if obj else []

    def get_fields(self, request: Any, obj: Topic | None = None) -> list[str]:
        return self.get_readonly_fields(request, obj) or ["query"]

    def has_change_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        """Only the list of them: a topic is shown, and has nothing that could be saved."""
        is_allowed: bool = super().has_change_permission(request, obj)
        return is_allowed and obj is None

    @column(gettext_lazy("Followers"))
    def followers(self, topic: Any) -> str:
        if not topic.muter_count:
            return f"{topic.follower_count}"
        counts = {"followers": topic.follower_count, "muters": topic.muter_count}
        return _("%(followers)s, muted by %(muters)s") % counts
