"""What somebody pastes becomes topics to tick; nothing of it is stored."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.suggest.arxiv_lookup import Lookup
from digest.suggest.drafts import NothingProposed
from digest.suggest.suggest import propose_topics
from subscribers.models import Topic
from tests.digest.suggest.pasted import ABSTRACT, proposed
from tests.factories import NOW, allow
from tests.properties import examples


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_text_proposes_the_expressions_of_its_field_first() -> None:
    [first, *others] = proposed(ABSTRACT).topics
    assert (first.query, first.reason) == ("diffusion policy", "said twice in it")
    assert first.volume.days[-1] == 4
    assert first.is_ticked
    assert not any(other.is_ticked for other in others)  # no paper of four weeks holds them


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "Paste something first"),
        (" \0 ", "Paste something first"),
        ("of the and", "read as a text, and none of its phrases is in a paper of the last"),
        ("@misc{a, year = 2020}", "no entry in it has a title"),
        ("https://arxiv.org/help", "names no author, listing or paper"),
        ("arxiv:[5", "“arxiv:\\[5” names no author"),
        ("arxiv:2604.1[", "names no author, listing or paper"),
        ("arxiv:5℀", "names no author, listing or paper"),
        ("https://[arxiv.org/a/x", "names no author, listing or paper"),
        ("x" * 1_500_001, "1,500,001 characters, and 1,500,000 is the most"),
    ],
)
def test_what_gives_nothing_to_go_by_is_answered_in_a_sentence(pasted: str, told: str) -> None:
    with pytest.raises(NothingProposed, match=told):
        propose_topics(pasted, NOW)


PIECES = ["@article{a,", "title = ", "{", "}", '"', "keywords=", "author=", " and ", ",", "\\", "$"]
PIECES += ["arxiv:", "[", "]", "℀", "2604.19742", "(", ")", "doi.org/10.48550/arXiv."]
PIECES += [
    "https://arxiv.org/",
    "a/",
    "list/",
    "abs/2401.01234",
    "diffusion policy",
    "\0",
    "x" * 200,
]


@pytest.mark.django_db
@settings(max_examples=examples(60))
@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_pasted_becomes_topics_or_a_sentence(pasted: str) -> None:
    try:
        found = propose_topics(pasted, NOW, Lookup(lambda: False)).topics
    except NothingProposed as problem:
        found, told = [], str(problem)
    assert found or told.endswith(".")


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_the_page_takes_ticked_topics_to_the_sign_up_and_writes_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.suggest.views.timezone.now", lambda: NOW)
    assert b"Propose topics" in client.get("/interests/").content
    answer = client.post("/interests/", {"pasted": ABSTRACT + " <b>x</b>"})
    page = answer.content.decode()
    assert 'action="/subscribe/"' in page
    assert '<input type="checkbox" name="t" value="diffusion policy" checked>' in page
    assert "&lt;b&gt;" in page
    assert not answer.cookies
    assert not Topic.objects.exists()
    assert client.post("/interests/", {"pasted": ""}).status_code == 422
    assert client.post("/interests/").status_code == 422


@pytest.mark.django_db
def test_whoever_asks_too_much_is_slowed_down(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "PROPOSALS", 0)
    answer = client.post("/interests/", {"pasted": "a world model"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert b"Too many requests for topics" in answer.content
