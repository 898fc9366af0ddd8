"""The database's index finds what the catalogue in memory finds, in all papers."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.match import match_papers, word_index
from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.match.word_index import find_candidates, find_newest, store_words
from digest.models import Paper, PaperWords
from digest.models.word_index import install_word_index
from subscribers.topics import (
    NO_ACRONYMS,
    Text,
    TopicError,
    find_topic,
    learn_acronyms,
    parse_topic,
    read_text,
)
from tests.digest.match.searching import shelve, titles
from tests.factories import NOW, make_paper
from tests.properties import examples
from tests.subscribers.topics.test_index import PAPERS, SPELLED_OUT, TOPICS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
LONG_AGO = NOW - timedelta(days=999)
QUERIES = [
    "diffusion policy",
    "policy",
    "policies + diffusion",
    "diffusion -sea",
    "title:diffusion",
    "title:cloth",
    '"in-context learning"',
    "in context learning",
    "RAG",
    "LLM",
    "large language model",
    "C++",
    "C#",
    "GPT-4.5",
    "seq2seq",
    "日本",
    "naïve bayes",
    "α-synuclein",
    "100%",
    "under_score",
    "author:O'Brien",
    "author:Émilie",
    'author:"e chatelet"',
    "author:lukasz",
    'author:"Eva M. Sørensen"',
    "org:northlight",
    "cat:cs",
    "cat:cs.RO",
    "cat:q-bio.NC",
    "cat:cond-mat.mtrl-sci",
    'author:li + cat:cs + "diffusion"',
    "E. coli",
    "SE(3)",
    "Fe(III)",
    "CO2",
    "TNFα",
    "large language models (LLMs)",
]
TEXTS = [
    ("Large language models (LLM) in C++ and C#", "GPT-4.5 beats seq2seq by 100% on under_score."),
    ("Naïve Bayes of α-synuclein", "日本 and 100 % of it. A policy. Diffusion follows."),
    ("E. coli under CO₂", "SE(3) and Fe(III) with TNF-α, TNFalpha and [CLS] tokens."),
    ("A policy", "of diffusion, and of learning in context: not in-context learning of LLMs."),
]


@pytest.fixture
def _more_papers(shelves: None) -> None:
    for n, (title, abstract) in enumerate(TEXTS * 2):
        names = ["Li Wei", "Eva Sorensen", "Łukasz Ek"] if n % 2 else ["E. du Châtelet"]
        categories = [["q-bio.NC"], ["cs.RO", "cond-mat.mtrl-sci"], ["Machine Learning"], []][n % 4]
        make_paper(title=title, abstract=abstract, authors=names, categories=categories)
    match_papers(NOW)


@pytest.mark.usefixtures("_more_papers")
@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_what_memory_finds(query: str) -> None:
    topic, acronyms = parse_topic(query), process_cache.get_acronyms()
    there = process_cache.get_catalogue().find_candidate_ids(topic, acronyms)
    found = find_newest(topic, acronyms, most=1_000)
    assert (found.ids, found.more) == (sorted(there, reverse=True), 0)


@settings(max_examples=examples(25))
@given(st.lists(TOPICS, min_size=1, max_size=5), st.lists(PAPERS, min_size=1, max_size=4))
def test_every_paper_that_holds_a_topic_is_named(queries: list[str], texts: list[Text]) -> None:
    acronyms, topics = learn_acronyms(SPELLED_OUT), {}
    for number, query in enumerate(queries):
        with suppress(TopicError):
            topics[number] = parse_topic(query)
    papers = [_store(text) for text in texts]
    named = [pair for *pair, _ in find_candidates(topics, LONG_AGO, acronyms)]
    readings = [(paper.pk, read_text(paper_to_text(paper), acronyms)) for paper in papers]
    holds = {
        (number, pk)
        for number, topic in topics.items()
        for pk, reading in readings
        if find_topic(topic, reading)
    }
    assert holds <= set(map(tuple, named))
    assert len(named) == len(set(map(tuple, named)))


@pytest.mark.parametrize("word", ["C++", "扩散", "β", "4.5", "½", "🙂x", "l'eau", "ⅷ"])
def test_a_word_of_any_script_is_found_by_itself(word: str) -> None:
    paper = _store(Text(f"About {word} here"))
    _store(Text("About nothing here"))
    topic = parse_topic(f"about {word}")
    assert find_candidates({1: topic}, LONG_AGO, NO_ACRONYMS) == [(1, paper.pk, False)]


def _store(text: Text) -> Paper:
    paper = make_paper(
        title=text.title or "…",
        abstract=text.abstract,
        authors=list(text.authors),
        organization=text.organization,
        categories=list(text.categories),
        matched_at=NOW,
    )
    paper.normal_form = read_text(paper_to_text(paper)).normal_form
    store_words([paper])
    return paper


def test_papers_from_before_and_topics_that_are_none_have_no_candidates() -> None:
    paper, topic = _store(Text("World model")), parse_topic("world model")
    assert find_candidates({}, LONG_AGO, NO_ACRONYMS) == []
    before = paper.first_seen_at - timedelta(seconds=1)
    assert find_candidates({1: topic}, before, NO_ACRONYMS) == [(1, paper.pk, False)]
    assert find_candidates({1: topic}, paper.first_seen_at, NO_ACRONYMS) == []


def test_a_paper_that_changed_merged_or_went_is_found_as_it_is_now() -> None:
    paper = shelve(title="Slow cameras", authors=["Ada Adler"])
    assert titles("camera") == titles("author:adler") == ["Slow cameras"]
    Paper.objects.update(title="Quick shutters", authors=["Ben Berg"], matched_at=None)
    match_papers(NOW + timedelta(days=1))
    assert titles("camera") == titles("author:adler") == []
    assert titles("shutter") == titles("author:berg") == ["Quick shutters"]
    paper.delete()
    assert find_newest(parse_topic("shutter"), NO_ACRONYMS, 9).ids == []
    assert not PaperWords.objects.exists()


def test_the_newest_come_first_and_the_others_are_estimated() -> None:
    for n in range(40):
        make_paper(title=f"Robot {n}" if n % 2 else f"Camera {n}")
    match_papers(NOW)
    pks = list(Paper.objects.order_by("-pk").values_list("pk", flat=True))
    topic = parse_topic("robot")
    found = find_newest(topic, NO_ACRONYMS, most=5)
    assert found.ids == pks[0:10:2]
    assert 14 <= found.more <= 17
    older = find_newest(topic, NO_ACRONYMS, most=100, up_to=pks[10])
    assert (older.ids, older.more) == (pks[10::2], 0)
    assert find_newest(topic, NO_ACRONYMS, most=0).ids == []


def test_it_is_asked_by_its_index() -> None:
    shelve(title="Diffusion policy", abstract="A world model.")
    query = word_index._write_query(parse_topic("diffusion policy + author:adler"), NO_ACRONYMS)
    explain = "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of few rows any way is as good.
            explain = "EXPLAIN"
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{explain} {query.select}", query.values)
        plan = str(cursor.fetchall())
    assert "digest_paperwords_index" in plan
    assert "Seq Scan" not in plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its index by itself.")
def test_an_index_that_lost_its_triggers_is_made_whole_by_the_next_migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER digest_paperwords_insert")
    shelve(title="Slow cameras")
    topic = parse_topic("camera")
    assert find_newest(topic, NO_ACRONYMS, 9).ids == []
    install_word_index()
    assert len(find_newest(topic, NO_ACRONYMS, 9).ids) == 1


def test_of_a_rows_words_the_phrase_is_looked_for_first() -> None:
    """To take a row's words apart costs most, and PostgreSQL keeps to the order within an OR."""
    [term] = parse_topic("diffusion policy").wanted
    condition, values = word_index._write_condition(term, NO_ACRONYMS)
    assert condition.index("LIKE") < condition.index("string_to_array")
    assert values == ["% diffus polici %", "% diffus polici %", ["diffus", "polici"]]
