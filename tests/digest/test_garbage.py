"""A run looks for unreachable objects less often, and leaves the process as it was."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from digest.compose import compose_due
from digest.deliver import RunOptions, deliver_planned
from digest.flight import preflight
from digest.garbage import collect_seldom
from digest.match import match_papers
from digest.models import Edition
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_is_called_less_often_for_the_block_alone() -> None:
    gc.set_threshold(700, 10, 10)
    with suppress(ValueError), collect_seldom():
        assert gc.get_threshold()[0] >= 2_000_000
        raise ValueError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.django_db
def test_a_run_that_composes_or_hands_over_is_such_a_block() -> None:
    gc.set_threshold(700, 10, 10)
    seen = []

    def note(_: int) -> None:
        seen.append(gc.get_threshold()[0])

    make_delivery()
    deliver_planned(NOW, options=RunOptions(progress=note))
    make_reader("diffusion policy")
    compose_due(NOW, progress=note)
    assert seen == [2_000_000, 2_000_000]
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("before", [(0, 10, 10), (3_000_000, 30, 90)])
def test_who_set_it_off_or_still_less_often_is_left_alone(before: tuple[int, int, int]) -> None:
    gc.set_threshold(*before)
    with collect_seldom():
        assert gc.get_threshold() == before
    assert gc.get_threshold() == before


def test_what_is_set_meanwhile_stays() -> None:
    with collect_seldom():
        gc.set_threshold(5_000, 10, 10)
    assert gc.get_threshold() == (5_000, 10, 10)


@pytest.fixture
def unreachable() -> Iterator[Callable[[], Counter[str]]]:
    """Counts by type what the collector alone could free of what came since it was looked for."""
    gc.collect()
    gc.disable()

    def count() -> Counter[str]:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        found = Counter(type(one).__name__ for one in gc.garbage)
        gc.garbage.clear()
        return found

    yield count
    gc.enable()


@pytest.mark.django_db
def test_what_a_run_makes_of_each_mail_is_freed_without_the_collector(
    unreachable: Callable[[], Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a run would keep all of its mails, and grow with them."""
    # The check of an edition asks pages, which are asked once an hour and not for each mail.
    monkeypatch.setattr(preflight, "find_faults", lambda *_: [])
    yesterday = NOW - timedelta(days=1)
    before = Edition.objects.create(date=yesterday.date())
    matched = make_paper()
    make_match(matched, "diffusion policy", 5.0, "Paper")
    for _ in range(3):
        reader = make_reader("diffusion policy", next_digest_at=NOW)
        had = {"status": "sent", "sent_at": yesterday, "covers_until": yesterday}
        make_delivery(subscriber=reader, edition=before, **had)
    assert match_papers(NOW).papers
    assert compose_due(NOW).planned == 3
    assert sum(deliver_planned(NOW).counts.values()) == 3
    found = unreachable()
    kept = {"Delivery", "Subscriber", "DigestMail", "DigestContents", "Card"}
    kept |= {"Shortlist", "TopicNews", "_TopicMatches", "Profile", "Selector", "HandOver"}
    kept |= {"Paper", "Words", "Reading", "ReadPapers"}
    assert not kept & found.keys()
