"""The papers close to one subscriber's topics, as choices of a digest, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from digest.compose.candidates import CandidateSource, Choice, NewsSince
from digest.compose.near_papers import WORTH_A_MAIL, NearPaper, choose_near
from digest.compose.profiles import Profile
from digest.compose.selection import Selection
from digest.models import Section, TopicReason


class NearChoices(NamedTuple):
    """The near papers of one digest."""

    choices: Sequence[Choice] = ()
    worth_a_mail: frozenset[int] = frozenset()  # ids of those that need no find beside them


def choose_near_papers(news: NewsSince, profile: Profile, taken: AbstractSet[int]) -> NearChoices:
    """The papers closest to the topics; none that is on one of them, is muted, or in `taken`.

    None is worth a first digest by itself: that one shows what the topics find.
    """
    if not profile.wants_near:
        return NearChoices()
    near = news.near
    ranked = [near[pk] for pk in profile.follows]
    if not any(ranked):
        return NearChoices()
    follows = [news[pk] for pk in profile.follows]
    shut_out = [news[pk].paper_ids for pk in profile.mutes]
    shut_out += [one.paper_ids if profile.wants_passing else one.ids_on_it for one in follows]

    def is_excluded(paper_id: int) -> bool:
        return paper_id in taken or any(paper_id in ids for ids in shut_out)

    chosen = choose_near(ranked, is_excluded, len(profile.follows))
    worth_a_mail = frozenset(
        one.paper_id for one in chosen if one.nearness >= WORTH_A_MAIL and profile.since
    )
    return NearChoices([_make_near_choice(one, profile) for one in chosen], worth_a_mail)


def _make_near_choice(one: NearPaper, profile: Profile) -> Choice:
    """The words that show it are filled in for many at once."""
    reason = TopicReason(one.topic_id, profile.follows[one.topic_id], "")
    return Choice(one.paper_id, 0.0, (reason,), Section.NEAR)


def fill_near_words(source: CandidateSource, selections: dict[int, Selection]) -> None:
    """Fill in for all near papers in the selections which words show that they are near."""
    pairs = {(c.paper_id, c.reasons[0].topic_id) for s in selections.values() for c in s.near}
    if not pairs:
        return
    words = source.spell_near(pairs)
    for pk, selection in selections.items():
        if selection.near:
            near = [_fill_words(choice, words) for choice in selection.near]
            selections[pk] = replace(selection, near=near)


def _fill_words(choice: Choice, words: Mapping[tuple[int, int], str]) -> Choice:
    [reason] = choice.reasons
    where = words[choice.paper_id, reason.topic_id]
    return choice._replace(reasons=(reason._replace(where=where),))
