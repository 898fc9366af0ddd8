"""manage.py doctor says what would break mail first, and ends in an exit code."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories import NOW


def test_a_site_that_wants_for_nothing_is_told_so(well: Any) -> None:
    out = StringIO()
    call_command("doctor", "--offline", now=NOW.isoformat(), stdout=out)
    assert out.getvalue() == "Nothing would break mail; nothing worth a look.\n"


def test_what_would_break_mail_comes_first_and_ends_in_exit_code_1(well: Any) -> None:
    well.DEBUG, well.POSTAL_ADDRESS, well.EMAIL_BACKEND = True, "", well.OUTBOX_BACKEND
    out = StringIO()
    with pytest.raises(CommandError, match=r"^1 thing would break mail, 2 more worth a look\.$"):
        call_command("doctor", "--offline", now=NOW.isoformat(), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("BREAKS MAIL: No mail leaves")
    assert lines[1] == (
        "    Set ANYMAIL_PROVIDER and its keys, or EMAIL_URL for an SMTP server; see .env.example."
    )
    assert [line.split(":")[0] for line in lines[2::2]] == ["Worth a look"] * 2
