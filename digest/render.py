"""Stage 5. Turn deliveries into email messages. Reads only; writes nothing.

A digest is set like a page of type: the template is compiled once and cut at its marks into a
head, a section heading, a card and a tail. A card is rendered once for each paper and set of
reasons, whoever gets it; a message is cards joined between a head and a tail.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import fill
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template, engines
from django.urls import reverse
from django.utils.html import escape

from digest import wording
from digest.models import Delivery, Edition, Paper, Source
from subscribers import emails

logger = logging.getLogger(__name__)

CUT = re.compile(r"\s*<!-- cut:(\w+) -->\n?")
SLOT = re.compile("\ue000(\\w+)\ue001")
TEXT_WIDTH = 72
SUBJECT_CHARS = 60
SECTIONS = {"trending": "Trending in your topics", "new": "New in your topics"}
THANKS = "Thank you to arXiv for use of its open access interoperability."
WHY = "You get this mail because {email} follows {topics}. It holds no tracking of any kind."
Values = Mapping[str, str]


@dataclass(frozen=True)
class Card:
    """One paper as it stands in a mail; its place is still open."""

    html: Frame
    text: Frame


class Frame:
    """Rendered text with open slots: filling it costs a join, not a template."""

    def __init__(self, rendered: str) -> None:
        self._pieces = SLOT.split(rendered)

    def fill(self, values: Values) -> str:
        """The text with every slot filled; KeyError names a slot that has no value."""
        pieces = list(self._pieces)
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)


def slot(name: str) -> str:
    """A mark that survives rendering, to be filled later (private use characters)."""
    return f"\ue000{name}\ue001"


@cache
def _parts(name: str, using: str) -> dict[str, Template]:
    """The template cut into head, section, card and end; each a Django template of its own."""
    source = engines[using].get_template(name).template.source  # type: ignore[attr-defined]
    source = re.sub(r"(?<=>)(?=<(?:tr|td|div|table|p|h\d|meta|style)\b)", "\n", source)
    names = ["head", *CUT.findall(source)]
    pieces = CUT.split(source)[::2]
    off = ("{% autoescape off %}", "{% endautoescape %}") if using == "django" else ("", "")
    bare = [piece.replace(off[0], "").replace(off[1], "") if off[0] else piece for piece in pieces]
    engine = engines["django"]
    return {
        name: engine.from_string(off[0] + piece + off[1]).template  # type: ignore[attr-defined]
        for name, piece in zip(names, bare, strict=True)
    }


class Typesetter:
    """Renders deliveries; keeps what it read and set, so make a new one for each run."""

    def __init__(self) -> None:
        self._papers: dict[int, Paper] = {}
        self._cards: dict[tuple[Any, ...], Card] = {}
        self._frames: dict[tuple[str, str], Frame] = {}
        self._numbers: dict[int, int] = {}
        self._sources = ", ".join(_source_names())

    def set_all(self, deliveries: Sequence[Delivery]) -> list[EmailMultiAlternatives | None]:
        """A message for each delivery (with subscriber and edition loaded), in their order.

        None where every paper of the delivery has been deleted since, or where setting it failed:
        the log says how, and the others are set all the same. The same delivery gives the same
        bytes as long as its papers stay the same.
        """
        wanted = {item["id"] for d in deliveries for item in d.contents["papers"]}
        self._papers.update(Paper.objects.in_bulk(wanted - self._papers.keys()))
        return [self._set_one(delivery) for delivery in deliveries]

    def _set_one(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        try:
            return self._set(delivery)
        except Exception:  # one bad row must not hold up a chunk of good ones
            logger.exception("Delivery %s could not be set.", delivery.pk)
            return None

    def _set(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        items = [i for i in delivery.contents["papers"] if i["id"] in self._papers]
        if not items:
            return None
        values = self._values(delivery, items)
        plain = {name: emails.clean_header(value) for name, value in values.items()}
        safe = {name: str(escape(value)) for name, value in plain.items()}
        message = EmailMultiAlternatives(
            plain["subject"],
            self._join("text", items, plain | _wrapped(plain)),
            to=[delivery.subscriber.email],
            headers=emails.unsubscribe_headers(delivery.subscriber_id),
        )
        html = emails.fold_lines(self._join("html", items, safe))
        message.attach_alternative(html, "text/html")
        message.metadata = {"delivery": str(delivery.key)}  # type: ignore[attr-defined]
        return message

    def _values(self, delivery: Delivery, items: list[dict[str, Any]]) -> dict[str, str]:
        papers = [self._papers[item["id"]] for item in items]
        topics = [query for item in items for _, query, _ in item["topics"]]
        return {
            "subject": subject(topics, papers[0].title),
            "preheader": wording.shorten(" · ".join(p.title for p in papers[1:]), 140),
            "folio": self._folio(delivery),
            "intro": _intro(items),
            "why": WHY.format(email=delivery.subscriber.email, topics=_and(dict.fromkeys(topics))),
            "preferences_url": emails.preferences_url(delivery.subscriber_id),
            "unsubscribe_url": emails.unsubscribe_url(delivery.subscriber_id),
        }

    def _folio(self, delivery: Delivery) -> str:
        """As in a journal: No. 212 · Thursday 23 April 2026 · 171 papers · arXiv."""
        edition = delivery.edition
        if edition.pk not in self._numbers:
            earlier = Edition.objects.filter(date__lte=edition.date)
            self._numbers[edition.pk] = earlier.count()
        parts = [
            f"No. {self._numbers[edition.pk]}",
            f"{edition.date:%A} {edition.date.day} {edition.date:%B %Y}",
        ]
        if seen := delivery.contents.get("seen"):
            parts.append(f"{seen} new papers read")
        return " · ".join([*parts, self._sources])

    def _join(self, kind: str, items: list[dict[str, Any]], values: Values) -> str:
        pieces, section = [self._frame(kind, "head").fill(values)], None
        for place, item in enumerate(items, 1):
            if item["section"] != section:
                section = item["section"]
                pieces.append(self._section(kind, section))
            card = self._card(item)
            frame = card.html if kind == "html" else card.text
            pieces.append(frame.fill({"place": str(place)}))
        return "".join([*pieces, self._frame(kind, "end").fill(values)])

    def _frame(self, kind: str, part: str) -> Frame:
        if (kind, part) not in self._frames:
            names = ("subject", "preheader", "folio", "intro", "why")
            open_slots = {n: slot(n) for n in (*names, "preferences_url", "unsubscribe_url")}
            fixed = {"thanks": THANKS, "postal_address": settings.POSTAL_ADDRESS}
            self._frames[kind, part] = Frame(_render(kind, part, open_slots | fixed))
        return self._frames[kind, part]

    def _section(self, kind: str, section: str) -> str:
        heading = SECTIONS[section]
        return _render(kind, "section", {"section": heading, "underline": "=" * len(heading)})

    def _card(self, item: dict[str, Any]) -> Card:
        reasons = tuple(tuple(reason) for reason in item["topics"])
        key = (item["id"], reasons)
        if key not in self._cards:
            self._cards[key] = _card(self._papers[item["id"]], reasons)
        return self._cards[key]


def _card(paper: Paper, reasons: Sequence[Sequence[Any]]) -> Card:
    words = wording.found_words(reasons)
    cut = wording.excerpt(paper.summary or paper.abstract, words)
    path = reverse("digest:paper", args=[paper.identifier])
    shared = {
        "paper": paper,
        "place": slot("place"),
        "byline": wording.byline(paper),
        "evidence": wording.evidence(paper.trend_parts),
        "meta": _meta(paper),
        "pdf_url": wording.pdf_url(paper),
        "page_url": settings.SITE_URL + path,
        "stars": wording.stars_in_words(paper.code_stars),
        "reasons": wording.reasons_in_words(reasons),
    }
    html = shared | {"title": wording.mark(paper.title, words), "excerpt": wording.mark(cut, words)}
    return Card(
        html=Frame(_render("html", "card", html)),
        text=Frame(_render("text", "card", shared | _text_card(shared, paper.title, cut))),
    )


def _text_card(shared: Mapping[str, Any], title: str, excerpt: str) -> dict[str, str]:
    return {
        "title": fill(title, TEXT_WIDTH - 4, subsequent_indent="    "),
        "excerpt": fill(excerpt, TEXT_WIDTH),
        "byline": fill(shared["byline"], TEXT_WIDTH),
        "reasons": fill(f"In your topics: {shared['reasons']}", TEXT_WIDTH),
    }


def _wrapped(values: Values) -> dict[str, str]:
    return {name: fill(values[name], TEXT_WIDTH) for name in ("folio", "intro", "why")}


def _render(kind: str, part: str, context: Mapping[str, Any]) -> str:
    name, using = ("body.mjml", "mjml") if kind == "html" else ("body.txt", "django")
    return _parts(f"emails/digest/{name}", using)[part].render(Context(dict(context)))


def _meta(paper: Paper) -> str:
    category = paper.categories[0] if paper.categories else ""
    return " · ".join(filter(None, [category, wording.day_in_words(paper.published_at)]))


def _intro(items: Sequence[Mapping[str, Any]]) -> str:
    trending = sum(item["section"] == "trending" for item in items)
    count = f"{len(items)} paper{'' if len(items) == 1 else 's'} in your topics"
    return f"{count}, {trending} of them trending." if trending else f"{count}."


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _source_names() -> list[str]:
    """The active sources as a folio names them: each kind once, feeds by their titles."""
    rows = Source.objects.filter(is_active=True).order_by("pk").values_list("kind", "title")
    known = {"huggingface": "Hugging Face", "arxiv": "arXiv"}
    return list(dict.fromkeys(known.get(kind, title) for kind, title in rows))[:4]


def subject(topics: Sequence[str], title: str) -> str:
    """The two topics with most papers, their counts, and the first paper, in 60 characters."""
    counts = Counter(topics).most_common(2)
    lead = " · ".join(f"{wording.shorten(topic, 18)} {count}" for topic, count in counts)
    return wording.shorten(f"{lead}: {title}", SUBJECT_CHARS)
