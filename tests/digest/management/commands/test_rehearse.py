"""Days are rehearsed for twenty readers: everybody has a mail or a reason, and faults are named."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.models import Paper
from tests.factories import make_source, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]


def rehearse(*args: str, first: str = "2026-04-17") -> str:
    out = StringIO()
    days = ["--first", first] if first else []
    call_command("rehearse", *days, *args, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_prints_the_table_and_where_the_mails_are() -> None:
    said = rehearse("--days", "2")
    assert len([line for line in said.splitlines() if line.endswith("  0")]) == 20
    assert "20 readers, 2 days, 0 mails" in said
    assert not Paper.objects.exists()


def test_without_a_first_day_the_bundled_sample_is_rehearsed() -> None:
    said = rehearse("--days", "1", first="")
    assert "Mon" in said
    assert re.search(r"20 readers, 1 days, [1-9]\d mails", said)
    with pytest.raises(CommandError, match="--tell needs --first as well"):
        rehearse("--tell", "http://127.0.0.1:9/{day}", first="")


def test_a_broken_promise_ends_it_with_an_error() -> None:
    make_source(state="stale", note="", is_active=False)
    with pytest.raises(CommandError, match=r"0 mails.* 1 broken promises"):
        rehearse("--days", "1")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--first", "Friday"], "“Friday” is not a day"),
        (["--tell", "http://127.0.0.1:9/clock?day={day}"], r"day=2026-04-17 could not be told"),
        (["--tell", "nonsense{day}"], "nonsense2026-04-17 could not be told"),
        (["--tell", "http://127.0.0.1:9/clock"], "“http://127.0.0.1:9/clock” does not say where"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(args: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        rehearse(*args)


def test_a_database_in_use_is_left_alone(settings: Any) -> None:
    make_subscriber()
    with pytest.raises(CommandError, match="has subscribers of its own"):
        rehearse()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with pytest.raises(CommandError, match="A rehearsal mails nobody"):
        rehearse()
