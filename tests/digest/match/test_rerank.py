"""Near papers keep their order by words, and with an operator's model one joined with meaning."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from digest.compose.near_papers import FoundPapers, NearPapers
from digest.match import match_papers
from digest.match.embedding import ModelError, _open_or_none, open_model
from digest.match.near_meaning import NearMeaning
from digest.match.rerank import Wanted, rerank, store_vectors
from digest.models import Match, Paper, PaperVector, TopicSense, TopicVector
from subscribers.models import Topic
from tests.factories import NOW, make_match, make_paper, make_reader

pytestmark = pytest.mark.django_db
AXES = ("river", "bread", "moon")


class TinyTransformer:
    """What SentenceTransformer is to us: it counts three words in each text."""

    opened: list[tuple[str, dict[str, object]]] = []

    def __init__(self, folder: str, **options: object) -> None:
        if not (Path(folder) / "weights").exists():
            raise OSError("no weights")
        self.opened.append((folder, options))

    def encode(self, texts: list[str], *, show_progress_bar: bool) -> list[list[float]]:
        assert not show_progress_bar
        folded = [text.casefold().replace("lunar", "moon") for text in texts]
        return [[float(text.count(word)) for word in AXES] for text in folded]


@pytest.fixture
def model(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model, and a library that opens it."""
    library = ModuleType("sentence_transformers")
    library.SentenceTransformer = TinyTransformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "0")
    (tmp_path / "weights").touch()
    settings.EMBEDDING_MODEL_DIR = str(tmp_path)
    _open_or_none.cache_clear()
    TinyTransformer.opened.clear()
    return tmp_path


@pytest.fixture(autouse=True)
def _forget_model() -> object:
    yield
    _open_or_none.cache_clear()


def make_papers(*abstracts: str) -> list[int]:
    ids = [make_paper(title=f"Paper {n}", abstract=a).pk for n, a in enumerate(abstracts)]
    match_papers(NOW)
    return ids


def test_without_a_model_the_order_by_words_stands() -> None:
    ids = make_papers("bread", "river", "moon")
    ranked = [(1.0, ids[0]), (0.9, ids[1]), (0.8, ids[2])]
    assert rerank(Wanted((ids[2],), "moon"), ranked) == ranked
    assert store_vectors(NOW) == 0
    assert not PaperVector.objects.exists()


def test_a_model_joins_its_order_with_that_by_words(model: Path) -> None:
    wanted, *ids = make_papers("moon moon", "bread", "moon river", "river", "moon")
    assert store_vectors(NOW) == 5
    ranked = [(1.0 - n / 10, pk) for n, pk in enumerate(ids)]
    # By words 0 1 2 3, by the model 3 1 0 2.
    assert [pk for _, pk in rerank(Wanted((wanted,)), ranked)] == [ids[n] for n in (0, 1, 3, 2)]
    assert sorted(rerank(Wanted((wanted,)), ranked)) == sorted(ranked)
    assert [pk for _, pk in rerank(Wanted(text="the moon"), ranked)][:2] == [ids[0], ids[1]]
    [(folder, options)] = TinyTransformer.opened
    assert folder == str(model)
    assert options == {"device": "cpu", "local_files_only": True}


def test_nothing_changes_as_long_as_most_papers_have_no_vector(model: Path) -> None:
    wanted, *ids = make_papers("moon", "bread", "river", "moon")
    store_vectors(NOW)
    PaperVector.objects.filter(paper__in=ids[:2]).delete()
    ranked = [(1.0 - n / 10, pk) for n, pk in enumerate(ids)]
    assert rerank(Wanted((wanted,)), ranked) == ranked


def test_vectors_are_made_once_and_again_for_another_text_or_model(model: Path) -> None:
    [pk] = make_papers("bread")
    assert store_vectors(NOW) == 1
    assert store_vectors(NOW) == 0
    Paper.objects.filter(pk=pk).update(abstract="moon", matched_at=None)
    match_papers(NOW + timedelta(minutes=1))
    assert store_vectors(NOW + timedelta(minutes=1)) == 1
    PaperVector.objects.update(model="another")
    assert store_vectors(NOW + timedelta(minutes=2)) == 1
    # After four weeks a paper is near to nothing any more.
    store_vectors(NOW + timedelta(days=40))
    assert not PaperVector.objects.exists()


def make_lunar_topic() -> Topic:
    """A topic with four finds, all on the moon, and that papers may be near to."""
    make_reader("lunar dust")
    for n in range(4):
        make_paper(title=f"Lunar dust of region {n}", abstract="Grains on the moon, the moon.")
    topic = Topic.objects.get()
    TopicSense.objects.update_or_create(
        topic=topic, defaults={"words": "grain:1.000", "due_at": NOW + timedelta(days=1)}
    )
    return topic


def test_papers_near_a_topic_are_like_its_words_and_its_finds(model: Path) -> None:
    topic = make_lunar_topic()
    bread, moon, river = make_papers("bread grains", "moon grains", "river grains")
    store_vectors(NOW)
    assert Match.objects.filter(topic=topic).count() == 4
    assert TopicVector.objects.get().topic == topic
    ranked = [(1.2, bread), (1.1, river), (1.0, moon)]
    [(value, nearest), *others] = NearMeaning().rerank_near(topic.pk, ranked)
    # All likeness: 2 x (1 - 0.25) more; and what is unlike it is less near than by words.
    assert nearest == moon
    assert value == pytest.approx(1.0 + 1.5, abs=0.05)
    assert [pk for _, pk in others] == [bread, river]
    assert all(far < 0.5 for far, _ in others)
    Match.objects.all().delete()
    assert NearMeaning().rerank_near(topic.pk, ranked)[0][1] == moon  # by its words alone
    TopicVector.objects.all().delete()
    assert NearMeaning().rerank_near(topic.pk, ranked) == ranked


def test_what_another_topic_finds_says_nothing_of_this_one(model: Path) -> None:
    topic = make_lunar_topic()
    moon, *others = make_papers("moon grains", "bread grains", "river grains")
    store_vectors(NOW)
    before = NearMeaning().rerank_near(topic.pk, [(1.0, moon)])
    for pk in others:
        make_match(Paper.objects.get(pk=pk), "ovens at rivers", 99.0)
    TopicVector.objects.create(
        topic=Topic.objects.get(query="ovens at rivers"),
        model=TopicVector.objects.get().model,
        vector=PaperVector.objects.get(paper=others[0]).vector,
    )
    assert NearMeaning().rerank_near(topic.pk, [(1.0, moon)]) == before


def test_a_paper_without_a_vector_is_as_near_as_by_words(model: Path) -> None:
    topic = make_lunar_topic()
    moon, late, _bread = make_papers("moon grains", "moon moon grains", "bread grains")
    store_vectors(NOW)
    PaperVector.objects.filter(paper=late).delete()
    assert NearMeaning().rerank_near(topic.pk, [(1.0, late)]) == [(1.0, late)]
    PaperVector.objects.update(model="another")
    TopicVector.objects.update(model="another")
    assert NearMeaning().rerank_near(topic.pk, [(1.0, moon)]) == [(1.0, moon)]


def test_what_is_far_by_meaning_has_no_place(model: Path) -> None:
    topic = make_lunar_topic()
    bread, moon = make_papers("bread grains", "moon grains")
    store_vectors(NOW)
    forms = list(Paper.objects.values_list("pk", "normal_form"))
    found = FoundPapers(frozenset(Match.objects.values_list("paper_id", flat=True)))
    weights = {"grain": 0.7, "bread": 0.01}

    def rank(near: NearPapers) -> list[int]:
        day = near.rank_day(topic.pk, NOW.date(), weights, found, lambda _: True)
        return [one.paper_id for one in day]

    assert rank(NearPapers(lambda _: forms)) == [bread, moon]
    assert rank(NearPapers(lambda _: forms, NearMeaning().rerank_near)) == [moon]


def test_a_model_that_cannot_be_opened_is_said_and_changes_nothing(
    model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (model / "weights").unlink()
    with pytest.raises(ModelError, match=r"cannot open the model in .* put one there"):
        open_model(model)
    with pytest.raises(ModelError, match="which is no folder"):
        open_model(model / "absent")
    with caplog.at_level(logging.WARNING):
        assert store_vectors(NOW) == 0
        assert store_vectors(NOW) == 0
    assert caplog.text.count("ranked by their words alone") == 1


def test_without_a_library_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sentence_transformers", "model2vec"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match="pip install sentence-transformers"):
        open_model(tmp_path)


def test_a_static_model_is_opened_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class StaticModel:
        @classmethod
        def from_pretrained(cls, folder: str) -> StaticModel:
            assert folder == str(tmp_path)
            return cls()

        def encode(self, texts: list[str]) -> list[list[float]]:
            return [[3.0, 4.0] for _ in texts]

    library = ModuleType("model2vec")
    library.StaticModel = StaticModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setitem(sys.modules, "model2vec", library)
    [vector] = open_model(tmp_path).embed(["moon"])
    assert list(vector) == pytest.approx([0.6, 0.8])


def test_pages_of_papers_are_ordered_with_it(
    model: Path, client: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW)
    text = "Tidal basins hold sediment of deltas"
    own = make_paper(title="Own", abstract=f"{text}; lunar lunar.")
    others = [
        make_paper(title=f"Other {word}", abstract=f"{text} {extra}; {word} {word}.")
        for word, extra in (("bread", "deltas sediment"), ("river", "sediment"), ("moon", ""))
    ]
    for n in range(20):
        make_paper(title=f"Hats {n}", abstract="Felt is worn by whoever likes it.")
    match_papers(NOW)
    address = f"/paper/{own.identifier}/"
    by_words = client.get(address).content.decode().partition("Papers like this")[2]
    store_vectors(NOW)
    by_both = client.get(address).content.decode().partition("Papers like this")[2]
    assert by_words.index(others[1].title) < by_words.index(others[2].title)
    assert by_both.index(others[2].title) < by_both.index(others[1].title)


def test_a_model_that_fails_at_a_text_fails_nothing_else(
    model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    assert model.is_dir()
    make_paper(title="A river")
    match_papers(NOW)
    ranked = [(1.0, make_paper().pk), (0.5, make_paper().pk)]
    monkeypatch.setattr(TinyTransformer, "encode", fail)
    assert store_vectors(NOW) == 0
    assert rerank(Wanted(text="river"), ranked) == ranked
    assert "cannot read a text" in caplog.text
