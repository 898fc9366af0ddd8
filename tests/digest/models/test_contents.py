"""A delivery's contents are read as they were written, by this release and by those before it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.models import Delivery, DigestContents, DigestItem, Folio, Paper, Section, TopicReason
from digest.models.contents import list_breakout_ids, list_nearly_ids, list_paper_ids
from digest.render import Typesetter
from tests.factories import make_delivery, make_paper

ITEM = DigestItem(
    paper_id=41,
    section=Section.TRENDING,
    reasons=(TopicReason(7, "LLM", "large language models"), TopicReason(9, "RAG", "RAG")),
    evidence="+41 votes since yesterday, 63 in all",
    stars=1200,
    lacks=("summary", "organization"),
)
WRITTEN = DigestContents(
    papers=(ITEM, DigestItem(42, Section.OUTSIDE, (), "", 0)),
    seen=171,
    sources=("cs.CL: 95 new",),
    folio=Folio(212, "arXiv, Hugging Face"),
    cadence="weekly",
    nearly=(57, 58),
    is_first=True,
)
# As the release before versions wrote it.
STORED_BEFORE = """{"papers": [
    {"id": 41, "section": "trending",
     "topics": [[7, "LLM", "large language models"], [9, "RAG", "RAG"]],
     "evidence": "+41 votes since yesterday, 63 in all", "stars": 1200, "lacks": "so"},
    {"id": 42, "section": "everywhere", "topics": [], "evidence": "", "stars": 0, "lacks": ""}],
    "seen": 171, "sources": ["cs.CL: 95 new"], "number": 212, "lists": "arXiv, Hugging Face",
    "cadence": "weekly", "nearly": [57, 58], "is_first": true}"""
# As the first releases did: no evidence, no state of the paper, no folio, no cadence.
STORED_FIRST = """{"papers": [{"id": 41, "section": "again", "topics": [[7, "LLM", "LLMs"]]}]}"""
QUIET_BEFORE = """{"papers": [], "note": "None of the 41 new papers is in the 3 topics."}"""


@pytest.mark.django_db
def test_what_is_written_is_read_again_and_names_its_version() -> None:
    delivery = make_delivery(contents=WRITTEN.to_json())
    delivery.refresh_from_db()
    assert delivery.digest == WRITTEN
    assert delivery.contents["version"] == 1


def test_a_row_written_before_versions_is_read_and_keeps_its_keys() -> None:
    stored = json.loads(STORED_BEFORE)
    assert DigestContents.from_json(stored) == WRITTEN
    assert WRITTEN.to_json() == {"version": 1} | stored


@pytest.mark.parametrize(
    "contents",
    [
        WRITTEN,
        DigestContents(note='"Quiet" – ü'),
        DigestContents(),
        DigestContents(
            papers=(replace(ITEM, perhaps_seen=True), DigestItem(43, Section.BREAKOUT)),
            sources=('a "list"', "ü"),
            in_topics=197,
            since=datetime(2026, 4, 22, 6, 0, 0, 5, tzinfo=UTC),
        ),
    ],
)
def test_contents_as_text_are_the_same_to_the_letter(contents: DigestContents) -> None:
    for _ in range(2):  # the second time of what was kept
        assert contents.to_text() == json.dumps(contents.to_json())


def test_a_quiet_row_written_before_versions_is_read_and_keeps_its_keys() -> None:
    stored = json.loads(QUIET_BEFORE)
    quiet = DigestContents(note="None of the 41 new papers is in the 3 topics.")
    assert DigestContents.from_json(stored) == quiet
    assert quiet.to_json() == {"version": 1} | stored


def test_what_the_first_releases_did_not_store_is_not_known() -> None:
    first = DigestContents.from_json(json.loads(STORED_FIRST))
    [item] = first.papers
    assert item == DigestItem(41, Section.BREAKOUT, (TopicReason(7, "LLM", "LLMs"),))
    assert (item.evidence, item.stars, item.lacks) == (None, None, ())
    assert (first.folio, first.cadence, first.seen, first.sources) == (None, "", 0, ())
    assert not first.is_first
    assert [item.to_json()] == json.loads(STORED_FIRST)["papers"]


@pytest.mark.parametrize(
    ("stored", "error"),
    [
        ({"version": 2, "papers": []}, ValueError),
        ({"papers": [{"id": 1, "section": "no such section", "topics": []}]}, ValueError),
        ({"papers": [{"id": 1, "section": "new", "topics": "nonsense"}]}, TypeError),
        ({"papers": [{"id": 1, "section": "new", "topics": [[1, "no found words"]]}]}, TypeError),
    ],
)
def test_what_cannot_be_understood_is_never_rendered_wrongly(
    stored: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        DigestContents.from_json(stored)


def test_ids_are_read_of_old_and_new_rows_alike() -> None:
    for stored in (json.loads(STORED_BEFORE), WRITTEN.to_json()):
        assert (list_paper_ids(stored), list_nearly_ids(stored)) == ([41, 42], [57, 58])
        assert list_breakout_ids(stored) == []
    assert list_breakout_ids(json.loads(STORED_FIRST)) == [41]
    assert list_paper_ids({}) == list_breakout_ids({}) == list_nearly_ids({}) == []


@pytest.mark.django_db
def test_a_mail_says_what_was_so_when_it_was_composed_and_of_old_rows_what_is_so_now() -> None:
    paper = make_paper(code_url="https://code.example.org/x", code_stars=5, summary="In short.")
    old = {"id": paper.pk, "section": "new", "topics": [[1, "papers", "Paper"]]}
    new = old | {"evidence": "9 votes", "stars": 1200, "lacks": "s"}
    Paper.objects.update(trend_parts={"votes": 63})
    rows = [make_delivery(contents={"papers": [item]}) for item in (old, new)]
    before, now = (str(message.body) for message in Typesetter().render_all(rows) if message)
    assert all(said in before for said in ("63 votes", "5 ★", "In short."))
    assert all(said in now for said in ("9 votes", "1.2k ★"))
    assert "In short." not in now


@pytest.mark.django_db
def test_queries_read_the_first_paper_of_old_and_new_rows() -> None:
    make_delivery(contents=json.loads(STORED_BEFORE))
    make_delivery(contents=WRITTEN.to_json())
    firsts = Delivery.objects.values_list("contents__papers__0__id", flat=True)
    assert list(firsts) == [41, 41]
