"""The plain loop that a Django developer would write: what Offprint's speed is compared with.

For each reader who is due: find the day's papers that hold the words of a topic, render a template
with them, and hand the mail over through anymail's own payload. Three variants, all fair:

tuned   papers and readers are read in bulk, words are stemmed once a paper, what a topic found is
        kept for all its readers, templates are compiled once, rows are written 500 at a time;
orm     as most would begin: one query for each reader's papers, one row written for each mail;
marks   tuned, and the found words are marked in title and abstract, as Offprint's mails have them.

All three hand 500 mails over in one call, which is more than anymail does by itself. What they lack
and Offprint has: acronyms, spellings, breakouts, feedback, evidence, retries, and a mail that is
sent once when a process dies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from itertools import islice
from operator import or_
from pathlib import Path
from typing import Any

import Stemmer
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.signing import dumps
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.template import Context, Engine
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now

from bench.meter import measure_cost
from bench.readers import DAY, DAY_HOURS
from bench.sink import read_counts
from bench.stages import LISTED_AFTER
from digest.models import Delivery, Edition, Paper
from subscribers.models import Subscriber

MAILS_A_CALL = 500
SITE = "https://papers.example.org"
SUBJECT = "New papers in your topics"
engine = Engine(dirs=[str(Path(__file__).with_name("templates"))])
stem = Stemmer.Stemmer("english")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class PlainPaper:
    """A paper as the templates see it."""

    pk: int
    title: str
    abstract: str
    authors: list[str]
    categories: list[str]
    url: str
    published_at: Any
    trend: float
    words: str = ""  # title and abstract, each word stemmed, with spaces around it
    reasons: tuple[str, ...] = ()


Choice = tuple[Subscriber, list[PlainPaper]]
COLUMNS = ("pk", "title", "abstract", "authors", "categories", "url", "published_at", "trend")


def select_papers() -> QuerySet[Paper]:
    """The papers of the day, the most talked about first."""
    fresh = Paper.objects.filter(available_at__gte=DAY + LISTED_AFTER - timedelta(minutes=1))
    return fresh.order_by("-trend", "pk")


def select_due(limit: int) -> QuerySet[Subscriber]:
    """Who gets a mail in the course of the day."""
    due = Subscriber.objects.mailable().filter(next_digest_at__lt=DAY + timedelta(hours=DAY_HOURS))
    return due.order_by("pk")[:limit]


# -- finding ---------------------------------------------------------------------------------------


def stem_words(text: str) -> str:
    """The words of a text, stemmed, with spaces around each."""
    return f" {' '.join(stem.stemWords(WORD.findall(text.lower())))} "


def read_papers() -> list[PlainPaper]:
    papers = (PlainPaper(*row) for row in select_papers().values_list(*COLUMNS))
    return [replace(p, words=stem_words(f"{p.title} . {p.abstract}")) for p in papers]


def holds_topic(paper: PlainPaper, topic: str) -> bool:
    """Whether the paper has all that stands between the pluses, and nothing after a minus."""
    wanted, _, unwanted = topic.partition(" -")
    if unwanted and stem_words(unwanted) in paper.words:
        return False
    return all(_holds_part(paper, part) for part in wanted.split(" + "))


def _holds_part(paper: PlainPaper, part: str) -> bool:
    field, _, value = part.rpartition(":")
    if field == "author":
        return any(value in name.lower() for name in paper.authors)
    if field == "cat":
        return value in paper.categories
    return stem_words(value) in (stem_words(paper.title) if field == "title" else paper.words)


def choose_tuned(limit: int) -> Iterator[Choice]:
    """Each reader's papers from memory; a topic is looked for once, whoever follows it."""
    papers, found = read_papers(), dict[str, list[int]]()

    def find(topic: str) -> list[int]:
        if topic not in found:
            found[topic] = [n for n, paper in enumerate(papers) if holds_topic(paper, topic)]
        return found[topic]

    due = select_due(limit).prefetch_related("interests__topic")
    for reader in due.iterator(chunk_size=MAILS_A_CALL):
        reasons: dict[int, list[str]] = {}
        muted: set[int] = set()
        for interest in reader.interests.all():
            query = interest.topic.query
            if interest.mode == "mute":
                muted.update(find(query))
                continue
            for place in find(query):
                reasons.setdefault(place, []).append(query)
        places = [place for place in sorted(reasons) if place not in muted][: reader.max_papers]
        yield reader, [replace(papers[n], reasons=tuple(reasons[n])) for n in places]


def choose_orm(limit: int) -> Iterator[Choice]:
    """Each reader's papers by one query, and their topics by another."""
    papers = select_papers().annotate(
        names=Cast("authors", TextField()), places=Cast("categories", TextField())
    )
    for reader in select_due(limit).iterator():
        interests = reader.interests.select_related("topic")
        follows = [one.topic.query for one in interests if one.mode == "follow"]
        mutes = [one.topic.query for one in interests if one.mode == "mute"]
        wanted = papers.filter(reduce(or_, map(make_condition, follows), Q()))
        for query in mutes:
            wanted = wanted.exclude(make_condition(query))
        rows = wanted[: reader.max_papers].values_list(*COLUMNS)
        found = [PlainPaper(*row) for row in rows] if follows else []
        yield reader, [replace(p, reasons=find_reasons(p, follows)) for p in found]


def make_condition(topic: str) -> Q:
    """The papers that hold a topic, for the database."""
    wanted, _, unwanted = topic.partition(" -")
    condition = reduce(lambda one, part: one & _make_part(part), wanted.split(" + "), Q())
    return condition & ~_make_part(unwanted) if unwanted else condition


def _make_part(part: str) -> Q:
    field, _, value = part.rpartition(":")
    if field in ("author", "cat"):
        return Q(**{f"{'names' if field == 'author' else 'places'}__icontains": value})
    in_title = Q(title__icontains=value)
    return in_title if field == "title" else in_title | Q(abstract__icontains=value)


def find_reasons(paper: PlainPaper, follows: Sequence[str]) -> tuple[str, ...]:
    """The topics whose words are in the paper's text as typed."""
    text = f"{paper.title} {paper.abstract}".lower()
    return tuple(query for query in follows if query.partition(" ")[0].lower() in text)


def choose_with_marks(limit: int) -> Iterator[Choice]:
    """As tuned; then the words of each paper's reasons are marked where they stand."""
    for reader, papers in choose_tuned(limit):
        yield reader, [mark_words(paper) for paper in papers]


def mark_words(paper: PlainPaper) -> PlainPaper:
    stems = {one for topic in paper.reasons for one in stem_words(topic).split()}

    def mark(match: re.Match[str]) -> str:
        word = match[0]
        return f"<mark>{word}</mark>" if stem.stemWord(word.lower()) in stems else word

    def mark_text(text: str) -> SafeString:
        return mark_safe(WORD.sub(mark, escape(text)))

    shown = paper.abstract[:600]
    return replace(paper, title=mark_text(paper.title), abstract=mark_text(shown))


# -- sending ---------------------------------------------------------------------------------------


def make_mail(reader: Subscriber, papers: list[PlainPaper], seen: int) -> EmailMultiAlternatives:
    """The mail as HTML and text, with the header that mailboxes make a button of."""
    token = dumps(reader.pk, salt="plain")
    unsubscribe = f"{SITE}/unsubscribe/{token}/"
    links = {"account_url": f"{SITE}/account/{token}/", "unsubscribe_url": unsubscribe}
    values = {"subject": SUBJECT, "papers": papers, "seen": seen, "day": DAY} | links
    text = engine.get_template("plain.txt").render(Context(values))
    headers = {"List-Unsubscribe": f"<{unsubscribe}>"}
    headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        SUBJECT, text, "digest@example.org", [reader.email], headers=headers
    )
    mail.attach_alternative(engine.get_template("plain.html").render(Context(values)), "text/html")
    return mail


def send_mails(backend: Any, mails: Sequence[EmailMultiAlternatives]) -> None:
    """One call for all of them, each the payload that anymail makes of it."""
    calls = [
        backend.build_message_payload(mail, backend.send_defaults).get_request_params(
            backend.api_url
        )
        for mail in mails
    ]
    body = f"[{','.join(call['data'] for call in calls)}]"
    answer = backend.session.post(
        f"{backend.api_url}email/batch", data=body.encode(), headers=calls[0]["headers"], timeout=60
    )
    answer.raise_for_status()


def make_row(edition: Edition, choice: Choice) -> Delivery:
    contents = {"papers": [{"id": paper.pk} for paper in choice[1]]}
    common = {"status": "sent", "sent_at": now(), "covers_until": DAY - timedelta(days=99)}
    return Delivery(edition=edition, subscriber=choice[0], contents=contents, **common)


# -- the variants ----------------------------------------------------------------------------------

VARIANTS: dict[str, Callable[[int], Iterator[Choice]]] = {
    "tuned": choose_tuned,
    "orm": choose_orm,
    "marks": choose_with_marks,
}


def run_variant(variant: str, limit: int, address: str) -> dict[str, Any]:
    """Mail the first `limit` of those who are due; what it cost and came to."""
    place = list(VARIANTS).index(variant)
    edition, _ = Edition.objects.get_or_create(date=(DAY - timedelta(days=9_000 + place)).date())
    before, papers = read_counts(address), 0
    with measure_cost() as cost, get_connection() as backend:
        seen = select_papers().count()
        choices = (choice for choice in VARIANTS[variant](limit) if choice[1])
        while some := list(islice(choices, MAILS_A_CALL)):
            send_mails(backend, [make_mail(reader, found, seen) for reader, found in some])
            rows = [make_row(edition, choice) for choice in some]
            if variant == "orm":
                for row in rows:
                    row.save(force_insert=True)
            else:
                Delivery.objects.bulk_create(rows)
            papers += sum(len(found) for _, found in some)
    after = read_counts(address)
    mails = after.mails - before.mails
    size = (after.bytes - before.bytes) // max(mails, 1)
    return cost.to_json() | {"units": mails, "papers": papers, "bytes": size}
