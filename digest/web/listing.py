"""Papers as entries of a contents page: all that one shows, fetched for the whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from digest import english
from digest.models import Match, Paper, Snapshot
from digest.render import paper_lines
from digest.render.excerpt import passage
from digest.web import charts
from subscribers.models import Topic
from subscribers.topics.highlight import find_words
from subscribers.web.forms import SignUpForm

EXCERPT_CHARS = paper_lines.EXCERPT_CHARS  # some more than the three lines that are shown
SHOWN_TOPICS = 4
UNSHOWN = ("normal_form", "folded_title")  # what no page needs of a paper
Found = Mapping[int, list[str]]  # the words to mark in each paper, by its id
FoundBy = dict[int, list[Match]]


@dataclass(frozen=True)
class Listing:
    """One paper in its place. What is safe HTML has the found words marked.

    `abstract` is the whole of it, and empty where the excerpt is.
    """

    place: int
    paper: Paper
    title: SafeString
    excerpt: SafeString
    abstract: SafeString
    authors: SafeString
    more_authors: list[str]
    topics: list[Match]
    more_topics: int
    code_url: str
    stars: str
    votes: int
    comments: int
    line: charts.Line | None


def list_papers(
    papers: Sequence[Paper],
    first_place: int = 1,
    found: Found | None = None,
    here: int | None = None,
) -> list[Listing]:
    """The entries of these papers; `found` gives the words to mark in each, by its id.

    `here` is the topic whose page it is: that it finds them goes without saying.
    """
    votes, topics, words = votes_over_time(papers), topics_that_find(papers, here), found or {}
    return [
        _listing(place, paper, words.get(paper.pk, []), votes[paper.pk], topics[paper.pk])
        for place, paper in enumerate(papers, first_place)
    ]


def votes_over_time(papers: Sequence[Paper]) -> dict[int, list[tuple[datetime, int]]]:
    """Each paper's votes at the moments they were counted; papers never counted have none."""
    counted: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper__in=papers).order_by("paper_id", "taken_at")
    for paper_id, taken_at, upvotes in rows.values_list("paper_id", "taken_at", "upvotes"):
        counted[paper_id].append((taken_at, upvotes))
    return counted


def topics_that_find(papers: Sequence[Paper], here: int | None = None) -> FoundBy:
    """The matches of each paper by its id, the strongest first, with their topics but this one."""
    found: FoundBy = defaultdict(list)
    public = Topic.objects.public().exclude(pk=here or 0)
    matches = Match.objects.filter(paper__in=papers, topic__in=public).select_related("topic")
    for match in matches.order_by("-strength", "topic_id"):
        found[match.paper_id].append(match)
    return found


def _listing(
    place: int,
    paper: Paper,
    words: list[str],
    votes: list[tuple[datetime, int]],
    topics: list[Match],
) -> Listing:
    text = paper.abstract or paper.summary
    places = [span for span, _ in find_words(text, words)] if words else []
    excerpt, in_excerpt = passage(text, places, EXCERPT_CHARS)
    shown, more = paper_lines.split_authors(paper, words)
    popularity = paper.popularity
    return Listing(
        place=place,
        paper=paper,
        title=paper_lines.mark(paper.title, words),
        excerpt=paper_lines.mark_places(excerpt, in_excerpt),
        abstract=paper_lines.mark_places(text, places) if excerpt != text else SafeString(),
        authors=paper_lines.mark(", ".join(shown), words),
        more_authors=more,
        topics=topics[:SHOWN_TOPICS],
        more_topics=max(0, len(topics) - SHOWN_TOPICS),
        code_url=paper_lines.web_url(paper.code_url),
        stars=english.stars_in_words(paper.code_stars),
        votes=popularity.votes,
        comments=popularity.comments,
        line=charts.sparkline(votes) if paper.trend else None,
    )


PAGE = 25  # with whole abstracts, a page of them stays under 100 KB
BEFORE_THE_BOX = 3
ORDERS = {"trend": ("-trend", "-news_at", "pk"), "newest": ("-news_at", "-trend", "pk")}


def chosen_order(request: HttpRequest, otherwise: str = "trend") -> str:
    """What `?sort=` asks for, as far as there is such an order."""
    asked = request.GET.get("sort", "")
    return asked if asked in ORDERS else otherwise


def page_number(request: HttpRequest, last: int) -> int:
    """What `?page=` asks for, from 1 to the last; anything unreadable is the first."""
    asked = request.GET.get("page", "")
    # However many digits somebody writes: int() reads a few thousand at most, and six say enough.
    return min(max(1, int(asked.lstrip("0")[:6] or 1)), last) if asked.isdecimal() else 1


def page_of(request: HttpRequest, papers: QuerySet[Paper], count: int) -> dict[str, Any]:
    """One page of entries, in two parts with room for the box between them."""
    pager = Paginator(papers.values_list("pk", flat=True), PAGE)
    pager.count = count
    page = pager.get_page(request.GET.get("page"))
    listings = list_papers(in_order(page), max(1, page.start_index()))
    return {
        "page": page,
        "before_the_box": listings[:BEFORE_THE_BOX],
        "after_the_box": listings[BEFORE_THE_BOX:],
    }


def in_order(paper_ids: Iterable[int]) -> list[Paper]:
    """The papers of these ids, in their order: sorting whole rows would cost far more."""
    ids = list(paper_ids)
    papers = Paper.objects.defer(*UNSHOWN).in_bulk(ids)
    return [papers[pk] for pk in ids if pk in papers]


def sign_up_form(*topics: str) -> SignUpForm:
    """The box's form; its ids must not meet those of another form on the page."""
    return SignUpForm(initial={"topics": "\n".join(topics)}, auto_id="sign_up_%s")
