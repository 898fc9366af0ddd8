"""Twenty made journals replayed for fourteen days, to the mails that come of them: `make journals`.

A server on loopback shows each day's feeds, with versions, addresses that change at each fetch,
issues dated long ago, and preprints that become articles. They are read, matched, composed and
handed to a provider that catches every mail. Who follows a topic must find each work of it once
in their mails, under whatever names it was listed, and none that was old when its source was first
read.
SEED=2 is another campaign; DAYS=3 is a shorter one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from digest.models import Source
from subscribers.models import Subscriber
from tests.campaigns.journals.press import DAY, JOURNALS, SERVERS, START, Journal, Press
from tests.campaigns.journals.works import TOPICS, Work
from tests.factories import make_subscriber
from tests.provider_server import provider_server
from tests.web_server import Answer, WebServer, web_server

SEED, DAYS = int(os.environ.get("SEED", "1")), int(os.environ.get("DAYS", "14"))
POLL_HOURS = (0, 4)  # after START's hour
MAILED_AFTER = timedelta(hours=5)
CARDS_BEGIN = (
    "\n===="  # under the first heading of a mail's text; a list of all titles stands above
)
HEADS = ("works", "listings", "to be mailed", "mailed", "twice", "missed", "unwanted")


class Replay:
    """Some days of the press, lived by the product, and what arrived in whose mailbox."""

    def __init__(self, press: Press, web: WebServer, accepted: list[dict[str, Any]]) -> None:
        self.press, self._web, self._accepted = press, web, accepted
        self._fetches = 0
        self.readers = {
            reader.email: (reader, topics)
            for topics in [*((topic,) for topic in TOPICS), TOPICS[:3], TOPICS[4:]]
            for reader in [_sign_up(topics)]
        }

    def live(self, polls: tuple[int, ...] = POLL_HOURS) -> None:
        """Live all days, and one more on which nothing new is listed."""
        Source.objects.all().delete()
        # The first digest of all reaches back some days, so it is one without papers.
        _run("send_digests", START - DAY + MAILED_AFTER)
        for journal in self._list_feeds():
            Source.objects.create(
                url=self._web.url + journal.path, title=journal.name, kind=journal.kind
            )
        for day in range(self.press.days + 1):
            for hour in polls:
                moment = START + day * DAY + timedelta(hours=hour)
                self._publish(min(day, self.press.days - 1))
                _run("ingest", moment)
            for command in ("score", "match", "send_digests"):
                _run(command, START + day * DAY + MAILED_AFTER)

    def _list_feeds(self) -> tuple[Journal, ...]:
        return (*self.press.journals, *self.press.servers)

    def _publish(self, day: int) -> None:
        """Show every feed as of that day, with tokens that were never there before."""
        self._fetches += 1
        for journal in self._list_feeds():
            body, media_type = self.press.write_feed(journal, day, self._fetches)
            self._web.give(journal.path, Answer(body, headers={"Content-Type": media_type}))

    def count_mailed(self) -> dict[str, Counter[str]]:
        """By address: how often each work was mailed, by its key."""
        counts: dict[str, Counter[str]] = {address: Counter() for address in self.readers}
        keys = {listing.work.key for listing in self.press.listings}
        for mail in self._accepted:
            cards = " ".join(mail["TextBody"].partition(CARDS_BEGIN)[2].split())
            counts[mail["To"]].update({key: cards.count(key) for key in keys if key in cards})
        return counts

    def count_wanted(self) -> dict[str, Counter[str]]:
        """By address: how often each work must be mailed, by its key."""
        works = self.list_news()
        return {
            address: Counter(work.key for work in works if work.topic in topics)
            for address, (_, topics) in self.readers.items()
        }

    def list_news(self) -> list[Work]:
        """Every work that some source shows as news."""
        first: dict[tuple[int, str], Any] = {}
        for listing in sorted(self.press.listings, key=lambda listing: listing.day):
            first.setdefault((listing.work.number, listing.journal.name), listing)
        news = {listing.work.number: listing.work for listing in first.values() if listing.is_news}
        return list(news.values())

    def draw_table(self) -> list[str]:
        """A row for each feed, with its works, and what became of them in all mailboxes."""
        wanted, mailed = self.count_wanted(), self.count_mailed()
        lines = [f"{'SEED=' + str(self.press.seed):32}" + "".join(f"{head:>13}" for head in HEADS)]
        for journal in self._list_feeds():
            listings = [one for one in self.press.listings if one.journal.name == journal.name]
            keys = {listing.work.key for listing in listings}
            counts = (len(keys), len(listings), *_compare(wanted, mailed, keys))
            lines.append(f"{journal.name:32}" + "".join(f"{count:13}" for count in counts))
        keys = {listing.work.key for listing in self.press.listings}
        counts = (len(keys), len(self.press.listings), *_compare(wanted, mailed, keys))
        return [*lines, f"{'all':32}" + "".join(f"{count:13}" for count in counts)]

    def find_harm(self) -> list[str]:
        """Each work that somebody got too often, or not at all, or was not to get."""
        wanted, mailed = self.count_wanted(), self.count_mailed()
        return [
            f"{key}: {times} times instead of {wanted[address][key]} to {address}"
            for address in self.readers
            for key, times in (mailed[address] | wanted[address]).items()
            for times in [mailed[address][key]]
            if times != wanted[address][key]
        ]


def _compare(
    wanted: dict[str, Counter[str]], mailed: dict[str, Counter[str]], keys: set[str]
) -> tuple[int, ...]:
    """Of all mailboxes: to be mailed, mailed, twice, missed, and mailed though nobody wanted it."""
    pairs = [(wanted[address][key], mailed[address][key]) for address in wanted for key in keys]
    return (
        sum(due for due, _ in pairs),
        sum(came for _, came in pairs),
        sum(max(came - due, 0) for due, came in pairs if due),
        sum(max(due - came, 0) for due, came in pairs),
        sum(came for due, came in pairs if not due),
    )


def _sign_up(topics: tuple[str, ...]) -> Subscriber:
    """Somebody who gets every paper of these topics, every day."""
    reader = make_subscriber(
        max_papers=50,
        timezone="UTC",
        send_hour=8,
        confirmed_at=START - 2 * DAY,
        next_digest_at=START - DAY,
        wants_near=False,
        wants_passing=True,
    )
    options = [f"--topic={topic}" for topic in topics]
    call_command("add_subscriber", reader.email, *options, "--confirmed", stdout=StringIO())
    return reader


def _run(command: str, now: Any) -> None:
    call_command(command, now=now.isoformat(), stdout=StringIO())


@contextmanager
def replay(press: Press, settings: Any) -> Iterator[Replay]:
    """The press behind a server on loopback, and a provider that catches all mails."""
    with provider_server() as provider, web_server() as web:
        settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": provider.url}
        yield Replay(press, web, provider.book.accepted)


@pytest.mark.django_db
def test_nobody_gets_a_paper_twice_and_nobody_misses_one(settings: Any, capsys: Any) -> None:
    with replay(Press(SEED, JOURNALS, SERVERS, DAYS), settings) as lived:
        lived.live()
        with capsys.disabled():
            print("\n" + "\n".join(lived.draw_table()))
        assert lived.find_harm() == []
