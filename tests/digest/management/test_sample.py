"""The bundled sample: read by the live adapters, growing over five days, and plainly made up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Max, Min

from digest.ingest.sources import arxiv, feed, huggingface
from digest.management.sample import material, shapes
from digest.management.sample.load import load_sample, remove_sample
from digest.models import Entry, Paper, Snapshot, Source
from tests.factories import make_paper

NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)  # a Wednesday
DAYS = (date(2026, 4, 16), date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), NOW.date())

# Nobody who could have written a paper on machine learning, and everybody knows it.
LONG_DEAD = set(
    """
    Abu al-Qasim al-Zahrawi, Ada Lovelace, Adam Smith, Adolf Fick, Adrien-Marie Legendre,
    Al-Biruni of Khwarazm, Al-Kindi of Kufa, Aleksandr Lyapunov, Alexander von Humboldt,
    Ambroise Paré, Andreas Vesalius, Antonie van Leeuwenhoek, Archimedes of Syracuse,
    Aristotle of Stagira, August Ferdinand Möbius, Auguste Lumière, Augustin-Louis Cauchy,
    Augustus De Morgan, Benjamin Franklin, Bernhard Riemann, Blaise Pascal, Blaise de Vigenère,
    Brahmagupta, Callimachus of Cyrene, Carl Friedrich Gauss, Carl Linnaeus, Caroline Herschel,
    Charles Babbage, Charles Darwin, Charles Sanders Peirce, Christiaan Huygens,
    Claudius Ptolemy, Daniel Bernoulli, David Hume, Denis Diderot, Eadweard Muybridge,
    Emmy Noether, Erasmus of Rotterdam, Eratosthenes of Cyrene, Ernst Chladni, Ernst Mach,
    Evariste Galois, Florence Nightingale, Galileo Galilei, Gaspard Monge, Georg Cantor,
    George Boole, Gerardus Mercator, Gerolamo Cardano, Gottfried Leibniz, Heinrich Hertz,
    Henri Poincaré, Hermann Ebbinghaus, Hermann von Helmholtz, Hero of Alexandria,
    Hunayn ibn Ishaq, Hypatia of Alexandria, Ibn Battuta, Ibn Khaldun, Ibn Sina,
    Ibn al-Haytham, Ignaz Semmelweis, Immanuel Kant, Isaac Newton, Ismail al-Jazari,
    Jacob Bernoulli, Jacques de Vaucanson, James Watt, Jean le Rond d'Alembert,
    Jean-Charles de Borda, Jean-François Champollion, Johann Heinrich Pestalozzi,
    Johannes Kepler, Joseph Fourier, Joseph Plateau, Joseph-Louis Lagrange, Karl Weierstrass,
    Leon Battista Alberti, Leonardo da Vinci, Leonardo of Pisa, Leonhard Euler, Liu Hui,
    Louis Braille, Louis Daguerre, Louis Lumière, Luca Pacioli, Ludwig Boltzmann,
    Marcus Fabius Quintilian, Maria Gaetana Agnesi, Marquis de Condorcet, Mary Somerville,
    Mary Wollstonecraft, Michael Faraday, Muhammad al-Idrisi, Muhammad al-Khwarizmi,
    Niels Henrik Abel, Omar Khayyam, Pafnuty Chebyshev, Panini of Gandhara, Pierre de Fermat,
    Pierre-Simon Laplace, Ramon Llull, René Laennec, Robert Brown, Robert Hooke, Sadi Carnot,
    Samuel Johnson, Samuel Morse, Santiago Ramón y Cajal, Seki Takakazu, Shen Kuo,
    Simon Stevin, Siméon Denis Poisson, Sofya Kovalevskaya, Sophie Germain,
    Srinivasa Ramanujan, Su Song, Thomas Bayes, Thomas Young, Tycho Brahe, Vilfredo Pareto,
    Wilhelm Röntgen, William of Ockham, Zhang Heng, Émilie du Châtelet
    """.replace("\n   ", "")
    .strip()
    .split(", ")
)


@pytest.fixture
def sample(db: None) -> None:
    load_sample(NOW)


# -- the material ------------------------------------------------------------------------------


def test_nobody_who_lives_is_named_as_an_author() -> None:
    named = {author for paper in material.papers() for author in paper.authors}
    named |= {note.author for note in material.notes()}
    assert named - LONG_DEAD == set()


def test_every_paper_has_an_abstract_worth_reading() -> None:
    for paper in material.papers():
        assert 90 <= len(paper.abstract.split()) <= 180, paper.title


def test_no_two_papers_share_a_number_or_a_title() -> None:
    papers = material.papers()
    assert len(papers) >= 60
    assert len({paper.number for paper in papers}) == len({p.title for p in papers}) == len(papers)


def test_no_sample_number_could_ever_be_arxivs() -> None:
    for paper in material.papers():
        assert re.fullmatch(r"\d{4}\.9\d{4}", shapes.arxiv_id(paper, DAYS)), paper.title


def test_numbers_follow_the_month_of_the_first_version() -> None:
    ids = {paper.number: shapes.arxiv_id(paper, DAYS) for paper in material.papers()}
    assert ids[90001] == "2604.90001"
    assert ids[90013] == "2602.90013"  # announced on 16 April as a replacement


def test_a_replacement_speaks_of_something_announced_before() -> None:
    replaced = [paper for paper in material.papers() if paper.replaced]
    assert replaced
    assert all(paper.day and paper.replaced > paper.day for paper in replaced if paper.replaced)


def test_every_link_leads_to_arxiv_or_to_a_host_that_can_never_be() -> None:
    documents = [shapes.notes_atom(DAYS, NOW)]
    documents += [shapes.arxiv_rss(DAYS, day) for day in DAYS]
    documents += [shapes.huggingface_json(DAYS, day, NOW) for day in DAYS]
    hosts = {
        host.decode()
        for document in documents
        for host in re.findall(rb"https?://([\w.-]+)", document)
    }
    names = {"www.w3.org", "purl.org", "creativecommons.org"}  # of XML and of the licence
    assert hosts - names == {"arxiv.org", "sample.offprint.invalid"}


# -- the calendar ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-04-22T12:00+00:00", "2026-04-22"),
        ("2026-04-22T04:59+00:00", "2026-04-21"),  # the day's list is not out yet
        ("2026-04-22T05:00+00:00", "2026-04-22"),
        ("2026-04-25T12:00+00:00", "2026-04-24"),  # Saturday
        ("2026-04-26T23:00+00:00", "2026-04-24"),  # Sunday
        ("2026-04-27T04:00+00:00", "2026-04-24"),  # Monday before dawn
        ("2026-04-22T08:00+14:00", "2026-04-21"),
    ],
)
def test_the_last_day_is_the_newest_working_day_whose_list_is_out(now: str, last: str) -> None:
    days = shapes.working_days(datetime.fromisoformat(now))
    assert days[-1] == date.fromisoformat(last)
    assert len(days) == 5
    assert all(day.weekday() < 5 for day in days)


def test_the_sources_are_asked_from_the_first_list_up_to_now() -> None:
    moments = shapes.moments(DAYS, NOW)
    assert moments[0] == datetime(2026, 4, 16, 5, tzinfo=UTC)
    assert moments[-1] == NOW
    assert list(moments) == sorted(set(moments))
    assert {moment.date() for moment in moments} == {DAYS[0] + timedelta(days=n) for n in range(7)}


# -- the shapes --------------------------------------------------------------------------------


def test_the_adapters_read_every_list_without_leaving_anything_out() -> None:
    lists = [
        arxiv.parse_document(shapes.arxiv_rss(DAYS, day), f"{shapes.SITE}/rss/cs.AI")
        for day in DAYS
    ]
    lists += [huggingface.parse_document(shapes.huggingface_json(DAYS, d, NOW), d) for d in DAYS]
    lists += [feed.parse_document(shapes.notes_atom(DAYS, NOW), f"{shapes.SITE}/notes.atom")]
    assert [(read.skipped, read.problem, read.is_whole) for read in lists] == [(0, "", True)] * 11
    assert [read.listed_on for read in lists[:10]] == [*DAYS, *DAYS]
    assert all(read.entries for read in lists)
    announced = {entry.announce_type for read in lists[:5] for entry in read.entries}
    assert announced == {"new", "cross", "replace", "replace-cross"}


def test_what_was_written_comes_out_as_it_was_meant() -> None:
    written = {shapes.arxiv_id(paper, DAYS): paper for paper in material.papers()}
    for day in DAYS:
        for entry in arxiv.parse_document(shapes.arxiv_rss(DAYS, day), shapes.SITE).entries:
            paper = written[entry.identifier.removeprefix("arxiv:")]
            assert entry.authors == paper.authors
            assert entry.categories == paper.categories
            assert not re.search(r"[\\$]", entry.title + entry.abstract), entry.abstract


def test_tex_and_inequalities_reach_the_reader_as_unicode() -> None:
    read = {
        entry.identifier: entry
        for day in DAYS
        for entry in arxiv.parse_document(shapes.arxiv_rss(DAYS, day), shapes.SITE).entries
    }
    assert "0<x<1" in read["arxiv:2604.90060"].abstract
    assert "O(n²)" in read["arxiv:2604.90004"].abstract
    assert "Poincaré disc" in read["arxiv:2604.90017"].abstract


def test_arxivs_day_begins_at_midnight_in_new_york_in_summer_and_winter() -> None:
    assert b"<pubDate>Thu, 16 Apr 2026 00:00:00 -0400</pubDate>" in shapes.arxiv_rss(DAYS, DAYS[0])
    winter = shapes.working_days(datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert b"00:00:00 -0500</pubDate>" in shapes.arxiv_rss(winter, winter[0])


def test_rows_of_hugging_face_are_as_scarce_as_there() -> None:
    rows = [
        row["paper"] for day in DAYS for row in json.loads(shapes.huggingface_json(DAYS, day, NOW))
    ]
    assert len(rows) >= 40
    for optional in ("organization", "githubRepo", "ai_summary"):
        assert any(optional in row for row in rows)
    assert all(row["ai_summary"].endswith(".") for row in rows)
    assert any("organization" not in row for row in rows)
    assert any("githubRepo" not in row for row in rows)


def test_a_note_is_not_seen_before_it_was_written() -> None:
    dawn = datetime(2026, 4, 16, 5, tzinfo=UTC)
    assert not feed.parse_document(shapes.notes_atom(DAYS, dawn), shapes.SITE).entries
    assert len(feed.parse_document(shapes.notes_atom(DAYS, NOW), shapes.SITE).entries) == 8


def test_votes_only_grow_and_have_a_heavy_tail() -> None:
    moments = shapes.moments(DAYS, NOW)
    listed = [paper for paper in material.papers() if paper.listed]
    for paper in listed:
        votes = [shapes.votes_at(paper, DAYS, moment) for moment in moments]
        assert votes == sorted(votes)
    final = sorted(paper.votes for paper in listed)
    assert final[-1] > 5 * final[len(final) // 2]


def test_a_sleeper_is_found_days_after_it_was_listed() -> None:
    [sleeper, *_] = [paper for paper in material.papers() if paper.sleeper]
    later = datetime(2026, 4, 25, 12, tzinfo=UTC)
    assert shapes.votes_at(sleeper, DAYS, NOW) < sleeper.votes / 5
    assert shapes.votes_at(sleeper, DAYS, later) > sleeper.votes / 2


# -- loading -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("sample")
def test_the_sample_comes_in_as_five_days_of_news() -> None:
    report = load_sample(NOW)
    assert (report.papers, report.sources, report.days) == (66, 3, DAYS)
    assert report.entries == Entry.objects.count() > 100
    seen = {paper.first_seen_at.date() for paper in Paper.objects.all()}
    news = {paper.news_at.date() for paper in Paper.objects.all() if paper.news_at}
    assert set(DAYS) <= seen
    assert set(DAYS) <= news
    assert Paper.objects.filter(news_at__date=NOW.date()).count() >= 15


@pytest.mark.usefixtures("sample")
def test_votes_have_moved_while_it_came_in() -> None:
    paper = Paper.objects.get(identifier="arxiv:2604.90001")
    span = paper.snapshots.aggregate(first=Min("upvotes"), last=Max("upvotes"))
    assert 0 < span["first"] < span["last"] / 2
    assert len({snapshot.taken_at.date() for snapshot in paper.snapshots.all()}) >= 5
    assert Snapshot.objects.filter(taken_at__gt=NOW).count() == 0


@pytest.mark.usefixtures("sample")
def test_a_paper_that_three_sources_mention_is_one_paper() -> None:
    paper = Paper.objects.get(identifier="arxiv:2604.90026")
    assert set(paper.entries.values_list("source__kind", flat=True)) == {
        "arxiv",
        "huggingface",
        "feed",
    }
    assert paper.title.startswith("Ariadne: LLM Agents")
    assert paper.organization == "Analytical Society"


@pytest.mark.usefixtures("sample")
def test_replacements_make_nothing_news() -> None:
    only_replaced = Paper.objects.filter(news_at=None)
    assert only_replaced.count() == 4
    kinds = set(only_replaced.values_list("entries__announce_type", flat=True))
    assert kinds == {"replace", "replace-cross"}
    again = Paper.objects.get(identifier="arxiv:2604.90003")
    assert again.entries.filter(announce_type="replace").exists()
    assert again.news_at is not None
    assert again.news_at.date() < DAYS[3]


@pytest.mark.django_db
def test_a_second_load_changes_nothing_whenever_it_comes() -> None:
    first = load_sample(NOW)
    counts = [model.objects.count() for model in (Source, Paper, Entry, Snapshot)]
    second = load_sample(NOW + timedelta(days=40))
    assert first.is_new
    assert not second.is_new
    assert (second.papers, second.days) == (first.papers, first.days)
    assert counts == [model.objects.count() for model in (Source, Paper, Entry, Snapshot)]


@pytest.mark.usefixtures("sample")
def test_its_sources_say_what_they_are_and_are_never_asked() -> None:
    sources = Source.objects.filter(url__startswith=shapes.SITE)
    assert sources.count() == 3
    for source in sources:
        assert source.title.endswith("(sample)")
        assert source.state == Source.State.HEALTHY
        assert "Made up" in source.note
    assert not Source.objects.due(NOW + timedelta(days=365)).filter(pk__in=sources).exists()


@pytest.mark.usefixtures("sample")
def test_it_goes_without_a_trace_and_takes_nothing_along() -> None:
    live = make_paper()
    shared = Paper.objects.get(identifier="arxiv:2604.90050")
    Entry.objects.create(
        source=live.entries.get().source,
        paper=shared,
        guid="a live mention",
        published_at=NOW,
        seen_at=NOW,
    )
    assert remove_sample() == 65
    assert set(Paper.objects.all()) == {live, shared}
    assert not Source.objects.filter(url__startswith=shapes.SITE).exists()
    assert remove_sample() == 0


@pytest.mark.django_db
def test_a_load_that_breaks_off_leaves_nothing_behind() -> None:
    asked = count()

    def line_breaks(execute: Callable[..., object], *args: object) -> object:
        if next(asked) == 200:
            raise ConnectionError
        return execute(*args)

    with connection.execute_wrapper(line_breaks), pytest.raises(ConnectionError):
        load_sample(NOW)
    assert not Paper.objects.exists()
    assert not Source.objects.filter(url__startswith=shapes.SITE).exists()


@pytest.mark.django_db
def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_sample", now="2026-04-22")
    call_command("load_sample", now="2026-04-22")
    call_command("load_sample", remove=True)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("Brought in 66 made-up papers in ")
    assert first.endswith("of 3 sources, from 2026-04-16 to 2026-04-22.")
    assert second.startswith("Already there since an earlier call: 66 made-up papers")
    assert third == "Removed 66 made-up papers and their sources."


def test_the_material_stands_beside_its_module() -> None:
    assert sorted(path.name for path in Path(material.__file__).parent.glob("*.toml")) == [
        "notes.toml",
        "papers_1.toml",
        "papers_2.toml",
        "papers_3.toml",
    ]
