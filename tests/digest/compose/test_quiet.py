"""A subscriber without papers has a reason for it, and a sentence that says it."""

from datetime import timedelta

import pytest

from digest.compose import compose_due
from digest.compose.quiet import Quiet, QuietReasons
from tests.factories import (
    NOW,
    make_match,
    make_paper,
    make_reader,
    make_source,
    note_sources_read,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_quiet_weekend_names_what_the_sources_said():
    note_sources_read(days=60)
    make_source(title="arXiv", note="The list is empty: nothing is announced on Saturdays.")
    reader = make_reader("diffusion policy")
    compose_due(NOW)
    delivery = reader.deliveries.get()
    assert delivery.quiet_reason == "nothing_new"
    assert "nothing is announced on Saturdays" in delivery.contents["note"]


def test_where_no_source_could_be_read_it_is_not_said_that_nothing_was_announced():
    make_source(title="arXiv", note="It answers 503.")
    reader = make_reader("diffusion policy")
    compose_due(NOW)
    delivery = reader.deliveries.get()
    assert delivery.quiet_reason == "not_read"
    assert "announced" not in delivery.contents["note"]


def test_every_other_quiet_day_has_its_reason_too():
    note_sources_read(days=60)
    paper = make_paper(news_at=NOW, first_seen_at=NOW, published_at=NOW)
    make_match(paper, "diffusion policy")
    make_match(paper, "surveys")
    readers = {
        "no_topics": make_reader(),
        "no_match": make_reader("fluid dynamics"),
        "muted": make_reader("diffusion policy", mutes=("surveys",)),
        "paused": make_reader("diffusion policy", paused_until=NOW + DAY),
    }
    report = compose_due(NOW)
    found = {reason: reader.deliveries.get() for reason, reader in readers.items()}
    assert {r: d.quiet_reason for r, d in found.items()} == {r: r for r in readers}
    assert report.quiet == dict.fromkeys(readers, 1)
    assert "Of 1 new paper none" in found["no_match"].contents["note"]


def test_one_paper_and_one_topic_are_not_said_to_be_many():
    said = QuietReasons().write_contents(Quiet.NO_MATCH, seen=1, topics=1).note
    assert said == "Of 1 new paper none is in 1 topic."
    said = QuietReasons().write_contents(Quiet.PASSING, seen=41, topics=3).note
    assert said == "Of 41 new papers none is on 3 topics: there are only mentions."
