"""The papers and notes of the sample are made up, and can be taken for no one's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from digest.management.sample import material, shapes

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


def test_the_material_stands_beside_its_module() -> None:
    assert sorted(path.name for path in Path(material.__file__).parent.glob("*.toml")) == [
        "notes.toml",
        "papers_1.toml",
        "papers_2.toml",
        "papers_3.toml",
    ]
