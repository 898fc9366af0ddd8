"""Of a frequent word it is kept which papers in memory hold it, and only these are looked at."""

from __future__ import annotations

from contextlib import AbstractContextManager
from random import Random

import pytest

from digest.match.catalogue import Catalogue
from digest.match.frequent_words import FrequentWords, list_frequent_stems
from digest.match.process_cache import process_cache
from digest.match.word_index import finds_frequent_words_fast
from subscribers.topics import count_stems
from tests.digest.match.searching import shelve
from tests.factories import NOW


class Form(str):
    """A normal form that counts how often it was looked through."""

    __slots__ = ()
    looks = 0

    def __contains__(self, phrase: object) -> bool:
        Form.looks += 1
        return super().__contains__(phrase)  # type: ignore[operator]


def put(catalogue: Catalogue, pk: int, form: str) -> None:
    catalogue.put_paper(pk, NOW, Form(form), "[]", "", "[]")


def test_of_two_frequent_words_only_papers_with_both_are_looked_at() -> None:
    catalogue = Catalogue(["model", "polici"])
    for pk in range(100):
        put(catalogue, pk, f" {'model' if pk % 2 else 'robot'} | {'polici' if pk % 5 else 'sea'} ")
    put(catalogue, 100, " model polici | sea ")
    Form.looks = 0
    assert catalogue.filter_by_phrases([" model polici "], range(101)) == [100]
    assert Form.looks == 41  # those with both
    Form.looks = 0
    assert catalogue.filter_by_phrases([" model "], range(90, 101)) == [91, 93, 95, 97, 99, 100]
    assert Form.looks == 6


def test_what_is_found_is_the_same_as_without_frequent_words() -> None:
    chance, words = Random(3), ["sea", "model", "polici", "robot", "world", "agent"]
    with_words, without = Catalogue(words[:4]), Catalogue()
    for _ in range(400):  # some of them again, with another text
        pk = chance.randrange(300)
        form = f" {' '.join(chance.choices(words, k=3))} | {' '.join(chance.choices(words, k=5))} "
        put(with_words, pk, form)
        put(without, pk, form)
    for _ in range(500):
        phrase = f" {' '.join(chance.choices(words, k=chance.randint(1, 3)))} "
        size = len(without)
        positions = chance.choice(
            [
                range(chance.randrange(size), size),
                range(chance.randrange(size)),
                sorted(chance.sample(range(size), chance.choice([1, 5, 200]))),
            ]
        )
        is_title = chance.random() < 0.3
        assert with_words.filter_by_phrases(
            [phrase], positions, is_title=is_title
        ) == without.filter_by_phrases([phrase], positions, is_title=is_title)


def test_a_paper_whose_text_changed_keeps_its_place_among_those_of_its_new_words() -> None:
    words = FrequentWords(["sea", "robot"])
    for position, form in enumerate([" sea ", " robot ", " sea "]):
        words.add_paper(position, form)
    words.add_words(0, " robot ")
    words.add_words(0, " robot ")
    assert words.narrow(" robot ", range(3)) == {0, 1}
    assert words.narrow(" robot ", range(1)) == {0}


def test_what_is_put_while_the_words_are_noted_is_found_by_them() -> None:
    catalogue, entered = Catalogue(), list[int]()
    put(catalogue, 1, " robot | sea ")
    put(catalogue, 2, " model | sea ")

    class Turn(AbstractContextManager[None]):
        """Another thread's turn comes between the two times that the lock is asked for."""

        def __enter__(self) -> None:
            entered.append(len(entered))
            if len(entered) == 2:
                put(catalogue, 1, " model | sea ")
                put(catalogue, 3, " model | sea ")

        def __exit__(self, *_: object) -> None:
            assert len(entered) == 1 or catalogue.frequent_words.stems

    catalogue.keep_frequent_words(["model"], Turn())  # type: ignore[arg-type]
    Form.looks = 0
    assert catalogue.filter_by_phrases([" model "], range(3)) == [0, 1, 2]
    put(catalogue, 4, " model ")
    assert catalogue.filter_by_phrases([" model "], range(4)) == [0, 1, 2, 3]


def test_a_word_is_frequent_by_its_share_and_the_bar_is_none() -> None:
    forms = [
        f" {'robot' if n < 10 else 'boat'} | {'rare' if n < 2 else 'sea'} " for n in range(1000)
    ]
    assert list_frequent_stems(count_stems(forms)) == {"robot", "boat", "sea"}


@pytest.mark.django_db
@pytest.mark.usefixtures("that_wednesday")
def test_a_process_keeps_them_where_the_database_would_read_every_row() -> None:
    shelve(title="Robots at sea")
    process_cache.forget_all()
    process_cache.load(NOW)
    stems = process_cache.get_catalogue().frequent_words.stems
    assert ("robot" in stems) == (not finds_frequent_words_fast())


@pytest.mark.django_db
@pytest.mark.usefixtures("that_wednesday")
def test_nobody_waits_until_they_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    shelve(title="Robots at sea")
    process_cache.forget_all()
    seen = list[tuple[bool, int]]()

    def look(catalogue: Catalogue, *_: object) -> None:
        seen.append((process_cache.is_loading, len(catalogue)))

    monkeypatch.setattr(Catalogue, "keep_frequent_words", look)
    process_cache.load(NOW)
    assert seen == ([] if finds_frequent_words_fast() else [(False, 1)])
