"""Stage 5. Turn deliveries into email messages. Reads only; writes nothing.

A digest is set like a page of type: a card is rendered once for each paper and set of reasons,
whoever gets it, and a message is cards joined between a head and a tail (digest/frames.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape

from digest import days, headlines
from digest.cards import Card, Size
from digest.frames import Frame, Kind, Values, sheet, slot
from digest.headlines import Items
from digest.models import Delivery, Paper, Source
from subscribers import emails

logger = logging.getLogger(__name__)

# Gmail cuts a mail off near 102 KB, and an ordinary digest should stay far below.
BUDGET_BYTES = {10: 44_000, 50: 88_000}  # by how many papers at most
KEPT_FULL = 3  # the first papers are the last to be shortened
REACH = timedelta(days=8)  # no digest reaches back further
MOST_CARDS = 10_000  # kept in memory at once, about 60 MB


class Typesetter:
    """Renders deliveries; keeps what it read and set, so make a new one for each run."""

    def __init__(self) -> None:
        self._papers: dict[int, Paper] = {}
        self._cards: dict[tuple[Any, ...], Card] = {}
        self._frames: dict[tuple[Kind, str], Frame] = {}
        self._folios: dict[date, tuple[int, str]] = {}
        self._sources = list(Source.objects.filter(last_new_at__isnull=False))

    def set_all(self, deliveries: Sequence[Delivery]) -> list[EmailMultiAlternatives | None]:
        """A message for each delivery (with subscriber and edition loaded), in their order.

        None where every paper of the delivery has been deleted since, or where setting it failed:
        the log says how, and the others are set all the same. The same delivery gives the same
        bytes as long as its papers and the list of sources stay the same.
        """
        if len(self._cards) > MOST_CARDS:
            self._cards, self._papers = {}, {}
        wanted = {item["id"] for d in deliveries for item in d.contents.get("papers", [])}
        self._papers.update(Paper.objects.in_bulk(wanted - self._papers.keys()))
        return [self._set_one(delivery) for delivery in deliveries]

    def _set_one(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        try:
            return self._set(delivery)
        except Exception:  # one bad row must not hold up a chunk of good ones
            logger.exception("Delivery %s could not be set.", delivery.pk)
            return None

    def _set(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        items = [item for item in delivery.contents["papers"] if item["id"] in self._papers]
        if not items:
            return None
        values = self.values(delivery, items)
        message = EmailMultiAlternatives(
            values["subject"],
            self._join("text", items, values | headlines.wrapped(values)),
            to=[emails.clean_header(delivery.subscriber.email)],
            headers=emails.unsubscribe_headers(delivery.subscriber_id),
        )
        safe = {name: str(escape(value)) for name, value in values.items()}
        html = emails.fold_lines(self._join("html", items, safe))
        message.attach_alternative(html, "text/html")
        message.metadata = {"delivery": str(delivery.key)}  # type: ignore[attr-defined]
        return message

    def values(self, delivery: Delivery, items: Items) -> dict[str, str]:
        """What stands around the entries of one message, each on one line and not escaped."""
        number, sources = self._folio(delivery.edition.date)
        papers = [self._papers[item["id"]] for item in items]
        values = {
            "subject": headlines.subject(items, papers[0].title),
            "preheader": headlines.preheader(papers),
            "folio": headlines.folio(delivery, number, sources),
            "intro": headlines.intro(delivery, items),
            "why": headlines.why(delivery.subscriber, items),
            "preferences_url": emails.preferences_url(delivery.subscriber_id),
            "unsubscribe_url": emails.unsubscribe_url(delivery.subscriber_id),
        }
        return {name: emails.clean_header(value) for name, value in values.items()}

    def _folio(self, day: date) -> tuple[int, str]:
        """The edition's number, and the sources that had anything new in the days before it."""
        if day not in self._folios:
            start = datetime.combine(day, time(), UTC) - REACH
            lately = [s for s in self._sources if s.last_new_at and s.last_new_at > start]
            self._folios[day] = days.number_of(day), ", ".join(days.source_names(lately))
        return self._folios[day]

    def _join(self, kind: Kind, items: Items, values: Values) -> str:
        head, tail = self._frame(kind, "head"), self._frame(kind, "tail")
        sizes = self._sizes(items, head.size + tail.size)
        pieces, section = [head.fill(values)], None
        for place, (item, size) in enumerate(zip(items, sizes, strict=False), 1):
            if item["section"] != section:
                section = item["section"]
                pieces.append(self._section(kind, section))
            card = self._card(item)
            frame = card.html(size) if kind == "html" else card.text
            pieces.append(frame.fill({"place": f"{place:>2}" if kind == "text" else str(place)}))
        if left_out := len(items) - len(sizes):
            pieces.append(sheet(kind).frame("more", headlines.more(left_out)).fill({}))
        return "".join([*pieces, tail.fill(values)])

    def _sizes(self, items: Items, used: int) -> list[Size]:
        """How large each entry is set so that the HTML fits; those beyond the end do not fit."""
        cards = [self._card(item) for item in items]
        return fit(cards, next(b for most, b in BUDGET_BYTES.items() if len(items) <= most) - used)

    def _frame(self, kind: Kind, piece: str) -> Frame:
        if (kind, piece) not in self._frames:
            names = ("subject", "preheader", "folio", "intro", "why")
            open_slots = {n: slot(n) for n in (*names, "preferences_url", "unsubscribe_url")}
            self._frames[kind, piece] = sheet(kind).frame(piece, open_slots | headlines.standing())
        return self._frames[kind, piece]

    def _section(self, kind: Kind, section: str) -> str:
        return sheet(kind).frame("section", {"entry": headlines.section(section)}).fill({})

    def _card(self, item: Mapping[str, Any]) -> Card:
        reasons = tuple(tuple(reason) for reason in item["topics"])
        key = (item["id"], reasons)
        if key not in self._cards:
            self._cards[key] = Card(self._papers[item["id"]], reasons)
        return self._cards[key]


def fit(cards: Sequence[Card], budget: int) -> list[Size]:
    """The size of each card so that all together stay within the budget, in bytes of HTML.

    The later ones give way first: without abstracts, then as titles alone; the first three only
    when nothing else helps. Where even titles are too many, the list is shorter than the cards.
    """
    sizes = [Size.FULL] * len(cards)
    used = sum(card.html(Size.FULL).size for card in cards)
    for size, places in _steps(len(cards)):
        for i in places:
            if used <= budget:
                return sizes
            used += cards[i].html(size).size - cards[i].html(sizes[i]).size
            sizes[i] = size
    while used > budget and len(sizes) > 1:
        used -= cards[len(sizes) - 1].html(sizes.pop()).size
    return sizes


def _steps(count: int) -> list[tuple[Size, range]]:
    later, first = range(count - 1, KEPT_FULL - 1, -1), range(min(count, KEPT_FULL) - 1, -1, -1)
    return [(size, some) for some in (later, first) for size in (Size.SHORT, Size.TITLE)]
