"""The reading list: a page to change it, and two documents for programs, Atom and BibTeX."""

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
from digest.feedback.signed_views import read_key, subscriber_page
from digest.models import Paper, SavedPaper
from digest.render import paper_lines
from subscribers import tokens
from subscribers.mail.mail_links import preferences_url, reading_bibtex_url, reading_feed_url
from subscribers.models import Subscriber
from subscribers.web.decorators import View, find_owner, only_reads, set_private_headers

PAPERS_PER_PAGE = 100


def signed_feed(view: Callable[[Subscriber], HttpResponse]) -> View:
    """For documents behind a signed address that can only be read; answers If-None-Match."""

    @only_reads
    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        subscriber = find_owner(tokens.READING_FEED, token)
        if subscriber is None:
            return render(request, "subscribers/broken_link.html", status=404)
        response = view(subscriber)
        # Removing a paper makes nothing newer, so a date says too little: the ETag is of the bytes.
        del response["Last-Modified"]
        set_response_etag(response)
        patch_cache_control(response, private=True, no_cache=True)
        set_private_headers(response)
        answer = get_conditional_response(request, response["ETag"], None, response)
        return answer if isinstance(answer, HttpResponse) else response

    return shown


@subscriber_page(tokens.READING_LIST)
def papers(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The list, with a button to remove each paper, and one to undo that."""
    if request.method == "POST":
        return redirect(f"{request.path}{_change_list(request, subscriber)}")
    page = Paginator(reading_list.list_saved_papers(subscriber), PAPERS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [_build_row(place, saved) for place, saved in enumerate(page, page.start_index())],
        "removed": _find_removed(request, subscriber),
        "feed_url": reading_feed_url(subscriber.pk, subscriber.link_version),
        "bibtex_url": reading_bibtex_url(subscriber.pk, subscriber.link_version),
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
    }
    return render(request, "digest/reading_list.html", context)


@dataclass(frozen=True)
class Row:
    """One saved paper as its entry shows it."""

    place: int  # in the whole list, the first being 1
    paper: Paper
    saved_at: datetime
    byline: str
    excerpt: str
    url: str
    pdf_url: str
    code_url: str


def _build_row(place: int, saved: SavedPaper) -> Row:
    paper = saved.paper
    return Row(
        place=place,
        paper=paper,
        saved_at=saved.saved_at,
        byline=paper_lines.write_byline(paper),
        excerpt=english.shorten(paper.summary or paper.abstract, paper_lines.EXCERPT_CHARS),
        url=paper_lines.clean_web_url(paper.url),
        pdf_url=paper_lines.make_pdf_url(paper),
        code_url=paper_lines.clean_web_url(paper.code_url),
    )


def _change_list(request: HttpRequest, subscriber: Subscriber) -> str:
    """Remove a paper or bring one back; returns the query of the page that follows."""
    removed = read_key(request.POST.get("remove", ""))
    if saved_at := reading_list.remove_paper(subscriber, removed):
        return f"?{urlencode({'removed': removed, 'saved_at': saved_at.isoformat()})}"
    restored = read_key(request.POST.get("restore", ""))
    if paper := Paper.objects.filter(pk=restored).first():
        reading_list.save_paper(subscriber, paper, _read_moment(request.POST.get("saved_at", "")))
    return ""


def _read_moment(text: str) -> datetime:
    """When a paper was saved, from our own form's hidden field; now, where that is no past date."""
    now = timezone.now()
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return min(moment, now)


def _find_removed(request: HttpRequest, subscriber: Subscriber) -> dict[str, object] | None:
    """The paper just removed and when it had been saved, for the button that brings it back."""
    paper = Paper.objects.filter(pk=read_key(request.GET.get("removed", ""))).first()
    if paper is None or subscriber.saved_papers.filter(paper=paper).exists():
        return None
    return {"paper": paper, "saved_at": request.GET.get("saved_at", "")}


@signed_feed
def feed(subscriber: Subscriber) -> HttpResponse:
    """The list for feed readers."""
    return reading_list.render_atom(
        subscriber, reading_feed_url(subscriber.pk, subscriber.link_version)
    )


@signed_feed
def bibliography(subscriber: Subscriber) -> HttpResponse:
    """The list for LaTeX, the first saved first."""
    papers = (row.paper for row in reading_list.list_saved_papers(subscriber).reverse())
    text = reading_list.render_bibtex(papers)
    return HttpResponse(text, content_type="application/x-bibtex; charset=utf-8")
