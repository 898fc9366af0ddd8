"""However much is pasted, so much is read, and a sentence says what was left out."""

from __future__ import annotations

import pytest

from digest.suggest import from_addresses, keyphrases, suggest
from digest.suggest.bibtex_import import read_bibtex
from digest.suggest.drafts import NothingProposed
from digest.suggest.keyphrases import Passage
from digest.suggest.reading_limit import (
    MOST_CHARS,
    MOST_WORDS,
    count_words,
    cut_text,
    limit_papers,
    limit_text,
    limit_titles,
    take_papers,
)
from subscribers.limits.cpu_allowance import CpuAllowance
from tests.campaigns.attack.costly import make_text
from tests.digest.suggest.pasted import ABSTRACT, proposed
from tests.factories import NOW


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(make_text(20_000), id="words"),
        pytest.param("粒子" * 100_000, id="signs without blanks"),
        pytest.param("a-b" * 200_000, id="one chunk"),
        pytest.param("!" * 200_000, id="no word"),
    ],
)
def test_of_a_text_so_many_words_are_read_whatever_its_script(text: str) -> None:
    cut, notes = limit_text(text)
    assert count_words(cut) <= MOST_WORDS
    assert len(cut) <= MOST_CHARS
    assert text.startswith(cut)
    assert notes


def test_a_text_that_is_short_enough_is_read_whole_and_nothing_is_said() -> None:
    assert limit_text(ABSTRACT) == (ABSTRACT, ())
    assert cut_text("one two three four", 2) == "one two"


def test_of_titles_the_first_are_read_and_the_note_counts_them() -> None:
    titles = [f"{make_text(10, n)}" for n in range(1_000)]
    read, notes = limit_titles(titles)
    assert sum(map(count_words, read)) <= MOST_WORDS
    assert notes == (f"Only the first {len(read)} of 1,000 titles were read.",)
    assert limit_titles(titles[:10]) == (titles[:10], ())


def test_abstracts_are_read_where_all_of_them_can_be_and_titles_else() -> None:
    papers = [Passage(f"Title {n}", make_text(200, n)) for n in range(100)]
    assert limit_papers(papers[:5]) == (papers[:5], ())
    read, _ = limit_papers(papers)
    assert [passage.title for passage in read] == [passage.title for passage in papers]
    assert not any(passage.text for passage in read)
    [only], _ = limit_papers([Passage("A title", make_text(9_000))])
    assert 0 < count_words(only.text) <= MOST_WORDS
    assert 1 < len(take_papers(papers, 1_000)) < 10


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_the_work_that_a_text_asks_for_does_not_grow_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counted are the words in which phrases are looked for: they are what costs."""
    read = list[int]()
    count = keyphrases._count_text_phrases

    def count_and_note(passages: list[Passage]) -> dict[str, tuple[int, str]]:
        read.append(sum(count_words(p.title) + count_words(p.text) for p in passages))
        return count(passages)

    monkeypatch.setattr(keyphrases, "_count_text_phrases", count_and_note)
    for text in (
        ABSTRACT + make_text(30_000),
        "\n".join(["On a diffusion policy"] * 9_000),
    ):
        assert any("Only the first" in note for note in proposed(text).notes)
    assert max(read) <= MOST_WORDS


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_what_there_is_no_time_for_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (from_addresses, suggest):
        monkeypatch.setattr(module, "SECONDS", 0.0, raising=False)
    listings = "\n".join(f"arxiv.org/list/cs.{name}/recent" for name in ("RO", "CL", "CV"))
    notes = proposed(listings).notes
    assert "There was no time for the last 2 of them: paste these by themselves." in notes
    entries = "".join(f"@misc{{a{n}, title={{Robots that grasp {n}}}}}\n" for n in range(5))
    assert len(read_bibtex(entries, CpuAllowance(0.0))) == 1
    monkeypatch.setattr(suggest, "BIBTEX_SECONDS", 0.0)
    bibtex = "@misc{a, title={Diffusion policy for robots}, keywords={diffusion policy}}\n"
    notes = proposed(bibtex + entries).notes
    assert "Only the first 1 entries were read: paste the others by themselves." in notes


@pytest.mark.django_db
def test_where_there_was_no_time_nobody_is_told_that_nothing_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suggest, "DRAFT_SECONDS", -1.0)
    monkeypatch.setattr(suggest, "COUNT_SECONDS", -1.0)
    with pytest.raises(NothingProposed, match="There was no time to look through all of it"):
        suggest.propose_topics(ABSTRACT, NOW)
