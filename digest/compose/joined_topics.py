"""The finds of several topics as the choices of one subscriber, each paper once, in their order.

By merit; for one who asked for more or less like some papers, bent by that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from digest.compose.candidates import CandidateSource, Choice
from digest.compose.leanings import compute_factor, list_senses
from digest.compose.profiles import Profile
from digest.compose.shared_places import share_places
from digest.compose.topic_news import Order, TopicNews, bend_order
from digest.models import Section, TopicReason

# To look into the class for each paper takes longer than all else that is done with it.
TRENDING, NEW, PASSING = Section.TRENDING, Section.NEW, Section.PASSING

Found = Mapping[int, TopicNews]  # by the ids of the topics that are followed


def join_topics(
    source: CandidateSource,
    profile: Profile,
    found: Found,
    excluded: AbstractSet[int],
    further: int,
) -> list[Choice]:
    """The papers of all followed topics that have a place, each once, and so many `further` ones.

    A paper counts as strong as in the topic that it is strongest in. Among the best of all it is
    among as many best of that topic too, so no more is looked at of any.
    """
    places, passing = profile.max_papers, profile.wants_passing
    wanted = places + further
    looked_at = {
        pk: one.list_looked_at(excluded, wanted, with_passing=passing)
        if profile.leanings
        else one.list_best(excluded, wanted, with_passing=passing)
        for pk, one in found.items()
    }
    if profile.leanings:
        ordered = _order_bent(source, profile, looked_at)
    else:
        ordered = _order_by_merit(list(looked_at.values()))
    topics = _map_topics(looked_at) if len(ordered) > places else {}
    chosen = share_places(ordered, topics, places)[:wanted]
    queries = profile.follows
    reasons = [one.map_reasons(pk, queries[pk], excluded, wanted) for pk, one in found.items()]
    return [_make_choice(order, reasons) for order in chosen]


def _order_by_merit(lists: Sequence[list[Order]]) -> list[Order]:
    """The papers in these lists, each once, the best first."""
    if len(lists) == 1:
        return lists[0]
    best: dict[int, Order] = {}
    for orders in lists:
        for order in orders:
            known = best.get(order[3])
            if known is None or order < known:
                best[order[3]] = order
    return sorted(best.values())


def _map_topics(looked_at: Mapping[int, Iterable[Order]]) -> Mapping[int, list[int]]:
    """By paper the topics that it is on, and does not only mention."""
    topics: dict[int, list[int]] = defaultdict(list)
    for topic_id, orders in looked_at.items():
        for is_passing, _, _, paper_id, _ in orders:
            if not is_passing:
                topics[paper_id].append(topic_id)
    return topics


def _order_bent(
    source: CandidateSource, profile: Profile, looked_at: Mapping[int, Sequence[Order]]
) -> list[Order]:
    """The papers in the order of one who asked for more, or less, like some papers."""
    leanings = profile.leanings
    topics = {int(pk): steps for (kind, pk), steps in leanings.items() if kind == "topic"}
    best: dict[int, Order] = {}
    steps: dict[int, int] = {}  # by paper, of the topics that found it
    senses = list_senses(leanings)
    for topic_id, orders in looked_at.items():
        for phrase, moved in senses.get(topic_id, ()):
            for pk in source.find_holding([order[3] for order in orders], phrase):
                steps[pk] = steps.get(pk, 0) + moved
        for order in orders:
            pk = order[3]
            best[pk] = min(order, best.get(pk, order))
            steps[pk] = steps.get(pk, 0) + topics.get(topic_id, 0)

    def bend(order: Order) -> Order:
        traits = source.list_traits(order[3])
        return bend_order(order, compute_factor(leanings, traits, steps[order[3]]))

    return sorted(best.values(), key=bend)


def _make_choice(order: Order, reasons: Iterable[Mapping[int, TopicReason]]) -> Choice:
    """`reasons` has for each followed topic that by paper."""
    is_passing, _, _, paper_id, trend = order
    found = tuple([of[paper_id] for of in reasons if paper_id in of])
    section = TRENDING if trend > 0 else NEW
    return Choice(paper_id, trend, found, PASSING if is_passing else section)
