"""manage.py load_sample says what it brought in, and what it removed."""

from __future__ import annotations

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.one_machine


@pytest.mark.thorough
@pytest.mark.django_db
def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_sample", now="2026-04-22")
    call_command("load_sample", now="2026-04-22")
    call_command("load_sample", remove=True)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("Brought in 66 made-up papers in ")
    assert first.endswith("of 3 sources, from 2026-04-16 to 2026-04-22.")
    assert second.startswith("Already there since an earlier call: 66 made-up papers")
    assert third == "Removed 66 made-up papers and their sources."
