"""The papers close to one subscriber's topics, as choices of a digest, and what shows it.

Those that a topic finds by a kind of it stand behind all other finds, where these leave room, and
no switch but quotes around the topic turns them off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from digest.compose.candidates import CandidateSource, Choice, NewsSince
from digest.compose.near_papers import WORTH_A_MAIL, NearPaper, choose_near
from digest.compose.profiles import Profile
from digest.compose.selection import Selection
from digest.models import Section, TopicReason
from digest.models.papers import join_found_words, split_found_words


class NearChoices(NamedTuple):
    """The near papers of one digest."""

    choices: Sequence[Choice] = ()
    worth_a_mail: frozenset[int] = frozenset()  # ids of those that need no find beside them


def choose_kinds(
    news: NewsSince, profile: Profile, sent: AbstractSet[int], found: Sequence[Choice]
) -> list[Choice]:
    """The papers that name a kind of a topic, the nearest first, as many as `found` leave room for.

    None that was sent, is muted, or is on a topic; which words show it is filled in later.
    """
    room = profile.max_papers - len(found)
    if room <= 0:
        return []
    near = news.near
    rows = [one for pk in profile.follows for one in near.list_finds(pk)]
    if not rows:
        return []
    named = defaultdict[int, list[NearPaper]](list)
    for one in rows:
        named[one.paper_id].append(one)
    is_excluded = _find_excluded(news, profile, sent | {choice.paper_id for choice in found})
    nearest_first = sorted(named, key=lambda pk: (-max(one.nearness for one in named[pk]), pk))
    chosen = [pk for pk in nearest_first if not is_excluded(pk)][:room]
    return [Choice(pk, 0.0, _make_reasons(named[pk], profile), Section.NEW) for pk in chosen]


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
    is_excluded = _find_excluded(news, profile, taken)
    chosen = choose_near(ranked, is_excluded, len(profile.follows))
    worth_a_mail = frozenset(
        one.paper_id for one in chosen if one.nearness >= WORTH_A_MAIL and profile.since
    )
    choices = [
        Choice(one.paper_id, 0.0, _make_reasons([one], profile), Section.NEAR) for one in chosen
    ]
    return NearChoices(choices, worth_a_mail)


def _find_excluded(
    news: NewsSince, profile: Profile, taken: AbstractSet[int]
) -> Callable[[int], bool]:
    """Tells of a paper whether it is in `taken`, muted, or found by one of the topics."""
    follows = [news[pk] for pk in profile.follows]
    shut_out = [news[pk].paper_ids for pk in profile.mutes]
    shut_out += [one.paper_ids if profile.wants_passing else one.ids_on_it for one in follows]
    return lambda paper_id: paper_id in taken or any(paper_id in ids for ids in shut_out)


def _make_reasons(ranked: Sequence[NearPaper], profile: Profile) -> tuple[TopicReason, ...]:
    """The words that show it are filled in for many at once."""
    return tuple([TopicReason(one.topic_id, profile.follows[one.topic_id], "") for one in ranked])


def fill_near_words(source: CandidateSource, selections: dict[int, Selection]) -> None:
    """Fill in which words show that papers are near, or name a kind, for all selections."""
    lacking = [choice for one in selections.values() for choice in _list_lacking(one)]
    pairs = {(choice.paper_id, reason.topic_id) for choice in lacking for reason in choice.reasons}
    if not pairs:
        return
    words = source.spell_near(pairs)
    # What names a kind comes by that alone; spell_near has it first.
    kinds = {pair: join_found_words(split_found_words(said)[:1]) for pair, said in words.items()}
    for pk, selection in selections.items():
        if selection.near or selection.of_kinds:
            near = [_fill_words(choice, words) for choice in selection.near]
            choices = [
                _fill_words(choice, kinds) if choice.paper_id in selection.of_kinds else choice
                for choice in selection.choices
            ]
            selections[pk] = replace(selection, choices=choices, near=near)


def _list_lacking(selection: Selection) -> Iterator[Choice]:
    yield from selection.near
    if selection.of_kinds:
        yield from (one for one in selection.choices if one.paper_id in selection.of_kinds)


def _fill_words(choice: Choice, words: Mapping[tuple[int, int], str]) -> Choice:
    reasons = [
        reason._replace(where=words[choice.paper_id, reason.topic_id]) for reason in choice.reasons
    ]
    return choice._replace(reasons=tuple(reasons))
