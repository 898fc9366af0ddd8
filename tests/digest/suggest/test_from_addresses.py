"""Addresses of arXiv propose their authors, their listings, and what the papers there say."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from digest.suggest.drafts import NothingProposed
from tests.digest.suggest.pasted import atom, proposed, queries
from tests.factories import NOW, make_paper
from tests.web_server import Answer, WebServer


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_few_words_around_a_number_do_not_hide_it() -> None:
    paper = make_paper(identifier="arxiv:2604.19742", title="Diffusion policy, once more")
    match_papers(NOW)
    for pasted in (
        "- (2604.19742)",
        "my 2604.19742",
        "2604.19742\n" * 5 + "https://x.example x y z",
    ):
        found = proposed(pasted)
        assert found.topics[0].query == "diffusion policy", paper
    assert found.notes == [
        "“https://x.example”, “x”, “y” and “z” name no author, listing or paper."
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_a_listing_proposes_itself_and_what_its_papers_often_say(arxiv: WebServer) -> None:
    assert queries("https://arxiv.org/list/cs.RO/recent") == ["cat:cs.RO", "diffusion policy"]
    assert proposed("arxiv.org/list/math.AG/new").notes[0] == "No paper of math.AG is stored yet."


@pytest.mark.django_db
def test_a_listing_that_is_not_stored_is_asked_of_arxiv(arxiv: WebServer) -> None:
    arxiv.give("/atom/math.AG", atom(*(f"Moduli of curves in setting {n}" for n in range(4))))
    assert queries("arxiv.org/list/math.AG/new") == ["cat:math.AG", "moduli of curves"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "path", "title"),
    [
        ("https://arxiv.org/a/lecun_y_1", "/a/lecun_y_1.atom2", ""),
        (
            "orcid.org/0000-0002-7970-7855",
            "/a/0000-0002-7970-7855.atom2",
            "Yann LeCun's articles on arXiv",
        ),
        ("0000-0002-7970-7855", "/a/0000-0002-7970-7855.atom2", ""),
    ],
)
def test_an_authors_page_proposes_the_author_and_what_they_write_about(
    arxiv: WebServer, address: str, path: str, title: str
) -> None:
    make_paper(title="Contrastive learning")
    match_papers(NOW)
    papers = [f"Contrastive learning in setting {n}" for n in range(4)]
    arxiv.give(path, atom(*papers, title=title))
    found = proposed(address)
    assert [(topic.query, topic.reason) for topic in found.topics] == [
        ('author:"Yann LeCun"', "author of 4 papers on arXiv"),
        ("contrastive learning", "in 4 of 4 papers by Yann LeCun"),
    ]
    proposed(address)
    assert len(arxiv.requests(path)) == 1  # the list is in the cache


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_an_author_whom_arxiv_does_not_tell_of_is_known_by_letters_or_not_at_all(
    arxiv: WebServer,
) -> None:
    found = proposed("arxiv.org/a/lecun_y_1")
    assert [topic.query for topic in found.topics] == ['author:"Yann LeCun"']
    assert found.notes == ["arXiv has no author page lecun_y_1."]
    assert found.topics[0].is_ticked
    arxiv.give("/a/author_a_1.atom2", Answer(b"", 404))
    make_paper(title="One", authors=["Ada Author"])
    make_paper(title="Two", authors=["Alan Author"])
    match_papers(NOW)
    several = proposed("arxiv.org/a/author_a_1")
    assert "Several people who write of late could be A Author" in several.notes[1]
    assert not any(topic.is_ticked for topic in several.topics)
    arxiv.give("/a/nobody_n_1.atom2", atom())
    unknown = proposed("https://arxiv.org/a/nobody_n_1")
    assert [topic.query for topic in unknown.topics] == ['author:"N Nobody"']
    assert unknown.notes == [
        "nobody_n_1 has no paper on arXiv yet.",
        "No paper of the last four weeks is by N Nobody. The topic waits for the next one.",
    ]
    with pytest.raises(
        NothingProposed, match=r"Nobody here knows whose number 0000-0002-7970-7855"
    ):
        proposed("0000-0002-7970-7855")


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_papers_propose_their_phrases_and_unknown_ones_are_asked_for(arxiv: WebServer) -> None:
    paper = make_paper(title="Diffusion policy again", identifier="arxiv:2604.99999")
    match_papers(NOW)
    arxiv.give("/api/query", atom("A diffusion policy of old"))
    assert queries(paper.identifier) == ["diffusion policy"]
    found = proposed("arxiv.org/abs/2604.99999 1706.03762 arXiv:hep-ex/0307015 arxiv.org/help")
    assert found.topics[0].query == "diffusion policy"
    assert found.topics[0].reason == "in 2 of 2 papers you named"
    assert found.notes == [
        "1 paper of those you named is unknown to arXiv.",
        "“arxiv.org/help” names no author, listing or paper.",
    ]
