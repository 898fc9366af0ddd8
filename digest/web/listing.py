"""Papers as numbered entries of a page: all that one shows, fetched for the whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from digest import english
from digest.models import Match, Paper, Snapshot
from digest.render import paper_lines
from digest.render.excerpt import cut_passage
from digest.web import charts
from digest.web.common_topics import find_common_topics, find_days
from digest.web.shared_pages import STAMP_SLOT
from subscribers.models import Topic
from subscribers.topics.highlight import find_words
from subscribers.web.forms import SignUpForm

EXCERPT_CHARS = paper_lines.EXCERPT_CHARS  # some more than the three lines that are shown
SHOWN_TOPICS = 4
UNSHOWN = ("normal_form", "folded_title")  # what no page needs of a paper
Value = TypeVar("Value")
WordsToMark = Mapping[int, list[str]]  # of each paper, by its id


class ListedTopic(NamedTuple):
    """A topic that is named beside a paper."""

    slug: str
    query: str


@dataclass(frozen=True)
class Listing:
    """One paper as a page lists it. In what is safe HTML the words of a match are marked.

    `abstract` is the whole of it, and empty where the excerpt is.
    """

    number: int  # in the list
    paper: Paper
    title: SafeString
    excerpt: SafeString
    abstract: SafeString
    authors: SafeString
    more_authors: list[str]
    topics: list[ListedTopic]
    more_topics: int
    pdf_url: str
    code_url: str
    stars: str
    votes: int
    comments: int
    line: charts.Line | None


def list_papers(
    papers: Sequence[Paper],
    first_number: int = 1,
    words: WordsToMark | None = None,
    own_topic: int | None = None,
) -> list[Listing]:
    """Return the entries of these papers, with the words to mark in each, by its id.

    `own_topic` is the topic whose page it is: it is not named as one that finds them.
    """
    votes, topics, words = read_votes(papers), _find_topics(papers, own_topic), words or {}
    return [
        _make_listing(number, paper, words.get(paper.pk, []), votes[paper.pk], topics[paper.pk])
        for number, paper in enumerate(papers, first_number)
    ]


def read_votes(papers: Sequence[Paper]) -> dict[int, list[tuple[datetime, int]]]:
    """Each paper's votes at the moments they were counted, by its id, the oldest first."""
    votes: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper__in=papers).order_by("paper_id", "taken_at")
    for paper_id, taken_at, upvotes in rows.values_list("paper_id", "taken_at", "upvotes"):
        votes[paper_id].append((taken_at, upvotes))
    return votes


def find_matches(paper: Paper) -> list[Match]:
    """The matches of a paper with public topics, the strongest first.

    Without those whose words are in too many papers of its day to say anything of this one.
    """
    matches = list(_select_matches([paper]).select_related("topic"))
    return _leave_out_common([paper], [((one.paper_id, one.topic_id), one) for one in matches])[
        paper.pk
    ]


def _find_topics(papers: Sequence[Paper], own_topic: int | None) -> dict[int, list[ListedTopic]]:
    """The topics of such matches of each paper, by its id, but for one topic."""
    rows = _select_matches(papers, own_topic)
    columns = rows.values_list("paper_id", "topic_id", "topic__slug", "topic__query")
    named = [((paper_id, pk), ListedTopic(*topic)) for paper_id, pk, *topic in columns]
    return _leave_out_common(papers, named)


def _select_matches(papers: Sequence[Paper], own_topic: int | None = None) -> QuerySet[Match]:
    public = Topic.objects.public().exclude(pk=own_topic or 0)
    rows = Match.objects.filter(paper__in=papers, topic__in=public)
    return rows.order_by("-strength", "topic_id")


def _leave_out_common(
    papers: Sequence[Paper], found: Sequence[tuple[tuple[int, int], Value]]
) -> dict[int, list[Value]]:
    """What was found of each paper and topic, by paper, but for topics common on its day."""
    by_paper, days = defaultdict[int, list[Value]](list), find_days(papers)
    common = find_common_topics({topic_id for (_, topic_id), _ in found}, set(days.values()))
    for (paper_id, topic_id), value in found:
        if topic_id not in common[days[paper_id]]:
            by_paper[paper_id].append(value)
    return by_paper


def _make_listing(
    number: int,
    paper: Paper,
    words: list[str],
    votes: list[tuple[datetime, int]],
    topics: list[ListedTopic],
) -> Listing:
    text = paper.abstract or paper.summary
    spans = [span for span, _ in find_words(text, words)] if words else []
    excerpt, in_excerpt = cut_passage(text, spans, EXCERPT_CHARS)
    shown, more = paper_lines.split_authors(paper, words)
    popularity = paper.popularity
    return Listing(
        number=number,
        paper=paper,
        title=paper_lines.mark_words(paper.title, words),
        excerpt=paper_lines.mark_places(excerpt, in_excerpt),
        abstract=paper_lines.mark_places(text, spans) if excerpt != text else SafeString(),
        authors=paper_lines.mark_words(", ".join(shown), words),
        more_authors=more,
        topics=topics[:SHOWN_TOPICS],
        more_topics=max(0, len(topics) - SHOWN_TOPICS),
        pdf_url=paper_lines.make_pdf_url(paper),
        code_url=paper_lines.clean_web_url(paper.code_url),
        stars=english.stars_in_words(paper.code_stars),
        votes=popularity.votes,
        comments=popularity.comments,
        line=charts.draw_sparkline(votes) if paper.trend else None,
    )


PAGE = 25  # with whole abstracts, a page of them stays under 100 KB
BEFORE_THE_BOX = 3
ORDERS = {"trend": ("-trend", "-news_at", "pk"), "newest": ("-news_at", "-trend", "pk")}


def read_order(request: HttpRequest, otherwise: str = "trend") -> str:
    """The order that `?sort=` names, if there is such a one."""
    name = request.GET.get("sort", "")
    return name if name in ORDERS else otherwise


def read_page_number(request: HttpRequest, last: int) -> int:
    """The page that `?page=` names, from 1 to the last; anything unreadable is the first."""
    typed = request.GET.get("page", "")
    # However many digits somebody writes: int() reads a few thousand at most, and six say enough.
    return min(max(1, int(typed.lstrip("0")[:6] or 1)), last) if typed.isdecimal() else 1


def make_page(request: HttpRequest, papers: QuerySet[Paper], count: int) -> dict[str, Any]:
    """One page of entries, in two parts with room for the sign-up box between them."""
    pager = Paginator(papers.values_list("pk", flat=True), PAGE)
    pager.count = count
    page = pager.get_page(request.GET.get("page"))
    listings = list_papers(fetch_in_order(page), max(1, page.start_index()))
    return {
        "page": page,
        "before_the_box": listings[:BEFORE_THE_BOX],
        "after_the_box": listings[BEFORE_THE_BOX:],
    }


def fetch_in_order(paper_ids: Iterable[int]) -> list[Paper]:
    """The papers of these ids, in their order: sorting whole rows would cost far more."""
    ids = list(paper_ids)
    papers = Paper.objects.defer(*UNSHOWN).in_bulk(ids)
    return [papers[pk] for pk in ids if pk in papers]


def make_sign_up_form(*topics: str, **initial: str) -> SignUpForm:
    """The form of the sign-up box; its ids must not meet those of another form on the page."""
    return SignUpForm(initial={"topics": "\n".join(topics)} | initial, auto_id="sign_up_%s")


def make_shared_sign_up_form(*topics: str) -> SignUpForm:
    """The same on a page that all share: each visitor gets a stamp when it is sent."""
    return make_sign_up_form(*topics, shown_at=STAMP_SLOT)
