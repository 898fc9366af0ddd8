from datetime import UTC, datetime, timedelta

import pytest
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from digest.management.now_option import add_now, read_now


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-04-22", datetime(2026, 4, 22, 12, tzinfo=UTC)),
        (" 2026-04-22 ", datetime(2026, 4, 22, 12, tzinfo=UTC)),
        ("2026-04-22T08:30", datetime(2026, 4, 22, 8, 30, tzinfo=UTC)),
        ("2026-04-22 08:30:15", datetime(2026, 4, 22, 8, 30, 15, tzinfo=UTC)),
        ("2026-04-22T08:30Z", datetime(2026, 4, 22, 8, 30, tzinfo=UTC)),
        ("2026-04-22T08:30+02:00", datetime(2026, 4, 22, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_typed_moment_is_read_as_utc_unless_it_names_a_zone(typed: str, moment: datetime) -> None:
    assert read_now(typed) == moment
    assert read_now(typed).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "22.04.2026", "2026-13-01", "2026-04-22T08:30+99:00", "noon"]
)
def test_what_is_no_time_is_answered_with_a_sentence_and_an_example(typed: str) -> None:
    with pytest.raises(CommandError, match="is not a time: write 2026-04-22 or"):
        read_now(typed)


@pytest.mark.django_db
def test_without_the_option_it_is_now() -> None:
    before = timezone.now()
    assert before <= read_now(None) <= timezone.now()


def test_the_option_is_called_now_and_may_be_left_out() -> None:
    parser = CommandParser()
    add_now(parser)
    assert parser.parse_args([]).now is None
    assert parser.parse_args(["--now", "2026-04-22"]).now == "2026-04-22"
