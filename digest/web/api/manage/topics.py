"""Topics, and how many follow or mute each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction
from django.db.models import OuterRef, ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse

from digest.web.api import parameters
from digest.web.api.manage.body import TEXT, read_body, refuse_conflict, require
from digest.web.api.manage.http import Operation, check_form, manage_view, say
from digest.web.api.manage.paging import PAGED, get_row, note, send_page
from digest.web.api.serializers import JSON, format_moment
from subscribers.admin.lists import count_rows
from subscribers.admin.topics import TopicForm
from subscribers.models import Interest, Topic


def select_topics() -> QuerySet[Topic]:
    interests = Interest.objects.filter(topic=OuterRef("pk"))
    return Topic.objects.annotate(
        follower_count=count_rows(interests.follows(), "topic"),
        muter_count=count_rows(interests.mutes(), "topic"),
    )


def topic_to_json(topic: Any) -> JSON:
    return {
        "id": topic.pk,
        "query": topic.query,
        "slug": topic.slug,
        "followers": topic.follower_count,
        "muters": topic.muter_count,
        "created_at": format_moment(topic.created_at),
        "matched_at": format_moment(topic.matched_at),
    }


def list_topics(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*PAGED, "q"))
    rows = select_topics()
    if part := request.GET.get("q"):
        rows = rows.filter(query__icontains=part)
    return send_page(request, "topics", rows, lambda page: list(map(topic_to_json, page)))


def create_topic(request: HttpRequest) -> HttpResponse:
    body = read_body(request, {"query": TEXT})
    require(body, "query")
    form = _MakeTopic(body)
    with transaction.atomic():
        check_form(form)
        topic = form.save()
        note(request, [topic], "Added", ADDITION)
    return say(topic_to_json(get_row(select_topics(), topic.pk)), HTTPStatus.CREATED)


class _MakeTopic(TopicForm):
    class Meta:
        model = Topic
        fields = ("query",)


def show_topic(request: HttpRequest, pk: int) -> HttpResponse:
    parameters.allow_only(request, ())
    return say(topic_to_json(get_row(select_topics(), pk)))


def delete_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one that nobody follows or mutes: it is shared by all who typed it."""
    with transaction.atomic():
        topic = get_row(Topic.objects.all(), pk)
        note(request, [topic], "Deleted", DELETION)
        try:
            topic.delete()
        except ProtectedError as error:
            raise refuse_conflict(f"Somebody follows or mutes topic {pk}: it stays.") from error
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


serve_list = manage_view(
    GET=Operation("topics:read", list_topics),
    POST=Operation("topics:write", create_topic),
)
serve_one = manage_view(
    GET=Operation("topics:read", show_topic),
    DELETE=Operation("topics:write", delete_topic, "subscribers.delete_topic"),
)
