"""How calls without an answer are counted for all runs together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.provider.silence import ANSWERS_TOLD_EVERY, SilenceCount
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_silences_are_counted_for_each_provider_until_an_answer_comes() -> None:
    one, other = SilenceCount("Postmark 1"), SilenceCount("Postmark 1")
    assert [one.note_silence(), other.note_silence()] == [1, 2]
    assert SilenceCount("Resend 1").note_silence() == 1
    one.note_answer(NOW)
    assert other.note_silence() == 1


def test_where_all_is_well_the_database_is_asked_once_a_second(
    django_assert_num_queries: Any,
) -> None:
    count = SilenceCount("Postmark 1")
    with django_assert_num_queries(2):
        for _ in range(5):
            count.note_answer(NOW)
        count.note_answer(NOW + ANSWERS_TOLD_EVERY)
    count.note_silence()
    count.note_answer(NOW + ANSWERS_TOLD_EVERY + timedelta(milliseconds=1))
    assert count.note_silence() == 1
