"""A reader's list of saved papers: a page to change it, a feed and a bibliography to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag

from digest import english
from digest.feedback import reading_list
from digest.feedback.signed_views import key_in, reader_page
from digest.models import Paper, SavedPaper
from digest.render import paper_lines
from subscribers import tokens
from subscribers.mail_links import preferences_url, reading_bibtex_url, reading_feed_url
from subscribers.models import Subscriber
from subscribers.web.decorators import View, keep_to_itself, only_reads, owner

PAGE = 100


def reader_feed(view: Callable[[Subscriber], HttpResponse]) -> View:
    """A text for programs behind a signed address that can only read; asked again, 304."""

    @only_reads
    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        reader = owner(tokens.READING_FEED, token)
        if reader is None:
            return render(request, "subscribers/broken_link.html", status=404)
        response = view(reader)
        # What is taken off the list makes nothing newer: only the bytes tell.
        del response["Last-Modified"]
        set_response_etag(response)
        patch_cache_control(response, private=True, no_cache=True)
        keep_to_itself(response)
        answer = get_conditional_response(request, response["ETag"], None, response)
        return answer if isinstance(answer, HttpResponse) else response

    return shown


@reader_page(tokens.READING_LIST)
def papers(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    """The list itself, with a button to remove each, and one to take that back."""
    if request.method == "POST":
        return redirect(f"{request.path}{_act(request, reader)}")
    page = Paginator(reading_list.saved_papers(reader), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(place, saved) for place, saved in enumerate(page, page.start_index())],
        "removed": _removed(request, reader),
        "feed_url": reading_feed_url(reader.pk),
        "bibtex_url": reading_bibtex_url(reader.pk),
        "preferences_url": preferences_url(reader.pk),
    }
    return render(request, "digest/reading_list.html", context)


@dataclass(frozen=True)
class Row:
    """One saved paper as its entry shows it."""

    place: int
    paper: Paper
    saved_at: datetime
    byline: str
    excerpt: str
    url: str
    pdf_url: str
    code_url: str


def _row(place: int, saved: SavedPaper) -> Row:
    paper = saved.paper
    return Row(
        place=place,
        paper=paper,
        saved_at=saved.saved_at,
        byline=paper_lines.byline(paper),
        excerpt=english.shorten(paper.summary or paper.abstract, paper_lines.EXCERPT_CHARS),
        url=paper_lines.web_url(paper.url),
        pdf_url=paper_lines.pdf_url(paper),
        code_url=paper_lines.web_url(paper.code_url),
    )


def _act(request: HttpRequest, reader: Subscriber) -> str:
    """Remove a paper, or bring one back to its place; what the page that follows is to offer."""
    removed = key_in(request.POST.get("remove", ""))
    if saved_at := reading_list.remove(reader, removed):
        return f"?{urlencode({'removed': removed, 'saved_at': saved_at.isoformat()})}"
    restored = key_in(request.POST.get("restore", ""))
    if paper := Paper.objects.filter(pk=restored).first():
        reading_list.save(reader, paper, _moment(request.POST.get("saved_at", "")))
    return ""


def _moment(said: str) -> datetime:
    """When a paper was saved, as our own form remembers it; now, where that makes no sense."""
    now = timezone.now()
    try:
        moment = datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return min(moment, now)


def _removed(request: HttpRequest, reader: Subscriber) -> dict[str, object] | None:
    """The paper that was just taken off the list, for the button that brings it back."""
    paper = Paper.objects.filter(pk=key_in(request.GET.get("removed", ""))).first()
    if paper is None or reader.saved_papers.filter(paper=paper).exists():
        return None
    return {"paper": paper, "saved_at": request.GET.get("saved_at", "")}


@reader_feed
def feed(reader: Subscriber) -> HttpResponse:
    """The list for feed readers."""
    return reading_list.atom(reader, reading_feed_url(reader.pk))


@reader_feed
def bibliography(reader: Subscriber) -> HttpResponse:
    """The list for LaTeX, the first saved first."""
    papers = (row.paper for row in reading_list.saved_papers(reader).reverse())
    text = reading_list.bibliography(papers)
    return HttpResponse(text, content_type="application/x-bibtex; charset=utf-8")
