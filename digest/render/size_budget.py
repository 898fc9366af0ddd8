"""How much of each paper has room in a mail: the later ones give way first."""

from __future__ import annotations

from collections.abc import Sequence

from digest.render.card import Card, Size

# Gmail cuts a mail off near 102 KB, and an ordinary digest stays far below. Headings and what the
# line ends between elements add are in what is left to 90 and 45 KB.
BUDGET_BYTES, FEW_BUDGET_BYTES = 88_500, 43_500
LARGEST_BYTES = 90_000  # what a whole mail's HTML may have
FEW_PAPERS = 10
KEPT_FULL = 3  # the first papers are the last to be shortened


def choose_budget(papers: int) -> int:
    """How many bytes of HTML a mail of so many papers may have."""
    return BUDGET_BYTES if papers > FEW_PAPERS else FEW_BUDGET_BYTES


def fit_cards(cards: Sequence[Card], budget: int, address_bytes: int = 0) -> list[Size]:
    """The size of each card so that all together stay within the budget, in bytes of HTML.

    The later ones give way first: without abstracts, then as titles alone; the first three only
    when nothing else helps. Where even titles are too many, the list is shorter than the cards.
    `address_bytes` is the length of the subscriber's own address.
    """

    full = [card.render_html(Size.FULL) for card in cards]
    sizes = [Size.FULL] * len(cards)
    used = sum([f.size for f in full]) + sum([f.addresses for f in full]) * address_bytes
    if used <= budget:
        return sizes

    def room(place: int, size: Size) -> int:
        text = cards[place].render_html(size)
        return text.size + text.addresses * address_bytes

    for size, places in _list_steps(len(cards)):
        for place in places:
            if used <= budget:
                return sizes
            used += room(place, size) - room(place, sizes[place])
            sizes[place] = size
    while used > budget and len(sizes) > 1:
        used -= room(len(sizes) - 1, sizes.pop())
    return sizes


def _list_steps(count: int) -> list[tuple[Size, range]]:
    later, first = range(count - 1, KEPT_FULL - 1, -1), range(min(count, KEPT_FULL) - 1, -1, -1)
    return [(size, some) for some in (later, first) for size in (Size.SHORT, Size.TITLE)]
