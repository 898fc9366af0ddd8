"""The command's answer is that of digest/why/: see tests/digest/why/test_answer.py."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.factories import make_reader

pytestmark = pytest.mark.django_db


def test_it_says_that_nobody_brought_the_paper(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("why", make_reader("RAG").email, "2401.01234")
    assert capsys.readouterr().out.startswith("Not ingested. No source has brought this paper")
