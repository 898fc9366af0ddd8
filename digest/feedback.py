"""What a reader's *more* and *less* do: leanings that bend the order, each press to be undone.

The arithmetic is in digest/leanings.py. A press writes down every leaning it moved, with the steps
before and after, so that taking it back restores exactly what was there; where other presses came
in between, it takes back its own share. One reader says one thing of one paper: the same again
changes nothing, and the opposite replaces it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from digest.leanings import WORDS_PER_PAPER, bounded, move_of, without_smallest
from digest.match.matching import text_of
from digest.models import Feedback, Match, Paper
from digest.traits import TERM_CHARS, Trait, traits_of
from subscribers.models import Interest, Leaning, Subscriber
from subscribers.topics import TopicError, find, normal_form, parse

Kind = Feedback.Kind
RECENT = timedelta(days=28)
MOST_RECENT = 2_000  # papers looked at of one reader: the newest
# A rare word of a title stands in at least 2 of the reader's recent titles, and at most in 1 of 10.
RARE_FROM, RARE_SHARE = 2, 0.1


@dataclass(frozen=True)
class Change:
    """One leaning moved, or to be moved: its steps before and after."""

    kind: str
    term: str
    said: str
    before: int
    after: int
    is_dropped: bool = False  # not pressed: there was no more room for it

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.term

    def reversed(self) -> Change:
        return replace(self, before=self.after, after=self.before)


def give(subscriber_id: int, paper: Paper, kind: str, now: datetime) -> Feedback:
    """Note that the reader wants more, or less, like this paper; a second time changes nothing."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        known = reader.feedback.filter(paper=paper).first()
        if known and known.kind == kind:
            return known
        replaced: dict[str, Any] = {}
        if known:
            _move(reader, [change.reversed() for change in changes_of(known)])
            replaced = {"kind": known.kind, "changes": known.changes}
            replaced["given_at"] = known.given_at.isoformat()
            known.delete()
        _drop_unfollowed(reader)
        changes = _move(reader, proposed(reader, paper, kind, now))
        told = [asdict(change) for change in changes]
        return Feedback.objects.create(
            subscriber=reader, paper=paper, kind=kind, given_at=now, changes=told, replaced=replaced
        )


def take_back(subscriber_id: int, paper: Paper) -> bool:
    """Undo what the reader last said of this paper, as if it had not been said; False: nothing."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        known = reader.feedback.filter(paper=paper).first()
        if known is None:
            return False
        _move(reader, [change.reversed() for change in changes_of(known)])
        if known.replaced:
            _move(reader, _read(known.replaced["changes"]))
            known.kind, known.changes = known.replaced["kind"], known.replaced["changes"]
            known.given_at = datetime.fromisoformat(known.replaced["given_at"])
            known.replaced = {}
            known.save()
        else:
            known.delete()
    return True


def forget(subscriber_id: int, leaning_id: int) -> None:
    """Remove one leaning for good: taking back what moved it will not bring it back."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        leaning = reader.leanings.filter(pk=leaning_id).first()
        if leaning is None:
            return
        for row in reader.feedback.select_for_update():
            row.changes = _without(leaning, row.changes)
            if row.replaced:
                row.replaced["changes"] = _without(leaning, row.replaced["changes"])
            row.save(update_fields=["changes", "replaced"])
        leaning.delete()


def forget_all(subscriber_id: int) -> None:
    """Remove all that was learned from the reader's feedback, and the feedback with it."""
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        reader.leanings.all().delete()
        reader.feedback.all().delete()


def changes_of(feedback: Feedback) -> list[Change]:
    """What this feedback changed, as it happened."""
    return _read(feedback.changes)


def _read(changes: Iterable[dict[str, Any]]) -> list[Change]:
    return [Change(**change) for change in changes]


def _without(leaning: Leaning, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [c for c in changes if (c["kind"], c["term"]) != (leaning.kind, leaning.term)]


# What a press moves.


def proposed(reader: Subscriber, paper: Paper, kind: str, now: datetime) -> list[Change]:
    """What this press would move, and how far, as the leanings stand now."""
    steps = {(row.kind, row.term): row.steps for row in reader.leanings.all()}
    sign = 1 if kind == Kind.MORE else -1
    topics, changes = _topics(reader, paper), list[Change]()
    for trait in [*topics, *_other_traits(reader, paper, topics, now)]:
        before = steps.get((trait.kind, trait.term), 0)
        after = bounded(trait.kind, before + sign * move_of(trait.kind))
        changes.append(Change(trait.kind, trait.term, trait.said, before, after))
    return changes


def _topics(reader: Subscriber, paper: Paper) -> list[Trait]:
    """The topics the reader follows that find the paper; matches are kept 30 days, texts longer."""
    followed = dict(_followed(reader).values_list("topic_id", "topic__query"))
    rows = Match.objects.filter(paper=paper, topic__in=followed).order_by("-strength")
    found = list(rows.values_list("topic_id", flat=True))
    if not found and not paper.matches.exists():
        found = [pk for pk, query in followed.items() if _finds(query, paper)]
    return [Trait("topic", str(pk), followed[pk]) for pk in found]


def _finds(query: str, paper: Paper) -> bool:
    try:
        return find(parse(query), text_of(paper)) is not None
    except TopicError:  # from an older release of the language
        return False


def _followed(reader: Subscriber) -> QuerySet[Interest]:
    return reader.interests.filter(mode=Interest.Mode.FOLLOW)


def _other_traits(
    reader: Subscriber, paper: Paper, topics: list[Trait], now: datetime
) -> list[Trait]:
    """Category, organization and the rare words of the title, which other papers may share."""
    traits = traits_of(paper.title, [str(name) for name in paper.categories], paper.organization)
    known = {stem for topic in topics for stem in normal_form(topic.said).split()}
    words = [trait for trait in traits if trait.kind == "word" and trait.term not in known]
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
    followed = _followed(reader).values("topic_id")
    matches = Match.objects.filter(paper=OuterRef("pk"), topic__in=followed)
    news = Paper.objects.filter(Exists(matches), news_at__gt=now - RECENT, news_at__lte=now)
    return news.order_by("-news_at", "-pk")


# Moving leanings.


def _move(reader: Subscriber, wanted: Sequence[Change]) -> list[Change]:
    """Move the reader's leanings as wanted; return all that changed, what was dropped for it too.

    A leaning that others moved meanwhile is moved by the same distance from where it is now.
    """
    rows = list(reader.leanings.order_by("pk"))
    said = {(row.kind, row.term): row.said for row in rows}
    before = {(row.kind, row.term): row.steps for row in rows}
    after = dict(before)
    for change in wanted:
        steps = after.pop(change.key, 0)
        distance = change.after - change.before
        moved = change.after if steps == change.before else bounded(change.kind, steps + distance)
        after[change.key] = moved
        said[change.key] = change.said
    after = {key: steps for key, steps in after.items() if steps}
    after = dict(without_smallest(after, {change.key for change in wanted}))
    pressed = dict.fromkeys(change.key for change in wanted)
    changes = [
        Change(*key, said[key], before.get(key, 0), after.get(key, 0), key not in pressed)
        for key in pressed | before
        if key in pressed or key not in after
    ]
    _write(reader, [change for change in changes if change.before != change.after])
    return changes


def _drop_unfollowed(reader: Subscriber) -> None:
    """A topic's leaning goes with the topic: the next press looks after that."""
    followed = [str(pk) for pk in _followed(reader).values_list("topic_id", flat=True)]
    reader.leanings.filter(kind=Leaning.Kind.TOPIC).exclude(term__in=followed).delete()


def _write(reader: Subscriber, changes: list[Change]) -> None:
    for change in changes:
        if not change.after:
            reader.leanings.filter(kind=change.kind, term=change.term).delete()
    rows = [
        Leaning(
            subscriber=reader,
            kind=change.kind,
            term=change.term,
            said=change.said[:TERM_CHARS],
            steps=change.after,
        )
        for change in changes
        if change.after
    ]
    Leaning.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["subscriber", "kind", "term"],
        update_fields=["steps"],
    )
