"""The database's index finds what the catalogue in memory finds, in all papers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from digest.match import match_papers, word_index
from digest.match.process_cache import process_cache
from digest.match.word_index import find_newest
from digest.models import Paper, PaperWords
from digest.models.word_index import install_word_index
from subscribers.topics import NO_ACRONYMS, parse_topic
from tests.digest.match.searching import shelve, titles
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
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
    "org:northlight",
    "cat:cs",
    "cat:cs.RO",
    "cat:q-bio.NC",
    "cat:cond-mat.mtrl-sci",
    'author:li + cat:cs + "diffusion"',
]
TEXTS = [
    ("Large language models (LLM) in C++ and C#", "GPT-4.5 beats seq2seq by 100% on under_score."),
    ("Naïve Bayes of α-synuclein", "日本 and 100 % of it. A policy. Diffusion follows."),
    ("A policy", "of diffusion, and of learning in context: not in-context learning of LLMs."),
]


@pytest.fixture
def _more_papers(shelves: None) -> None:
    for n, (title, abstract) in enumerate(TEXTS * 2):
        names = ["Li Wei", "Eva Ek"] if n % 2 else ["E. du Châtelet"]
        categories = [["q-bio.NC"], ["cs.RO", "cond-mat.mtrl-sci"], ["Machine Learning"]][n % 3]
        make_paper(title=title, abstract=abstract, authors=names, categories=categories)
    match_papers(NOW)


@pytest.mark.usefixtures("_more_papers")
@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_what_memory_finds(query: str) -> None:
    topic, acronyms = parse_topic(query), process_cache.get_acronyms()
    there = process_cache.get_catalogue().find_candidate_ids(topic, acronyms)
    found = find_newest(topic, acronyms, most=1_000)
    assert (found.ids, found.more) == (sorted(there, reverse=True), 0)


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
    statement, values = word_index._write_query(
        parse_topic("diffusion policy + author:adler").wanted, NO_ACRONYMS
    )
    explain, statement = "EXPLAIN QUERY PLAN", f"{statement} LIMIT 9"
    values += [2**62]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of few rows any way is as good: without the ids there is none but the index.
            explain, statement = "EXPLAIN", statement.partition(" AND paper_id")[0]
            values.pop()
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{explain} {statement}", values)
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
