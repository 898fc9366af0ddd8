"""How the places of a digest are shared among a subscriber's topics, so that none drowns another.

The papers are in order of merit. One that is on a topic which has no place yet comes first: so each
topic has its best, as long as places last, those with the best of all before the others. What is
left goes by merit alone, whatever the topic. A paper on several topics counts for each of them; one
that only mentions a topic claims no place for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from digest.compose.topic_news import Order


def share_places(
    ordered: Sequence[Order], topics: Mapping[int, Collection[int]], places: int
) -> list[Order]:
    """The papers that get one of so many places, in their order, then the others in theirs.

    `ordered` is by merit; `topics` has by paper the topics that it is on.
    """
    if len(ordered) <= places:
        return list(ordered)
    chosen, served = set[int](), set[int]()
    for is_passing, _, _, paper_id, _ in ordered:
        if is_passing or len(chosen) == places:
            break
        if not served.issuperset(topics[paper_id]):
            chosen.add(paper_id)
            served.update(topics[paper_id])
    for order in ordered:
        if len(chosen) == places:
            break
        chosen.add(order[3])
    inside = [order for order in ordered if order[3] in chosen]
    return inside + [order for order in ordered if order[3] not in chosen]
