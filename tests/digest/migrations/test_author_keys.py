"""Authors and papers that were stored under other rules are found by those of today."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from digest.match import match_papers
from digest.models import PaperAlias, PaperWords
from subscribers.models import Topic
from tests.digest.match.searching import titles
from tests.factories import NOW, make_paper, make_topic


@pytest.mark.django_db
def test_papers_are_found_by_the_keys_of_their_authors() -> None:
    paper = make_paper(title="Of rivers", authors=["Yann Le Cun", "Jörg Mueller"])
    match_papers(NOW)
    PaperWords.objects.update(names=" author:yann author:y author:le author:l author:cun ")
    import_module("digest.migrations.0016_author_keys").name_authors_again(apps, None)
    names = PaperWords.objects.get(paper=paper).names
    assert " author:lecun " in names
    assert " author:muller " in names
    assert titles('author:"Joerg Müller"') == ["Of rivers"]


@pytest.mark.django_db
def test_topics_for_authors_are_looked_for_anew_by_their_key() -> None:
    Topic.objects.get_or_create_topics(["author:Müller", 'author:"Le Cun"', "diffusion policy"])
    make_topic("author:Mueller")  # as an earlier release stored it: a topic of its own
    Topic.objects.update(matched_at=NOW)
    Topic.objects.filter(query='author:"Le Cun"').update(anchor="author:cun")
    import_module("subscribers.migrations.0004_author_keys").read_author_topics_again(apps, None)
    rows = {topic.query: topic for topic in Topic.objects.all()}
    assert rows['author:"Le Cun"'].anchor == "author:lecun"
    assert rows["author:Mueller"].anchor == rows["author:Müller"].anchor == "author:muller"
    anew = {query for query, topic in rows.items() if topic.matched_at is None}
    assert anew == {"author:Müller", "author:Mueller", 'author:"Le Cun"'}


@pytest.mark.django_db
def test_topics_of_several_terms_are_looked_for_by_two_of_them() -> None:
    queries = ["diffusion policy + agents", 'RAG "tool use"', "diffusion policy", "C++"]
    Topic.objects.get_or_create_topics(queries)
    Topic.objects.update(anchor="as it was", matched_at=NOW)
    migration = import_module("subscribers.migrations.0025_second_anchors")
    migration.add_second_anchors(apps, None)
    anchors = dict(Topic.objects.values_list("query", "anchor"))
    assert anchors["diffusion policy + agents"] == "diffus polici|agent"
    assert anchors['RAG "tool use"'] == "tool use|rag"
    assert anchors["diffusion policy"] == "as it was"
    assert not Topic.objects.filter(matched_at=None).exists()


@pytest.mark.django_db
def test_a_paper_has_the_name_that_the_rules_of_today_give_it() -> None:
    page = "https://chemrxiv.org/engage/chemrxiv/article-details/60c7412400ffee00aa000001"
    paper = make_paper(identifier=f"url:{page}-v2", url=f"{page}-v2")
    import_module("digest.migrations.0016_author_keys").name_papers_anew(apps, None)
    assert PaperAlias.objects.get().name == f"url:{page}"
    assert PaperAlias.objects.get().paper == paper
