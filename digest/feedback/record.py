"""What a reader's *more* and *less* do: leanings that bend the order, each press to be undone.

The arithmetic is in digest/compose/leanings.py. A press is kept with what it moves, and the
leanings are always what all presses that still stand come to, one after the other. So taking one
back leaves exactly what there would be without it, whatever was pressed in between. One reader says
one thing of one paper: the same again changes nothing, and the opposite replaces it.

What was said is the reader's own wish, so it outlives the paper it was said of; and a topic's part
of it rests while the topic is not followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from digest.compose.features import TERM_CHARS, Trait, stems_of_nouns, traits_of
from digest.compose.leanings import WORDS_PER_PAPER, Leanings, bounded, move_of, without_weakest
from digest.match.stage import paper_to_text
from digest.models import Feedback, Match, Paper
from subscribers.models import Leaning, Subscriber
from subscribers.topics import TopicError, find, normal_form, parse

Kind = Feedback.Kind
RECENT = timedelta(days=28)
MOST_RECENT = 2_000  # papers looked at of one reader: the newest
# A rare word of a title stands in at least 2 of the reader's recent titles, and at most in 1 of 10.
RARE_FROM, RARE_SHARE = 2, 0.1


Key = tuple[str, str]  # a leaning's kind and term


@dataclass(frozen=True)
class Move:
    """What one press does to one leaning: some steps up, or down."""

    kind: str
    term: str
    said: str
    steps: int

    @property
    def key(self) -> Key:
        return self.kind, self.term


@dataclass(frozen=True)
class Change:
    """What a press came to, or will come to, for one leaning: its steps before and after."""

    kind: str
    said: str
    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """All that a press comes to: what it moves, what gives way to it, the leanings around it."""

    changes: list[Change]
    gave_way: list[Change]
    before: Leanings
    after: Leanings


def give(subscriber_id: int, paper: Paper, kind: str, now: datetime) -> Feedback:
    """Note that the reader wants more, or less, like this paper; a second time changes nothing."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        given = reader.feedback.filter(paper=paper).first()
        if given and given.kind == kind:
            return given
        moves = [asdict(move) for move in _moves(reader, paper, kind, now)]
        if given is None:
            given = Feedback(subscriber=reader, paper=paper, title=paper.title)
        else:
            given.replaced = {
                "kind": given.kind,
                "given_at": given.given_at.isoformat(),
                "moves": given.moves,
            }
        given.kind, given.given_at, given.moves = kind, now, moves
        given.save()
        _learn(reader)
    return given


def take_back(subscriber_id: int, press: str | None = None, **of: Any) -> bool:
    """Undo what the reader last said, as if it had not been said; False: there is nothing.

    `of` says of what: `paper`, or the feedback's own `pk` where the paper may be gone. With the
    name of a `press` only that one is taken back, and nothing that was said before or after it.
    """
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        given = reader.feedback.filter(**of).first()
        if given is None or press not in (None, given.press):
            return False
        if before := given.replaced:
            given.kind, given.moves, given.replaced = before["kind"], before["moves"], {}
            given.given_at = datetime.fromisoformat(before["given_at"])
            given.save()
        else:
            given.delete()
        _learn(reader)
    return True


def forget(subscriber_id: int, leaning_id: int) -> None:
    """Remove one leaning, and what moved it, for good."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        leaning = reader.leanings.filter(pk=leaning_id).first()
        if leaning is None:
            return
        for row in reader.feedback.all():
            row.moves = _without(leaning, row.moves)
            if row.replaced:
                row.replaced["moves"] = _without(leaning, row.replaced["moves"])
            row.save(update_fields=["moves", "replaced"])
        _learn(reader)


def _without(leaning: Leaning, moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m for m in moves if (m["kind"], m["term"]) != (leaning.kind, leaning.term)]


def forget_all(subscriber_id: int) -> None:
    """Remove all that was learned from the reader's feedback, and the feedback with it."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        reader.leanings.all().delete()
        reader.feedback.all().delete()


# What it comes to.


def effect_of(given: Feedback) -> Effect:
    """What a press that was made has changed."""
    told = _told(given.subscriber)
    place = next(i for i, (row, _) in enumerate(told) if row.pk == given.pk)
    earlier = [moves for _, moves in told[:place]]
    return _effect(_sum(earlier), earlier, told[place][1])


def proposed(reader: Subscriber, paper: Paper, kind: str, now: datetime) -> Effect:
    """What this press would change, as things stand now; what it replaces is taken back first."""
    told = _told(reader)
    others = [moves for row, moves in told if row.paper_id != paper.pk]
    return _effect(_sum(moves for _, moves in told), others, _moves(reader, paper, kind, now))


def _effect(before: Leanings, others: Sequence[Sequence[Move]], moves: Sequence[Move]) -> Effect:
    after = _sum([*others, moves])
    pressed, known = {m.key for m in moves}, {m.key: m for row in others for m in row}
    return Effect(
        [Change(m.kind, m.said, before.get(m.key, 0), after.get(m.key, 0)) for m in moves],
        [
            Change(known[key].kind, known[key].said, steps, 0)
            for key, steps in _sum(others).items()
            if key not in after and key not in pressed
        ],
        before,
        after,
    )


def _told(reader: Subscriber) -> list[tuple[Feedback, list[Move]]]:
    """What still stands, in the order in which it was said; of topics those that are followed."""
    followed = set(map(str, reader.interests.follows().values_list("topic_id", flat=True)))
    rows = reader.feedback.order_by("given_at", "pk")
    return [
        (row, [m for m in _moves_of(row) if m.kind != "topic" or m.term in followed])
        for row in rows
    ]


def _moves_of(given: Feedback) -> list[Move]:
    return [Move(**move) for move in given.moves]


def _sum(told: Iterable[Sequence[Move]]) -> dict[Key, int]:
    """The leanings that these presses come to, one after the other; those moved last come last."""
    steps: dict[Key, int] = {}
    for moves in told:
        for move in moves:
            steps[move.key] = bounded(move.kind, steps.pop(move.key, 0) + move.steps)
        left = {key: value for key, value in steps.items() if value}
        steps = dict(without_weakest(left, {move.key for move in moves}))
    return steps


def _learn(reader: Subscriber) -> None:
    """Make the reader's leanings what their feedback comes to."""
    told = [moves for _, moves in _told(reader)]
    said = {move.key: move.said for moves in told for move in moves}
    steps = _sum(told)
    known = {(row.kind, row.term): row for row in reader.leanings.all()}
    gone = [row.pk for key, row in known.items() if key not in steps]
    reader.leanings.filter(pk__in=gone).delete()
    rows = [
        Leaning(
            subscriber=reader, kind=key[0], term=key[1], said=said[key][:TERM_CHARS], steps=value
        )
        for key, value in steps.items()
        if key not in known or known[key].steps != value
    ]
    Leaning.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["subscriber", "kind", "term"],
        update_fields=["steps"],
    )


# What a press moves.


def _moves(reader: Subscriber, paper: Paper, kind: str, now: datetime) -> list[Move]:
    """What a press moves: topics, category, organization and rare words of the title."""
    sign = 1 if kind == Kind.MORE else -1
    topics = _topics(reader, paper)
    return [
        Move(trait.kind, trait.term, trait.said, sign * move_of(trait.kind))
        for trait in [*topics, *_other_traits(reader, paper, topics, now)]
    ]


def _topics(reader: Subscriber, paper: Paper) -> list[Trait]:
    """The topics the reader follows that find the paper; matches are kept 30 days, texts longer."""
    followed = dict(reader.interests.follows().values_list("topic_id", "topic__query"))
    rows = Match.objects.filter(paper=paper, topic__in=followed).order_by("-strength")
    found = list(rows.values_list("topic_id", flat=True))
    if not found and not paper.matches.exists():
        found = [pk for pk, query in followed.items() if _finds(query, paper)]
    return [Trait("topic", str(pk), followed[pk]) for pk in found]


def _finds(query: str, paper: Paper) -> bool:
    try:
        return find(parse(query), paper_to_text(paper)) is not None
    except TopicError:  # from an older release of the language
        return False


def _other_traits(
    reader: Subscriber, paper: Paper, topics: list[Trait], now: datetime
) -> list[Trait]:
    """Category, organization and the rare words of the title, which other papers may share."""
    traits = traits_of(paper.title, [str(name) for name in paper.categories], paper.organization)
    known = {stem for topic in topics for stem in normal_form(topic.said).split()}
    nouns = stems_of_nouns(paper.title) - known
    words = [trait for trait in traits if trait.kind == "word" and trait.term in nouns]
    fields = [trait for trait in traits if trait.kind != "word"]
    return fields + _rare(words, papers_for(reader, now))


def _rare(words: list[Trait], papers: QuerySet[Paper]) -> list[Trait]:
    """The rarest of these words in the titles of the papers; a word of no other paper is none.

    Rare within what this reader gets: where all is about diffusion, the word tells nothing.
    """
    titles = list(papers.values_list("title", flat=True)[:MOST_RECENT]) if words else []
    wanted = {word.term for word in words}
    counts = Counter(stem for title in titles for stem in wanted & set(normal_form(title).split()))
    most = max(RARE_FROM, len(titles) * RARE_SHARE)
    rare = [word for word in words if RARE_FROM <= counts[word.term] <= most]
    return sorted(rare, key=lambda word: counts[word.term])[:WORDS_PER_PAPER]


def papers_for(reader: Subscriber, now: datetime) -> QuerySet[Paper]:
    """The papers of the last 28 days in topics that the reader follows, the newest first."""
    followed = reader.interests.follows().values("topic_id")
    matches = Match.objects.filter(paper=OuterRef("pk"), topic__in=followed)
    news = Paper.objects.filter(Exists(matches), news_at__gt=now - RECENT, news_at__lte=now)
    return news.order_by("-news_at", "-pk")
