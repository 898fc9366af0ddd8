"""Names as people type them against names as papers print them: found, and not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.topics import Text, chunks, find_topic, parse_topic
from subscribers.topics.author_names import (
    find_first_letter,
    is_author,
    list_author_keys,
    make_author_key,
    read_name,
)

# What is typed behind author: | an author of the paper.
ONE_PERSON = [
    "Müller | Thomas Mueller",
    "Mueller | Thomas Müller",
    "Muller | Thomas Mueller",
    "Mueller | Thomas Muller",
    "Schoen | Anna Schön",
    "Schön | Anna Schoen",
    "Bjoern Ommer | Björn Ommer",
    "Jaeger | Ulf Jäger",
    "Soerensen | Anders Sørensen",
    "Astrom | Karl Åström",
    "Aastrom | Karl Åström",
    "Åström | Karl Aastrom",
    "Åström | Karl Astrom",
    "Strauss | Johann Strauß",
    "Strauß | Johann Strauss",
    "Kjaer | Mads Kjær",
    "Yann Le Cun | Yann LeCun",
    "Yann LeCun | Yann Le Cun",
    "Yann Le-Cun | Yann LeCun",
    "Yann LeCun | Yann Le-Cun",
    "LeCun | Yann Le Cun",
    "Le Cun | Yann LeCun",
    "Le Cun, Yann | Yann LeCun",
    "LeCun Yann | Yann A. LeCun",
    "Yann LeCun | Y. LeCun",
    "Y. LeCun | Yann LeCun",
    "Jean-Pierre Serre | J.-P. Serre",
    "J.-P. Serre | Jean-Pierre Serre",
    "J.P. Serre | Jean-Pierre Serre",
    "Serre, Jean-Pierre | J.-P. Serre",
    "Jean-Pierre Serre | Jean Pierre Serre",
    "Jean-Pierre Serre | Jeanpierre Serre",
    "Fei-Fei Li | Feifei Li",
    "Feifei Li | Fei-Fei Li",
    "Fei-Fei Li | Li Fei-Fei",
    "Li Fei-Fei | Fei-Fei Li",
    "Li Feifei | Fei-Fei Li",
    "Feifei Li | Li Fei-Fei",
    "Fei-Fei Li | F.-F. Li",
    "Li Fei-Fei | F.-F. Li",
    "Jun Li | Li Jun",
    "J. Li | Jun Li",
    "J. Li | Li Jun",
    "van der Berg | Jan van der Berg",
    "Jan van der Berg | Jan Vanderberg",
    "Vanderberg | Jan van der Berg",
    "Berg | Jan van der Berg",
    "van der Berg, Jan | J. van der Berg",
    "J. van der Berg | Jan van der Berg",
    "Laurens van der Maaten | Laurens van der Maaten",
    "Maria de la Cruz | Maria Delacruz",
    "O'Brien | Conor O’Brien",
    "O'Brien | Conor O Brien",
    "McDonald | Ann Mc Donald",
    "Geoffrey Hinton | Geoffrey E. Hinton",
    "Geoffrey E. Hinton | Geoffrey Hinton",
    "Geoffrey Hinton | G. E. Hinton",
    "Geoffrey E. Hinton | G. Hinton",
    "G. Hinton | Geoffrey E. Hinton",
    "Hinton, Geoffrey E. | Geoffrey Hinton",
    "Hinton G. E. | Geoffrey Hinton",
    "Geoffrey Everest Hinton | Geoffrey E. Hinton",
    "Lukasz Kaiser | Łukasz Kaiser",
    "Thorlaksson | Jón Þorláksson",
    "Min Jae Kim | Minjae Kim",
    "Kim Min-jae | Minjae Kim",
    "Kim Minjae | Min Jae Kim",
    "Lucia Garcia | Lucía García Márquez",
    "Le Zhang | Zhang Le",
    "王小明 | 王小明",
    "Lee Smolin | Lee Smolin",
    "Van Nguyen | Nguyen Van",
]
OTHERS = [
    "Müller | Thomas Miller",
    "Mueller | Thomas Miller",
    "Muller | Thomas Miller",
    "Möller | Thomas Müller",
    "J. Li | Wei Li",
    "J. Li | Jia Li Wang",
    "J. Li | Li Wei",
    "J. Li | Jun Liu",
    "J. Li | L. Jun",
    "J. Li | Mary Jo Liang",
    "Jing Li | J. Li",
    "Wei Wang | W. Wang",
    "Li An | Lian Wang",
    "L. Jia | Jia Li",
    "Haan | Jiawei Han",
    "de Haan | Jiawei Han",
    "Xue Li | Xu Li",
    "Sue Chen | Su Chen",
    "Michael Cohen | Michal Cohen",
    "Bauer | Ann Baur",
    "Jaehyun Lim | Jahyun Lim",
    "Geoffrey A. Hinton | Geoffrey E. Hinton",
    "Gary Hinton | Geoffrey Hinton",
    "G. Hinton | Anna Hinton",
    "X. LeCun | Yann LeCun",
    "Yann Li | Yann LeCun",
    "Yann LeCun | A. LeCun",
    "Cun | Yann LeCun",
    "Jean-Pierre Serre | J.-M. Serre",
    "J.-P. Serre | Jean-Marc Serre",
    "Jean-Pierre Serre | Pierre Serre",
    "Fei-Fei Li | Fei Liu",
    "Fei-Fei Li | Fang Li",
    "van der Berg | Jan van den Berg",
    "van der Berg | Jan Bergmann",
    "Vanderberg | Jan Berg",
    "yan | Yann LeCun",
    "Yann LeCun | Yann L.",
    "Lian | Li An Wang",
    "Ada Lunt | Lunt Karr",
    "Schon | Anna Schoenberg",
    "McDonald | Ann Donald",
    "Kim Minjae | Minho Kim",
]


def finds(pair: str) -> bool:
    typed, name = pair.split(" | ")
    return find_topic(parse_topic(f'author:"{typed}"'), Text("A title", "", (name,))) is not None


@pytest.mark.parametrize("pair", ONE_PERSON)
def test_an_author_is_found_however_the_name_is_written(pair: str) -> None:
    assert finds(pair)


@pytest.mark.parametrize("pair", OTHERS)
def test_another_person_is_not_found(pair: str) -> None:
    assert not finds(pair)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Jürgen Müller", ("jurgen", "muller")),
        ("Juergen Mueller", ("jurgen", "muller")),
        ("Åsa Ångström", ("åsa", "ångstrom")),
        ("Joel Bauer", ("joel", "bauer")),
        ("Conor O’Brien", ("conor", "obrien")),
        ("王小明", ("王", "小", "明")),
        ("", ()),
    ],
)
def test_a_name_is_read_in_parts_without_its_marks(name: str, parts: tuple[str, ...]) -> None:
    assert read_name(name) == parts


def test_spellings_of_one_name_are_one_topic() -> None:
    forms = {parse_topic(f"author:{name}").normal_form for name in ("Müller", "Mueller", "Muller")}
    assert forms == {"author:muller"}


_PARTS = (
    "Le Cun LeCun Yann Y. Fei-Fei Feifei Li Müller Mueller van der Berg Vanderberg Å. Åse Aase 王"
)
PARTS = _PARTS.split()
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" ".join)


@given(NAMES.filter(lambda name: name not in ("Y.", "Å.")), NAMES)
def test_whoever_is_found_has_the_key_and_the_letter_that_are_asked_for(
    typed: str, name: str
) -> None:
    [term] = parse_topic(f'author:"{typed} Lunt"').wanted
    if is_author(term, f"{name} Lunt"):
        keys = list_author_keys(f"{name} Lunt")
        if make_author_key(term) in keys:  # else nobody asks
            assert any(key.startswith(find_first_letter(term)) for key in keys)


def test_names_are_not_kept_as_words_are() -> None:
    """Papers name more people than they use words, which the memory is for."""
    before = len(chunks._chunks), chunks._split_token.cache_info().currsize
    for number in range(1_000):
        read_name(f"Ada {'bcdfg'[number % 5]}{number // 5:o}-Lovelace")
    assert (len(chunks._chunks), chunks._split_token.cache_info().currsize) == before
    assert read_name("Ada Qxz-Lovelace") == ("ada", "qxz", "lovelace")
