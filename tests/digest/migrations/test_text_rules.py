"""Papers that were stored under other rules of reading are read again."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from digest.match import match_papers
from digest.models import Paper, PaperWords
from subscribers.models import Topic
from tests.digest.match.searching import titles
from tests.factories import NOW, make_paper


@pytest.mark.django_db
def test_papers_are_found_by_the_rules_of_today() -> None:
    paper = make_paper(title="TNFα in blood", abstract="Of CO₂.")
    plain = make_paper(title="Plain words", abstract="")
    match_papers(NOW)
    # As an earlier release stored them.
    Paper.objects.filter(pk=paper.pk).update(normal_form=" tnfα in blood | of co2 ")
    Paper.objects.filter(pk=plain.pk).update(normal_form=" kept as it is ")
    PaperWords.objects.filter(paper=paper).update(title=" tnfα in blood ", abstract=" of co2 ")
    import_module("digest.migrations.0015_text_rules").read_texts_again(apps, None)
    paper.refresh_from_db()
    plain.refresh_from_db()
    assert paper.normal_form == " tnf alpha in blood | of co 2 "
    assert plain.normal_form == " kept as it is "
    words = PaperWords.objects.get(paper=paper)
    assert (words.title, words.abstract) == (" tnf alpha in blood ", " of co 2 ")
    assert titles("TNF-alpha") == ["TNFα in blood"]


@pytest.mark.django_db
def test_topics_that_mean_something_else_now_are_looked_for_anew() -> None:
    Topic.objects.get_or_create_topics(["SE(3)", "TNFα", "diffusion policy", "TNF-β"])
    Topic.objects.update(matched_at=NOW)
    Topic.objects.filter(query="SE(3)").update(normal_form="=SE 3")
    Topic.objects.filter(query="TNFα").update(normal_form="=TNFα", anchor="tnfα")
    # Two that were different and now mean the same both stay.
    Topic.objects.create(
        query="TNFβ", normal_form="=TNFβ", slug="tnf-b", anchor="tnfβ", matched_at=NOW
    )
    import_module("subscribers.migrations.0003_text_rules").read_topics_again(apps, None)
    rows = {topic.query: topic for topic in Topic.objects.all()}
    assert rows["SE(3)"].normal_form == "=SE (3"
    assert (rows["TNFα"].normal_form, rows["TNFα"].anchor) == ("=TNF alpha", "tnf alpha")
    assert (rows["TNFβ"].normal_form, rows["TNFβ"].anchor) == ("=TNFβ", "tnf beta")
    anew = {query for query, topic in rows.items() if topic.matched_at is None}
    assert anew == {"SE(3)", "TNFα", "TNFβ"}


@pytest.mark.django_db
def test_names_and_plurals_are_read_by_the_rules_of_today() -> None:
    paper = make_paper(title="NF-kB in mice", abstract="")
    plain = make_paper(title="Plain words", abstract="")
    match_papers(NOW)
    Paper.objects.filter(pk=paper.pk).update(normal_form=" nf kb in mice ")
    PaperWords.objects.filter(paper=paper).update(title=" nf kb in mice ")
    import_module("digest.migrations.0020_names_and_plurals").read_texts_again(apps, None)
    paper.refresh_from_db()
    assert paper.normal_form == " nf kappa b in mous "
    assert PaperWords.objects.get(paper=paper).title == paper.normal_form
    assert Paper.objects.get(pk=plain.pk).normal_form == " plain word "
    Topic.objects.get_or_create_topics(["mice", "plain words"])
    Topic.objects.update(matched_at=NOW)
    Topic.objects.filter(query="mice").update(normal_form="mice", anchor="mice")
    import_module("subscribers.migrations.0009_names_and_plurals").read_topics_again(apps, None)
    topic = Topic.objects.get(query="mice")
    assert (topic.normal_form, topic.anchor, topic.matched_at) == ("mouse", "mous", None)
    assert Topic.objects.get(query="plain words").matched_at == NOW


@pytest.mark.django_db
def test_leaves_and_media_are_read_by_the_rules_of_today() -> None:
    paper = make_paper(title="Leaves in porous media", abstract="")
    match_papers(NOW)
    Paper.objects.filter(pk=paper.pk).update(normal_form=" leav in porous media ")
    import_module("digest.migrations.0028_leaves_and_media").read_texts_again(apps, None)
    paper.refresh_from_db()
    assert paper.normal_form == " leaf in porous medium "
    Topic.objects.get_or_create_topics(["leaves"])
    Topic.objects.update(normal_form="leave", anchor="leav", matched_at=NOW)
    import_module("subscribers.migrations.0018_leaves_and_media").read_topics_again(apps, None)
    topic = Topic.objects.get(query="leaves")
    assert (topic.normal_form, topic.anchor, topic.matched_at) == ("leaf", "leaf", None)
