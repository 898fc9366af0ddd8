"""What somebody pastes becomes topics to tick; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.match import match_papers
from digest.models import HostTurn
from digest.suggest.addresses import Named, is_addresses, read_addresses
from digest.suggest.arxiv_lookup import Lookup
from digest.suggest.bibtex_import import is_bibtex, read_bibtex
from digest.suggest.drafts import NothingProposed, common_authors
from digest.suggest.suggest import Proposals, propose
from subscribers.models import Topic
from tests.factories import NOW, allow, make_paper
from tests.properties import examples
from tests.web_server import Answer, WebServer, web_server

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


MESSY = r"""
% Encoding: UTF-8
@comment{jabref-meta: grouping; @article{no, title={Not this one}, author={Nobody, N}}}
@string{nips = "Advances in Neural Information Processing"}
@STRING(hinton = {Hinton, Geoffrey E.})
@inproceedings{zotero_2017,
	title = {Attention {Is} All {You} Need},
	author = {Vaswani, Ashish and {\L}ukasz Kaiser and {Barnes and Noble}},
	keywords = {Computer Science - Machine Learning, attention},
	file = {Full Text:/home/x/AB=CD/1706.pdf:application/pdf},
}
@article{Mendeley2015, title = {{Deep learning}}, journal = nips, mendeley-tags = {deep learning},
  keywords = {deep learning}, month = may, author = {LeCun, Yann and King, Jr., Martin Luther}}
@article{scholar, title="Errors {"}propagated{"} back",
  author=hinton # " and " # {Doe, J and others},}
@book{accents, title = {{\"U}ber {M\"o}bius: \'Etude na\"{\i}ve, \v{S}koda, Erd\H{o}s},}
@misc{broken, title = {never closed {brace, author = {Lost, Al}
@article{after, title = {After the broken one}}
"""


def test_messy_bibtex_of_reference_managers_is_read_as_it_was_meant() -> None:
    zotero, mendeley, scholar, accents, _, after = read_bibtex(MESSY)
    assert zotero.title == "Attention Is All You Need"
    assert zotero.authors == ("Ashish Vaswani", "Łukasz Kaiser")
    assert mendeley.keywords == ("deep learning",)
    assert mendeley.authors == ("Yann LeCun", "Martin Luther King")
    assert scholar.authors == ("Geoffrey E Hinton", "J Doe")
    assert scholar.title == 'Errors "propagated" back'
    assert accents.title == "Über Möbius: Étude naïve, Škoda, Erdős"
    assert after.title == "After the broken one"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://arxiv.org/a/lecun_y_1", Named(author_ids=("lecun_y_1",))),
        ("arxiv.org/a/van_der_maaten_l_1.atom2", Named(author_ids=("van_der_maaten_l_1",))),
        ("https://arxiv.org/a/0000-0002-7970-785x", Named(author_ids=("0000-0002-7970-785X",))),
        ("https://orcid.org/0000-0002-7970-7855", Named(author_ids=("0000-0002-7970-7855",))),
        ("0000-0002-7970-7855", Named(author_ids=("0000-0002-7970-7855",))),
        ("arxiv.org/search/?query=LeCun%2C+Y&searchtype=author", Named(authors=("Y LeCun",))),
        ("https://arxiv.org/list/cs.CL/recent", Named(categories=("cs.CL",))),
        ("https://arxiv.org/list/cs.CL/new?skip=0&show=50", Named(categories=("cs.CL",))),
        ("http://rss.arxiv.org/rss/cs.CL+stat.ML", Named(categories=("cs.CL", "stat.ML"))),
        ("https://export.arxiv.org/list/hep-ex/new", Named(categories=("hep-ex",))),
        ("https://arxiv.org/pdf/2401.01234v2", Named(papers=("2401.01234",))),
        ("arXiv:2401.01234v1", Named(papers=("2401.01234",))),
        ("arXiv:hep-ex/0307015", Named(papers=("hep-ex/0307015",))),
        (
            "https://export.arxiv.org/api/query?search_query=au:del_maestro+AND+cat:cs.RO"
            "&id_list=2401.01234,2401.01235v2",
            Named(
                authors=("del maestro",),
                categories=("cs.RO",),
                papers=("2401.01234", "2401.01235"),
            ),
        ),
        (
            "https://arxiv.org/search/?query=x",
            Named(unknown=("https://arxiv.org/search/?query=x",)),
        ),
        ("https://info.arxiv.org/help", Named(unknown=("https://info.arxiv.org/help",))),
        ("(2604.19742)", Named(papers=("2604.19742",))),
        ("- 2604.19742\n* arXiv:2604.19747,", Named(papers=("2604.19742", "2604.19747"))),
        (
            "[1] arXiv: 2604.19742 [cs.CL].\n2. “2604.19747”.",
            Named(papers=("2604.19742", "2604.19747")),
        ),
        ("2604.19742,2604.19747;2604.19742v2", Named(papers=("2604.19742", "2604.19747"))),
        ("doi.org/10.48550/arXiv.2604.19742", Named(papers=("2604.19742",))),
        ("10.48550/arXiv.2604.19742", Named(papers=("2604.19742",))),
        ("https://huggingface.co/papers/2604.19742", Named(papers=("2604.19742",))),
        (
            "2604.19742 and https://doi.org/10.1038/nature14539 2604.19747",
            Named(
                papers=("2604.19742", "2604.19747"),
                unknown=("and", "https://doi.org/10.1038/nature14539"),
            ),
        ),
        ("https://example.org/list/cs.CL", Named(unknown=("https://example.org/list/cs.CL",))),
        ("https://arxiv.org/a/what", Named(unknown=("https://arxiv.org/a/what",))),
    ],
)
def test_an_arxiv_address_names_authors_listings_or_papers(address: str, named: Named) -> None:
    assert is_addresses(address)
    assert read_addresses(f"<{address}>,\n{address}") == named


@pytest.mark.parametrize("text", ["", "see https://arxiv.org/a/x_y_1", "my https://example.org/"])
def test_words_around_an_address_make_it_a_text(text: str) -> None:
    assert not is_addresses(text)


ABSTRACT = "We train a diffusion policy. The diffusion policy is a visuomotor model of quargles."


@pytest.fixture
def stored() -> None:
    """Papers to weigh phrases against: "diffusion policy" is an expression of the field."""
    for n in range(4):
        make_paper(
            title=f"Diffusion policy in setting {n}",
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
    assert [topic.query for topic in found.topics][:2] == ["diffusion policy", "Imitation learning"]
    assert not [query for query in queries(BIBTEX) if query.startswith("author:")]
    assert 'author:"Cheng Chi"' in queries(BIBTEX * 3)
    assert len(queries(BIBTEX)) == len(set(queries(BIBTEX)))
    assert queries("@misc{a, title={An Untold Story}, keywords={cs.RO, 90C26, Story telling}}") == [
        "Story telling"
    ]


def test_spellings_of_one_name_are_one_author_and_teams_are_none() -> None:
    papers = [["Yann LeCun", "M. Doe"], ["Y. LeCun", "Mary Doe"], ["Y LeCun", "Max Doe", "A Team"]]
    assert list(common_authors(papers)) == [("Yann LeCun", 3)]
    assert list(common_authors([["OpenAI"]] * 9)) == []
    assert next(common_authors(papers * 100 + [["Jo Rare"]] * 3)) == ("Yann LeCun", 300)
    assert "Jo Rare" not in dict(common_authors(papers * 100 + [["Jo Rare"]] * 3))


# How papers of the field speak: what they are about stands in titles, and stands alone.
ABOUT = [
    "Grasp planning with world models",
    "World models for tactile sensing",
    "Tactile sensing and grasp planning",
    "Sim-to-real grasp planning (GP)",
    "On world models and grasp planning",
    "A survey of tactile sensing",
]
HOW = (
    "Experiments show that our real-world robot, of which we report success rates, et al. is "
    "orders of magnitude faster. Experiments show it in unseen environments. As a first step the "
    "model must state that design choices matter."
)


@pytest.fixture
def field() -> None:
    for n, title in enumerate(ABOUT):
        make_paper(title=title, abstract=f"{HOW} We study {title.lower()}.", categories=["cs.RO"])
        make_paper(title=f"Speech, part {n}", abstract=HOW, categories=["cs.CL"])
    for n in range(40):
        make_paper(title=f"On other matters, part {n}", abstract="We count whales.")
    match_papers(NOW)


@pytest.mark.django_db
@pytest.mark.usefixtures("field")
@pytest.mark.parametrize("form", ["bibtex", "titles", "listing"])
def test_what_papers_are_about_is_proposed_and_how_they_speak_is_not(form: str) -> None:
    entries = "".join(f"@a{{k, title={{{t}}}, abstract={{{HOW} {t}.}}}}" for t in ABOUT)
    pasted = {"bibtex": entries, "titles": "\n".join(ABOUT), "listing": "arxiv.org/list/cs.RO/new"}
    found = queries(pasted[form])
    assert {"grasp planning", "tactile sensing", "world models"} <= set(found)
    assert set(found) <= {"grasp planning", "tactile sensing", "world models", "cat:cs.RO"}


@pytest.mark.django_db
def test_an_acronym_and_its_long_form_are_one_proposal() -> None:
    for n in range(6):
        make_paper(
            title=f"Grasp planning networks (GPN) in setting {n}",
            abstract="A GPN grasps. A GPN is it.",
        )
    for n in range(40):
        make_paper(title=f"On other matters, part {n}")
    match_papers(NOW)
    text = (
        "A GPN is fast. Grasp planning networks are fast. GPNs, or grasp planning networks, rule."
    )
    assert queries(text) == ["grasp planning networks"]


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


def atom(
    *titles: str, title: str = "", authors: tuple[str, ...] = ("Yann LeCun", "A. Friend")
) -> bytes:
    """A list of papers as arXiv writes it."""
    names = "".join(f"<author><name>{name}</name></author>" for name in authors)
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/2401.0{n:04}v1</id><title>{said}</title>"
        f"<summary>We study {said.lower()}.</summary>{names}</entry>"
        for n, said in enumerate(titles)
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{title}</title>{entries}</feed>"
    ).encode()


@pytest.fixture
def arxiv(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """arXiv on loopback, without its three seconds between requests."""
    cache.clear()
    monkeypatch.setattr("digest.ingest.sources.host_rate_limit.GAPS", {"arxiv.org": timedelta(0)})
    with web_server() as server:
        settings.OFFPRINT_ARXIV_URL = server.url
        settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
        yield server


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
    papers = [f"Contrastive learning in setting {n}" for n in range(4)]
    arxiv.give(path, atom(*papers, title=title))
    found = proposed(address)
    assert [(topic.query, topic.reason) for topic in found.topics] == [
        ('author:"Yann LeCun"', "author of 4 papers on arXiv"),
        ("contrastive learning", "in 4 of 4 papers by Yann LeCun"),
    ]
    proposed(address)
    assert len(arxiv.requests(path)) == 1  # the answer is kept


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
def test_where_arxiv_does_not_answer_the_sentence_says_so(arxiv: WebServer) -> None:
    arxiv.give("/a/0000-0002-7970-7855.atom2", Answer(b"", 503))
    with pytest.raises(NothingProposed, match="arXiv could not be reached"):
        proposed("0000-0002-7970-7855")
    arxiv.give("/api/query", b"<html>Sorry</html>")
    with pytest.raises(NothingProposed, match=r"is no list of papers\. Paste the abstract"):
        proposed("2401.01234")
    with pytest.raises(NothingProposed, match="too many addresses in the last hour"):
        propose("2401.01235", NOW, Lookup(lambda: False))
    many = " ".join(f"arxiv.org/list/math.A{letter}/new" for letter in "ABCDE")
    assert sum("3 addresses at once at most" in note for note in proposed(many).notes) == 2
    HostTurn.objects.update(free_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(NothingProposed, match="others were before you"):
        propose("2401.01236", NOW, hurried())


def hurried() -> Lookup:
    lookup = Lookup()
    lookup._ends_at = 0.0
    return lookup


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


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "Paste something first"),
        (" \0 ", "Paste something first"),
        ("of the and", "Nothing in it stands out"),
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
        propose(pasted, NOW)


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
        found = propose(pasted, NOW, Lookup(lambda: False)).topics
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
