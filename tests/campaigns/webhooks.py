"""Hundreds of made reports from each provider, and what they changed: `make webhooks`.

Each reader has a story whose end is known beforehand. All reports of all stories are shuffled, a
third of them come again, and among them are forged, altered, late, future and unreadable ones. They
are posted through anymail's own views; then every reader must be where the story ends.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.models import Delivery, DomainPause, MailTrace, ProviderEvent
from subscribers.account.address import delete_subscriber
from subscribers.models import Subscriber, Suppression
from tests.digest.track.reports import DAY, HOUR, MINUTE, make_sent
from tests.factories import NOW, make_subscriber
from tests.webhook_posts import (
    SETTINGS,
    Happening,
    build_document,
    post_document,
    post_happening,
    stand_in_packages,
)
from tests.webhook_words import PROVIDERS, WORDS

EVENTS = int(os.environ.get("EVENTS", "500"))
TODAY = NOW + 3 * DAY
BLOCKING = "blocks.example.com"
ODD: list[Any] = [None, [None], "x", 7, [[1]]]
COLUMNS = ("posts", "refused", "rows", "arrived", "bounced", "complained", "left")
EFFECTS = ("suppressed", "unsubscribed", "outdated", "domain")

Post = Callable[[Client], Any]


@dataclass
class Story:
    """A reader, what is reported of their mails, and how it must end."""

    name: str
    address: str
    posts: list[tuple[Post, bool]] = field(default_factory=list)  # with whether 400 is right
    suppressed: str = ""  # why the address must be, at the end
    is_mailable: bool = True


class Teller:
    """Makes the stories of one provider."""

    def __init__(self, provider: str, seed: int) -> None:
        self.provider = provider
        self.random = random.Random(f"{provider} {seed}")
        self._serial = 0

    def tell(self, count: int) -> list[Story]:
        """Stories with so many reports in all, for each that arrives quite some that do."""
        stories = [self._blocked() for _ in range(6)]
        special = [
            self._ends_at_once,
            self._refused_thrice,
            self._refused_twice,
            self._recovered,
            self._late,
            self._left,
            self._deleted,
            self._moved,
            self._forged,
            self._altered,
            self._future,
            self._odd,
        ]
        stories += [make() for make in special]
        while sum(len(story.posts) for story in stories) < count:
            stories.append(self.random.choice([*special, *[self._arrived] * 24])())
        return stories

    # -- one story each -------------------------------------------------------------------------

    def _arrived(self) -> Story:
        # On whichever day: on none are those who refuse most of those who were mailed.
        story, reader = self._begin("arrived")
        self._report(story, make_sent(reader, self.random.randrange(3)), "delivered")
        return story

    def _ends_at_once(self) -> Story:
        what = self.random.choice([w for w in ("hard", "complaint") if self._knows(w)])
        story, reader = self._begin(what)
        self._report(story, make_sent(reader, 2), what)
        return _suppress(story, what)

    def _refused_thrice(self) -> Story:
        return self._refuse("refused in 3 editions", [True, True, True])

    def _refused_twice(self) -> Story:
        return self._refuse("refused in 2 editions", [True, False, True])

    def _recovered(self) -> Story:
        story, reader = self._begin("refused, then it arrived", f"{self._name()}.example.org")
        first, second, third = (make_sent(reader, day) for day in range(3))
        self._report(story, first, self._pick_soft())
        self._report(story, second, "delivered")
        self._report(story, third, self._pick_soft())
        return story

    def _late(self) -> Story:
        story, reader = self._begin("late")
        delivery = make_sent(reader)
        what = self.random.choice([w for w in ("hard", "complaint", "left") if self._knows(w)])
        self._report(story, delivery, what, NOW + HOUR)
        Subscriber.objects.filter(pk=reader.pk).update(confirmed_at=TODAY - 4 * HOUR)
        return story

    def _left(self) -> Story:
        story, reader = self._begin("left")
        if self._knows("left"):
            self._report(story, make_sent(reader, 2), "left")
            story.is_mailable = False
        return story

    def _deleted(self) -> Story:
        story, reader = self._begin("deleted")
        self._report(story, make_sent(reader, 2), self._pick_final())
        delete_subscriber(reader)
        return _suppress(story, "hard")

    def _moved(self) -> Story:
        story, reader = self._begin("moved")
        self._report(story, make_sent(reader, 2), self._pick_final())
        reader.email = f"moved-{reader.email}"
        reader.save()
        return _suppress(story, "hard")

    def _forged(self) -> Story:
        story, reader = self._begin("forged")
        happening = self._happen(make_sent(reader, 2), "hard")
        story.posts.append((lambda c: post_happening(c, happening, secret="name:no"), True))
        return story

    def _altered(self) -> Story:
        story, reader = self._begin("altered")
        happening = self._happen(make_sent(reader, 2), "hard")
        for changes in ({"address": "else@example.net"}, {"message_id": "<else@example.net>"}):
            altered = happening.having(event_id=self._name(), **changes)
            story.posts.append((lambda c, altered=altered: post_happening(c, altered), False))  # type: ignore[misc]
        return story

    def _future(self) -> Story:
        story, reader = self._begin("future")
        self._report(story, make_sent(reader, 2), "delivered", TODAY + 400 * DAY)
        return story

    def _odd(self) -> Story:
        story, _ = self._begin("odd")
        document = self.random.choice(ODD)
        story.posts.append((lambda c: post_document(c, self.provider, document), True))
        return story

    def _blocked(self) -> Story:
        story, reader = self._begin("blocked", BLOCKING)
        delivery = make_sent(reader, 2, claimed_at=TODAY - HOUR)
        what = "blocked" if self._knows("blocked") else "delivered"
        self._report(story, delivery, what, TODAY - 20 * MINUTE)
        return story

    # -- their parts ----------------------------------------------------------------------------

    def _begin(self, name: str, domain: str = "example.org") -> tuple[Story, Subscriber]:
        reader = make_subscriber(email=f"{self._name()}@{domain}", confirmed_at=NOW - DAY)
        return Story(name, reader.email), reader

    def _refuse(self, name: str, days: list[bool]) -> Story:
        # Each at a domain of its own: many at one would be the domain's fault.
        story, reader = self._begin(name, f"{self._name()}.example.org")
        for day, is_refused in enumerate(days):
            delivery = make_sent(reader, day)
            if is_refused:
                self._report(story, delivery, self._pick_soft())
        return _suppress(story, "hard") if sum(days) == 3 else story

    def _pick_soft(self) -> str:
        return self.random.choice(["soft", "full", "dns"])

    def _pick_final(self) -> str:
        return "complaint" if self._knows("complaint") else "hard"

    def _knows(self, what: str) -> bool:
        return what in WORDS[self.provider]

    def _name(self) -> str:
        self._serial += 1
        return f"{self.provider.replace('_', '-')}-{self._serial}"

    def _happen(self, delivery: Delivery, what: str, moment: datetime | None = None) -> Happening:
        moment = moment or (delivery.sent_at or NOW) + self.random.randint(1, 600) * MINUTE
        address = delivery.subscriber.email
        return Happening(
            self.provider, what, address, delivery.message_id, moment, f"event-{self._name()}"
        )

    def _report(
        self, story: Story, delivery: Delivery, what: str, moment: datetime | None = None
    ) -> None:
        happening = self._happen(delivery, what, moment)
        document = build_document(happening)
        name = happening.event_id
        at = happening.moment.isoformat()
        story.posts.append(
            (lambda c: post_document(c, self.provider, document, name, at=at), False)
        )


def _suppress(story: Story, what: str) -> Story:
    story.suppressed, story.is_mailable = what, False
    return story


def post_all(client: Client, stories: list[Story], seed: int) -> Counter[str]:
    """Post every report, a third of them up to three times, in any order; count the answers."""
    order = random.Random(seed)
    posts = [post for story in stories for post in story.posts]
    posts += [post for post in posts if order.random() < 1 / 3 for _ in range(order.randint(1, 2))]
    order.shuffle(posts)
    counts: Counter[str] = Counter(posts=len(posts))
    for post, is_refused in posts:
        status = post(client).status_code
        assert status == (400 if is_refused else 200), status
        counts["refused"] += is_refused
    return counts


def find_wrong_ends(stories: list[Story]) -> Iterator[str]:
    """Every reader who is not where the story ends."""
    reasons = dict(Suppression.objects.values_list("fingerprint", "reason"))
    suppressed = {
        story.address: reason
        for story in stories
        for hashed in Subscriber.hash_address(story.address).values()
        if (reason := reasons.get(hashed))
    }
    mailable = set(Subscriber.objects.mailable().values_list("email", flat=True))
    for story in stories:
        if bool(story.suppressed) != (story.address in suppressed):
            yield f"{story.name}: {story.address} suppressed: {suppressed.get(story.address)}"
        if story.is_mailable != (story.address in mailable):
            yield f"{story.name}: {story.address} mailable: {story.address in mailable}"
    if Delivery.objects.filter(delivered_at__gt=TODAY).exists():
        yield "a date in the future"


def count_changes() -> Counter[str]:
    counts: Counter[str] = Counter(rows=ProviderEvent.objects.count())
    names = ("delivered", "bounced", "complained", "unsubscribed")
    for column, name in zip(COLUMNS[3:], names, strict=True):
        counts[column] = Delivery.objects.exclude(**{f"{name}_at": None}).count()
    counts.update(ProviderEvent.objects.values_list("effect", flat=True))
    counts["paused"] = DomainPause.objects.count()
    return counts


def run_provider(client: Client, provider: str, events: int, seed: int = 1) -> Counter[str]:
    """Tell, post and check the stories of one provider; the counts of what they changed."""
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        stories = Teller(provider, seed).tell(events)
    with time_machine.travel(TODAY, tick=False):
        counts = post_all(client, stories, seed)
        wrong = list(find_wrong_ends(stories))
    assert not wrong, wrong[:5]
    counts += count_changes()
    does_block = "blocked" in WORDS[provider]
    assert counts["paused"] == does_block
    for model in (Subscriber, Suppression, ProviderEvent, MailTrace, DomainPause):
        model.objects.all().delete()
    return counts


def draw_line(name: str, counts: Counter[str]) -> str:
    shown = [str(counts[column]) for column in (*COLUMNS, *EFFECTS, "paused")]
    return f"{name:13}" + "".join(f"{value:>13}" for value in shown)


@pytest.mark.django_db
def test_every_story_ends_as_it_must(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    settings.ANYMAIL = SETTINGS
    stand_in_packages(monkeypatch)
    head = f"{'provider':13}" + "".join(f"{c:>13}" for c in (*COLUMNS, *EFFECTS, "paused"))
    lines = [head]
    for provider in PROVIDERS:
        lines.append(draw_line(provider, run_provider(client, provider, EVENTS)))
    with capsys.disabled():
        print("\n" + "\n".join(lines))
