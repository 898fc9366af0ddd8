"""Somebody new: what a topic that nobody had costs, and the first digest after a confirmation."""

from __future__ import annotations

from itertools import islice
from typing import Any

from bench.meter import Cost, measure_cost
from bench.sink import read_counts
from bench.stages import END_OF_DAY
from bench.topics import POPULAR, make_topics
from digest import compose, deliver, match
from digest.flight.site_links import load_site
from digest.garbage import collect_seldom
from digest.models import Match, Paper
from subscribers.models import Interest, Subscriber, Topic

NEW_TOPICS = 77  # a seed: topics that are not among those of the run
# Of words that many papers hold, and in no reader's list as they stand here.
FIRST_TOPICS = (
    *("model + network", "learning + data", "training + task"),
    *("result + method", "problem + approach"),
)


def run_new_topic(rounds: int = 12) -> dict[str, Any]:
    """A topic that nobody had is followed: what matching it with 30 days of papers costs.

    Of that `awaited` is what a first digest waits for, in CPU seconds; the rest is done after it.
    Not one of the popular ones, with which the list of topics begins: those somebody has by then.
    """
    reader = make_reader("new-topic@example.org")
    first, rest, matches, peak_mb = Cost(), Cost(), 0, 0.0
    queries = make_topics(POPULAR + rounds + 1, seed=NEW_TOPICS)
    for number, query in enumerate(islice(queries, POPULAR, None)):
        [topic] = Topic.objects.get_or_create_topics([query])
        Interest.objects.create(subscriber=reader, topic=topic)
        if not number:  # what a worker that is up already has in memory
            match.match_papers(END_OF_DAY)
            continue
        with measure_cost() as awaited, collect_seldom():  # as the task does
            match.match_for_first_digest(reader.pk, END_OF_DAY)
        before = Match.objects.filter(topic=topic).count()
        with measure_cost() as cost:
            report = match.match_papers(END_OF_DAY)
        if report.topics != 1:
            raise SystemExit(f"One new topic was to be matched, and {report.topics} were.")
        peak_mb = cost.peak_mb
        matches += before + report.matches
        for part, one in ((first, awaited), (rest, cost)):
            part.client += one.client
            part.database = (part.database or 0.0) + (one.database or 0.0)
    papers = Paper.objects.count()
    said = {"units": rounds, "matches": matches, "papers": papers, "peak_mb": peak_mb}
    return first.to_json() | said | {"rest": rest.cpu}


def make_reader(email: str) -> Subscriber:
    """Somebody who has just confirmed."""
    return Subscriber.objects.create(email=email, status="active", confirmed_at=END_OF_DAY)


def run_first_digest(address: str) -> dict[str, Any]:
    """From a confirmation with five new topics to the mail: match, compose, deliver.

    By a worker that is up (config/site_ahead.py), and which had nothing to match or to mail so far.
    """
    load_site()
    reader = make_reader("first-digest@example.org")
    for topic in Topic.objects.get_or_create_topics(FIRST_TOPICS):
        Interest.objects.create(subscriber=reader, topic=topic)
    before = read_counts(address).mails
    with measure_cost() as cost:
        with collect_seldom():  # as the task does
            ready = match.match_for_first_digest(reader.pk, END_OF_DAY)
            compose.compose_due(END_OF_DAY, only=reader.email, ready=ready)
        deliver.deliver_planned(END_OF_DAY, only=reader.email)
    if (mails := read_counts(address).mails - before) != 1:
        raise SystemExit(f"One first digest was to leave, and {mails} did.")
    return cost.to_json() | {"units": mails}
