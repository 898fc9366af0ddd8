"""manage.py match says in a line what it did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from digest.match import match_papers
from digest.models import Paper
from tests.digest.match.topics_followed import follow
from tests.factories import NOW, make_paper


@pytest.mark.django_db
def test_the_command_says_what_it_did_in_one_line(capsys: Any) -> None:
    follow("video")
    make_paper(title="Video")
    call_command("match", now="2026-04-22")
    assert capsys.readouterr().out == (
        "Matched 1 paper with all topics and 1 new topic with the papers of 30 days: "
        "1 match written.\n"
    )


@pytest.mark.django_db
def test_the_command_says_what_was_withdrawn_and_dropped(capsys: Any) -> None:
    follow("video")
    paper = make_paper(title="Video", first_seen_at=NOW)
    make_paper(title="Video of old")
    match_papers(NOW)
    Paper.objects.filter(pk=paper.pk).update(title="Pictures", matched_at=None)
    make_paper(first_seen_at=NOW + timedelta(days=31), matched_at=NOW)
    call_command("match", now="2026-05-23")
    said = capsys.readouterr().out
    assert said.endswith("0 matches written, 1 withdrawn, 1 older than 30 days dropped.\n")
