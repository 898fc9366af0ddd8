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

# Gmail cuts a mail off near 102 KB, and an ordinary digest stays far below. Headings and what the
# line ends between elements add are in what is left to 90 and 45 KB.
BUDGET_BYTES, FEW_BUDGET_BYTES = 89_000, 44_000
FEW_PAPERS = 10
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
        wrapped = values | headlines.wrapped(values)
        safe = {name: str(escape(value)) for name, value in wrapped.items()}
        sizes = self._sizes(items, safe)
        message = EmailMultiAlternatives(
            values["subject"],
            self._join("text", items, sizes, wrapped),
            to=[emails.clean_header(delivery.subscriber.email)],
            headers=emails.unsubscribe_headers(delivery.subscriber_id),
        )
        message.attach_alternative(self._join("html", items, sizes, safe), "text/html")
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

    def _sizes(self, items: Items, values: Values) -> list[Size]:
        """How large each entry is set so that the HTML fits; those beyond the end do not fit."""
        cards = [self._card(item) for item in items]
        around = "".join(self._frame("html", piece).fill(values) for piece in ("head", "tail"))
        return fit(cards, budget(len(cards)) - len(around.encode()))

    def _join(self, kind: Kind, items: Items, sizes: Sequence[Size], values: Values) -> str:
        pieces, section = [self._frame(kind, "head").fill(values)], None
        for place, (item, size) in enumerate(zip(items, sizes, strict=False), 1):
            if item["section"] != section:
                section = item["section"]
                pieces.append(self._heading(kind, section).fill({}))
            card = self._card(item)
            frame = card.html(size) if kind == "html" else card.text
            pieces.append(frame.fill({"place": numeral(kind, place)}))
        if left_out := len(items) - len(sizes):
            pieces.append(sheet(kind).frame("more", headlines.more(left_out)).fill({}))
        return "".join([*pieces, self._frame(kind, "tail").fill(values)])

    def _frame(self, kind: Kind, piece: str) -> Frame:
        if (kind, piece) not in self._frames:
            open_slots = {name: slot(name) for name in headlines.VALUES}
            self._frames[kind, piece] = sheet(kind).frame(piece, open_slots | headlines.standing())
        return self._frames[kind, piece]

    def _heading(self, kind: Kind, section: str) -> Frame:
        if (kind, section) not in self._frames:
            entry = headlines.section(section)
            self._frames[kind, section] = sheet(kind).frame("section", {"entry": entry})
        return self._frames[kind, section]

    def _card(self, item: Mapping[str, Any]) -> Card:
        reasons = tuple(tuple(reason) for reason in item["topics"])
        key = (item["id"], reasons)
        if key not in self._cards:
            self._cards[key] = Card(self._papers[item["id"]], reasons)
        return self._cards[key]


def numeral(kind: Kind, place: int) -> str:
    """A paper's place in the mail; in the text part set flush right in its margin."""
    return f"{place:>2}" if kind == "text" else str(place)


def budget(papers: int) -> int:
    """How many bytes of HTML a mail of so many papers may have."""
    return BUDGET_BYTES if papers > FEW_PAPERS else FEW_BUDGET_BYTES


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
