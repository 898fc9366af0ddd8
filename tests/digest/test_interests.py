"""What somebody pastes becomes topics to tick; nothing is written, and no other host is asked."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.match.matching import match_papers
from digest.proposals import NothingProposed, Proposals, propose
from digest.proposals.addresses import is_addresses, read_addresses
from digest.proposals.bibtex import is_bibtex, read_bibtex
from subscribers.models import Topic
from tests.factories import NOW, allow, make_paper

BIBTEX = r"""
Some words before, and mail@example.org.
@comment{nothing}
@InProceedings{chi2023,
  title     = {{Diffusion} Policy: Visuomotor Policy Learning via {Action Diffusion}},
  author    = {Chi, Cheng and Feng, Siyuan and others},
  keywords  = {Imitation learning; diffusion policy},
  year      = 2023,
}
@article(fr, title = "A {Fr\'echet} distance", author = "Yann LeCun and Fr{\'e}chet, M.",
  abstract = "It {never} closes {", keywords={},
@misc{empty, howpublished = {by hand}}
"""


def test_bibtex_is_read_with_braces_quotes_accents_and_open_ends() -> None:
    policy, distance = read_bibtex(BIBTEX)
    assert policy.title == "Diffusion Policy: Visuomotor Policy Learning via Action Diffusion"
    assert policy.authors == ("Cheng Chi", "Siyuan Feng")
    assert policy.keywords == ("Imitation learning", "diffusion policy")
    assert distance.title == "A Fréchet distance"
    assert distance.authors == ("Yann LeCun", "M Fréchet")
    assert distance.abstract.startswith("It never closes")


@pytest.mark.parametrize("text", ["", "a b", "me@example.org (home)", "@handle {smile}"])
def test_what_is_no_bibtex_is_a_text(text: str) -> None:
    assert not is_bibtex(text)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://arxiv.org/a/lecun_y_1", ("Y Lecun",)),
        ("https://arxiv.org/a/van_der_maaten_l_1.atom2", ("L Van Der Maaten",)),
        ("arxiv.org/search/?query=LeCun%2C+Y&searchtype=author", ("Y LeCun",)),
        ("https://arxiv.org/list/cs.CL/recent", ("cs.CL",)),
        ("http://rss.arxiv.org/rss/cs.CL+stat.ML", ("cs.CL", "stat.ML")),
        ("https://arxiv.org/list/hep-ex/new", ("hep-ex",)),
        ("https://arxiv.org/pdf/2401.01234v2", ("2401.01234",)),
        ("https://arxiv.org/a/0000-0002-7970-7855", ("https://arxiv.org/a/0000-0002-7970-7855",)),
        ("https://arxiv.org/search/?query=x", ("https://arxiv.org/search/?query=x",)),
        ("https://info.arxiv.org/help", ("https://info.arxiv.org/help",)),
    ],
)
def test_an_arxiv_address_names_authors_listings_or_papers(
    address: str, named: tuple[str, ...]
) -> None:
    assert is_addresses(address)
    found = read_addresses(f"<{address}>,\n{address}")
    assert (found.authors or found.categories or found.papers or found.unknown) == named


@pytest.mark.parametrize("text", ["", "see https://arxiv.org/a/x_y_1", "https://example.org/list/"])
def test_words_around_an_address_make_it_a_text(text: str) -> None:
    assert not is_addresses(text)


ABSTRACT = "We train a diffusion policy. The diffusion policy is a visuomotor model of quargles."


@pytest.fixture
def stored() -> None:
    """Papers to weigh phrases against: "diffusion policy" is an expression of the field."""
    for n in range(4):
        make_paper(
            title=f"Diffusion policy, part {n}",
            authors=["Yann LeCun", f"Author {n}"],
            categories=["cs.RO"],
        )
    for n in range(20):
        make_paper(title=f"On other matters, part {n}", categories=["cs.CL"])
    match_papers(NOW)


def proposed(text: str) -> Proposals:
    return propose(text, NOW)


def queries(text: str) -> list[str]:
    return [topic.query for topic in proposed(text).topics]


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_text_proposes_the_expressions_of_its_field_first() -> None:
    [first, *others] = proposed(ABSTRACT).topics
    assert (first.query, first.reason) == ("diffusion policy", "said twice in it")
    assert first.volume.days[-1] == 4
    assert first.is_ticked
    assert not any(other.is_ticked for other in others)  # no paper of four weeks holds them


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_bibtex_proposes_keywords_phrases_and_the_authors_of_many_entries() -> None:
    found = proposed(BIBTEX)
    assert found.read_as == "BibTeX with 2 entries"
    assert [topic.query for topic in found.topics][:2] == ["Imitation learning", "diffusion policy"]
    assert not [query for query in queries(BIBTEX) if query.startswith("author:")]
    assert queries(BIBTEX * 3)[-1].startswith("author:")
    assert len(queries(BIBTEX)) == len(set(queries(BIBTEX)))


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_an_authors_page_proposes_the_names_that_stored_papers_carry() -> None:
    assert queries("https://arxiv.org/a/lecun_y_1") == ['author:"Yann LeCun"']
    unknown = proposed("https://arxiv.org/a/nobody_n_1")
    assert [topic.query for topic in unknown.topics] == ['author:"N Nobody"']
    assert unknown.notes == [
        "No paper of the last four weeks is by N Nobody. The topic waits for the next one."
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_listing_proposes_itself_and_what_its_papers_often_say() -> None:
    assert queries("https://arxiv.org/list/cs.RO/recent") == ["cat:cs.RO", "diffusion policy"]
    assert proposed("arxiv.org/list/math.AG/new").notes == ["No paper of math.AG is stored yet."]


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_stored_paper_proposes_its_phrases_and_others_are_said_to_be_unknown() -> None:
    paper = make_paper(title="Diffusion policy again", identifier="arxiv:2604.99999")
    match_papers(NOW)
    both = f"arxiv.org/abs/{paper.identifier[6:]} arxiv.org/abs/1706.03762 arxiv.org/help"
    assert queries(both)[0] == "diffusion policy"
    assert proposed(both).notes == [
        "1706.03762 is not among the papers Offprint has read: paste its abstract instead.",
        "“arxiv.org/help” names no author, listing or paper.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "Paste something first"),
        (" \0 ", "Paste something first"),
        ("of the and", "Nothing in it stands out"),
        ("@misc{a, year = 2020}", "no entry in it has a title"),
        ("https://arxiv.org/help", "names no author, listing or paper"),
        ("x" * 300_001, "300,001 characters, and 300,000 is the most"),
    ],
)
def test_what_gives_nothing_to_go_by_is_answered_in_a_sentence(pasted: str, told: str) -> None:
    with pytest.raises(NothingProposed, match=told):
        propose(pasted, NOW)


PIECES = ["@article{a,", "title = ", "{", "}", '"', "keywords=", "author=", " and ", ",", "\\", "$"]
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
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_pasted_becomes_topics_or_a_sentence(pasted: str) -> None:
    try:
        found = propose(pasted, NOW).topics
    except NothingProposed as problem:
        found, told = [], str(problem)
    assert found or told.endswith(".")


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_the_page_takes_ticked_topics_to_the_sign_up_and_writes_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.interests.timezone.now", lambda: NOW)
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
