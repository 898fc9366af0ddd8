"""A paper's own page: all that is known of it, and how its trend came about."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from digest import english
from digest.match.search import find_paper_by_identifier, read_identifier
from digest.models import Entry, Merger, Paper, Source
from digest.render import paper_lines
from digest.score import explain
from digest.score.explain import reckon
from digest.web import charts
from digest.web.api.bibtex import bibtex
from digest.web.listing import sign_up_form, topics_that_find, votes_over_time
from subscribers.web.decorators import only_reads

MOST_MENTIONS = 50
_ELSEWHERE = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}


@only_reads
def paper(request: HttpRequest, identifier: str) -> HttpResponse:
    shown = find_paper_by_identifier(identifier)
    if shown is None:
        return _not_here(request, identifier)
    if shown.identifier != identifier:
        return redirect("digest:paper", shown.identifier, permanent=True)
    if living := merged_into(shown):
        return redirect("digest:paper", living.identifier)
    matches = topics_that_find([shown])[shown.pk]
    found = paper_lines.found_words(match.where for match in matches)
    votes = votes_over_time([shown])[shown.pk]
    context = {
        "paper": shown,
        "abstract": paper_lines.mark(shown.abstract, found),
        "matches": matches,
        "entries": _mentions(shown),
        "evidence": explain.evidence(shown.popularity),
        "reckoning": reckon(shown.popularity),
        "url": paper_lines.web_url(shown.url),
        "pdf_url": paper_lines.pdf_url(shown),
        "code_url": paper_lines.web_url(shown.code_url),
        "stars": english.stars_in_words(shown.code_stars),
        "chart": charts.votes_chart(votes),
        "votes": votes,
        "bibtex": bibtex(shown),
        "sign_up": sign_up_form(*(match.topic.query for match in matches[:1])),
    }
    return render(request, "digest/paper.html", context)


def _not_here(request: HttpRequest, typed: str) -> HttpResponse:
    """A page that says so, and where such a paper would be."""
    scheme, _, rest = read_identifier(typed).partition(":")
    if scheme not in _ELSEWHERE:
        raise Http404("No such paper.")
    context = {"name": rest, "elsewhere": paper_lines.web_url(_ELSEWHERE[scheme] + rest)}
    return render(request, "digest/no_paper.html", context, status=404)


def find_paper(identifier: str) -> Paper:
    """The paper of this name, in whatever spelling; Http404 without one."""
    found = find_paper_by_identifier(identifier)
    if found is None:
        raise Http404("No such paper.")
    return found


def merged_into(paper: Paper) -> Paper | None:
    """The row that lives on, where this one proved to be the same paper as another."""
    merger = Merger.objects.select_related("into").filter(paper=paper).first()
    return merger.into if merger else None


def _mentions(paper: Paper) -> list[tuple[Entry, str]]:
    """Where the paper was seen, oldest first, with the source's own page where it has one."""
    entries = Entry.objects.filter(paper=paper).select_related("source").order_by("seen_at")
    return [(entry, _mention_url(entry, paper)) for entry in entries[:MOST_MENTIONS]]


def _mention_url(entry: Entry, paper: Paper) -> str:
    """Where a source says so itself; made-up mentions have no such place."""
    scheme, _, number = paper.identifier.partition(":")
    kind = entry.source.kind
    if entry.source.is_sample:
        return ""
    if kind == Source.Kind.FEED:
        return paper_lines.web_url(entry.guid)
    if scheme != "arxiv":
        return ""
    pages = {Source.Kind.HUGGINGFACE: "huggingface.co/papers", Source.Kind.ARXIV: "arxiv.org/abs"}
    return f"https://{pages[Source.Kind(kind)]}/{number}"
