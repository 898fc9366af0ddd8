"""Whatever is typed, a search finds what reading every paper finds, on any database."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from digest.match.learned import Learned
from digest.match.paper_text import read_paper
from digest.match.process_cache import process_cache
from digest.match.search import find_paper_by_name, parse_readings, search_papers
from digest.models import Paper
from subscribers.topics import TopicError, find_topic
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
TEXTS = [
    ("Large language models (LLM) in C++ and C#", "GPT-4.5 beats seq2seq by 100% on under_score."),
    ("Naïve Bayes of α-synuclein", "日本 and 100 % of it. A policy. Diffusion follows."),
    ("E. coli under CO₂", "SE(3) and Fe(III) with TNF-α, and [CLS] tokens. H2O."),
    ("Diffusion Policies at Sea", "RAG. To be or not to be. NEAR the AND OR NOT gates."),
    ("A policy of diffusion", "A rag is cloth; rags too. LoRA and lora by k-means in 3D."),
    ("扩散模型 for 日本", "привет мир, שלום, مرحبا. Straße in İstanbul and istanbul."),
    ("Fine-tuning and ﬁne-tuning", "don't use A* search; back\\slash; AT&T; x^2 ½ ⅷ 🙂x l’eau"),
    ("Agents that use tools", f"tool use by agents; of the and. {'word ' * 70} {'x' * 300}"),
]  # fmt: skip
# In the words of FTS5, of LIKE, of SQL, of our own language, and of none.
OF_SIGNS = ['"', '"""', "'", "*", "diff*", "-", "-diffusion", "--", ":", "^diffusion", "(diffusion"]
OF_SIGNS += ["%", "100%", "_", "under_score", "\\", "back\\slash", "' OR 1=1 --", "+", "a + ", "()"]
OF_FTS = ["NEAR", "NEAR(a b)", "NEAR/3", "AND", "diffusion AND policy", "diffusion NOT policy"]
OF_FTS += ["{title}: diffusion", "names:diffusion", "rowid:1", "title:*", "diffusion OR policy"]
OF_QUOTES = ['"diffusion policy', 'diffusion policy"', "“diffusion policy”", '"diffusion" "policy"']
OF_FIELDS = ["author:", 'author:"', "author:O'Brien", "author:obrien", "author:*", "org:northlight"]
OF_FIELDS += ["cat:cs", "cat:CS.ro", "cat:cs.", "title:diffusion", "-title:diffusion boats"]
OF_LETTERS = ["a", "é", "日", "日本", "模型", "扩散模型", "naive bayes", "STRASSE", "İstanbul"]
OF_LETTERS += ["ﬁne-tuning", "ПРИВЕТ МИР", "שלום", "CO2", "½", "ⅷ", "🙂x", "l'eau", "don’t"]
OF_LETTERS += ["diff\u00adusion", "Li Wei", "li", "O'Brien", "châtelet", "e chatelet"]
OF_WORDS = ["C++", "A*", "AT&T", "x^2", "3-D", "kmeans", "GPT 4.5", "RAGs", "rags", "LLM", "lora"]
OF_WORDS += ["the", "to be or not to be", "x" * 199, "x" * 300, "word " * 40, "diffusion policies"]
QUERIES = [*OF_SIGNS, *OF_FTS, *OF_QUOTES, *OF_FIELDS, *OF_LETTERS, *OF_WORDS]


@pytest.fixture(name="papers")
def make_papers() -> list[Paper]:
    names = [["Li Wei"], ["Zoë O'Brien", "E. du Châtelet"], []]
    categories = [["q-bio.NC"], ["cs.RO", "cs.LG"], ["Machine Learning"], []]
    papers = [
        make_paper(
            title=title,
            abstract=abstract,
            authors=names[n % 3],
            organization=["Northlight Labs", ""][n % 2],
            categories=categories[n % 4],
        )
        for n, (title, abstract) in enumerate(TEXTS * 2)
    ]
    match_papers(NOW)
    return papers


@pytest.mark.parametrize("is_warm", [True, False])
def test_a_search_finds_what_reading_every_paper_finds(papers: list[Paper], is_warm: bool) -> None:
    learned = Learned(acronyms=process_cache.get_acronyms())
    readings = [(paper.pk, read_paper(paper, learned)) for paper in papers]
    refused, found_some = 0, 0
    for query in QUERIES:
        process_cache.forget_all()
        if is_warm:
            process_cache.load(NOW)
        find_paper_by_name(query)
        try:
            found = {one.paper.pk for one in search_papers(query, ["-news_at"], 0, 50).matches}
        except TopicError:
            refused += 1
            continue
        topics = parse_readings(query)
        wanted = {pk for pk, one in readings if any(find_topic(topic, one) for topic in topics)}
        assert found == wanted, query
        found_some += bool(found)
    assert refused > 10
    assert found_some > 40
