"""A paper's own page: all that is known of it, and how its trend came about."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest import english
from digest.flight.site_links import asks_status_alone
from digest.match.search import find_paper_by_identifier, read_identifier
from digest.models import Entry, Merger, Paper, Source
from digest.render import paper_lines
from digest.score.explain import break_down_trend, describe_evidence, is_counted_still
from digest.web import charts
from digest.web.api.bibtex import write_bibtex
from digest.web.listing import find_matches, make_shared_sign_up_form, read_votes
from digest.web.near_listings import list_papers_like
from digest.web.shared_pages import same_for_all
from subscribers.web.decorators import only_reads

MOST_MENTIONS = 50
_ELSEWHERE = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}


@only_reads
@same_for_all
def show_paper(request: HttpRequest, identifier: str) -> HttpResponse:
    paper = find_paper_by_identifier(identifier)
    if paper is None:
        return _show_missing_paper(request, identifier)
    if paper.identifier != identifier:
        return redirect("digest:paper", paper.identifier, permanent=True)
    if into := find_merged_paper(paper):
        return redirect("digest:paper", into.identifier)
    matches = find_matches(paper)
    words = paper_lines.list_found_words(match.where for match in matches)
    votes = read_votes([paper])[paper.pk]
    is_counted = is_counted_still(votes[-1][0] if votes else None, timezone.now())
    context = {
        "paper": paper,
        "abstract": paper_lines.mark_words(paper.abstract, words),
        "matches": matches,
        "entries": _list_mentions(paper),
        "evidence": describe_evidence(paper.popularity, is_counted=is_counted),
        "reckoning": break_down_trend(paper.popularity, is_counted=is_counted),
        "url": paper_lines.clean_web_url(paper.url),
        "pdf_url": paper_lines.make_pdf_url(paper),
        "code_url": paper_lines.clean_web_url(paper.code_url),
        "stars": english.stars_in_words(paper.code_stars),
        "chart": charts.draw_votes(votes),
        "votes": votes,
        "bibtex": write_bibtex(paper),
        "near": [] if asks_status_alone(request) else list_papers_like(paper, timezone.now()),
        "sign_up": make_shared_sign_up_form(*(match.topic.query for match in matches[:1])),
    }
    return render(request, "digest/paper.html", context)


def _show_missing_paper(request: HttpRequest, typed: str) -> HttpResponse:
    """A page that says it is not here, and where such a paper would be."""
    scheme, _, rest = read_identifier(typed).partition(":")
    if scheme not in _ELSEWHERE:
        raise Http404("No such paper.")
    context = {"name": rest, "elsewhere": paper_lines.clean_web_url(_ELSEWHERE[scheme] + rest)}
    return render(request, "digest/no_paper.html", context, status=404)


def get_paper_or_404(identifier: str) -> Paper:
    """The paper of this identifier, number or address, in whatever spelling; Http404 for none."""
    paper = find_paper_by_identifier(identifier)
    if paper is None:
        raise Http404("No such paper.")
    return paper


def find_merged_paper(paper: Paper) -> Paper | None:
    """The paper that this one was merged into, as the same paper under another identifier."""
    merger = Merger.objects.select_related("into").filter(paper=paper).first()
    return merger.into if merger else None


def _list_mentions(paper: Paper) -> list[tuple[Entry, str]]:
    """Where the paper was seen, oldest first, with the source's own page where it has one."""
    entries = Entry.objects.filter(paper=paper).select_related("source").order_by("seen_at")
    return [(entry, _make_mention_url(entry, paper)) for entry in entries[:MOST_MENTIONS]]


def _make_mention_url(entry: Entry, paper: Paper) -> str:
    """The page of the source that mentions the paper; "" where there is none, as for samples."""
    scheme, _, number = paper.identifier.partition(":")
    kind = entry.source.kind
    if entry.source.is_sample:
        return ""
    if kind == Source.Kind.FEED:
        return paper_lines.clean_web_url(entry.guid)
    if scheme != "arxiv":
        return ""
    pages = {Source.Kind.HUGGINGFACE: "huggingface.co/papers", Source.Kind.ARXIV: "arxiv.org/abs"}
    return f"https://{pages[Source.Kind(kind)]}/{number}"
