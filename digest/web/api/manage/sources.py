"""Sources: how they are, new ones, and what one can tell them."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.admin.models import ADDITION, CHANGE
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from digest.ingest.look_at import NotASource
from digest.ingest.propose import BadAddress, ProposedSource, propose_source
from digest.ingest.source_acts import ACTS
from digest.ingest.sources.known_pages import NoList
from digest.models import URL_CHARS, Source
from digest.watch import clock, source_age
from digest.web.api import parameters
from digest.web.api.manage.body import SWITCH, TEXT, read_body, refuse_conflict, require
from digest.web.api.manage.http import Operation, Unfit, make_unfit, manage_view, say
from digest.web.api.manage.paging import PAGED, find_act, get_row, note, send_page
from digest.web.api.serializers import JSON, format_moment

_KINDS = [str(kind) for kind in Source.Kind.values]
_TITLE_CHARS = 200


def source_to_json(source: Source) -> JSON:
    moments = ("next_fetch_at", "last_asked_at", "last_fetched_at", "last_new_at")
    return {
        "id": source.pk,
        "kind": source.kind,
        "url": source.url,
        "title": source.title,
        "is_active": source.is_active,
        "state": source.state,
        "sentence": source_age.describe_source(source, timezone.now()),
        "failures": source.failures,
        **{name: format_moment(getattr(source, name)) for name in moments},
    }


def list_sources(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, PAGED)
    rows = Source.objects.all()
    return send_page(request, "sources", rows, lambda page: list(map(source_to_json, page)))


def show_source(request: HttpRequest, pk: int) -> HttpResponse:
    parameters.allow_only(request, ())
    return say(source_to_json(get_row(Source.objects.all(), pk)))


def create_source(request: HttpRequest) -> HttpResponse:
    """Looked at before it is saved, as on the admin's page, unless `look` is false."""
    body = read_body(request, {"url": TEXT, "kind": TEXT, "title": TEXT, "look": SWITCH})
    require(body, "url")
    kind = body.get("kind", "")
    if kind not in ("", *_KINDS):
        raise Unfit({"kind": [f"kind is one of: {', '.join(_KINDS)}."]})
    if len(body["url"]) > URL_CHARS:
        raise Unfit({"url": [f"An address has {URL_CHARS} letters at most."]})
    proposed = _propose(body["url"].strip(), kind, is_looked_at=body.get("look", True))
    title = (body.get("title", "").strip() or proposed.title)[:_TITLE_CHARS]
    source = Source(url=proposed.url, kind=proposed.kind, title=title)
    try:
        source.full_clean()
    except ValidationError as error:
        raise make_unfit(error) from error
    try:
        with transaction.atomic():
            source.save()
            note(request, [source], "Added", ADDITION)
    except IntegrityError as error:
        raise refuse_conflict("Somebody added it in this moment: look again.") from error
    return say(source_to_json(source), HTTPStatus.CREATED)


def _propose(url: str, kind: str, *, is_looked_at: bool) -> ProposedSource:
    """Raises Unfit for what is no source, and Refused for one that is there already."""
    try:
        proposed = propose_source(url, kind, clock.read_now(), is_looked_at=is_looked_at)
    except (BadAddress, NoList, NotASource) as error:
        raise Unfit({"url": [str(error)]}) from error
    if known := proposed.known:
        raise refuse_conflict(f"Source {known.pk}, {known.title}, has this address already.")
    if proposed.unseen:
        said = "Send “look”: false to add it all the same: it is asked again by itself."
        raise Unfit({"url": [f"Nobody could look at it. {proposed.unseen} {said}"]})
    return proposed


def perform_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    act = find_act(ACTS, name)
    read_body(request, {})
    with transaction.atomic():
        get_row(Source.objects.all(), pk)
        done = act.perform(Source.objects.filter(pk=pk), timezone.now())
        if not done:
            raise refuse_conflict(f"Nothing was done for source {pk}: {act.obstacle}")
        note(request, done, act.noted, CHANGE)
    return say(source_to_json(get_row(Source.objects.all(), pk)))


serve_list = manage_view(
    GET=Operation("sources:read", list_sources),
    POST=Operation("sources:write", create_source, "digest.add_source"),
)
serve_one = manage_view(GET=Operation("sources:read", show_source))
serve_act = manage_view(POST=Operation("sources:write", perform_act))
