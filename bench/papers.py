"""Papers that nobody wrote, with the word statistics of real ones.

What is held to: how long titles, sentences and abstracts are, how often each word comes, that
fields differ in their words and terms, that a term comes several times in its paper, how many
papers have TeX, spell out an acronym, or have a colon in their titles. The figures beside the
constants are those of 2,354 real abstracts. A text means nothing, as no stage reads for meaning.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.terms import FIELDS, MODIFIERS, draw_field, draw_terms
from bench.words import draw_words, make_rare_word

ABSTRACT_WORDS = (5.07, 0.29)  # of the logarithm: median 162 words, from 73 to 285 in 98 of 100
SENTENCE_WORDS = (3.04, 0.40)  # of the logarithm: median 22 words
TITLE_WORDS = (8.2, 2.6)  # mean and standard deviation
WITH_TEX = 0.118
WITH_ACRONYM = 0.44
WITH_COLON = 0.354
TERMS_A_PAPER = (2, 7)
TEX = (
    r"$\mathcal{O}(n \log n)$",
    r"$\epsilon$-optimal",
    r"$L_2$",
    r"\emph{not}",
    r"$10^{-3}$",
    r"$f: \mathbb{R}^d \to \mathbb{R}$",
    r"Erd\H{o}s",
    r"$\alpha > 0$",
)
GIVEN = "Ada Bela Chen Dana Emre Fumi Gita Hugo Ines Jan Kofi Lena Mika Noor Omar Petra Rosa"


@dataclass(frozen=True, slots=True)
class MadePaper:
    """What a source says of one paper."""

    number: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    votes: int  # on its first day; 0 for most


def make_papers(count: int, seed: int = 1, first: int = 0) -> Iterator[MadePaper]:
    """So many papers, the same for the same seed; their numbers begin with `first`."""
    dice = random.Random(seed)
    for number in range(first, first + count):
        yield _make_paper(dice, number)


def _make_paper(dice: random.Random, number: int) -> MadePaper:
    field = draw_field(dice)
    terms = draw_terms(dice, field, dice.randint(*TERMS_A_PAPER))
    other = draw_field(dice)  # one paper in four borrows a term from a field that is not its own
    if dice.random() < 0.25:
        terms.append(draw_terms(dice, other, 1)[0])
    categories = [FIELDS[field][0]] + ([FIELDS[other][0]] if other != field else [])
    return MadePaper(
        number=number,
        title=make_title(dice, field, terms),
        abstract=make_abstract(dice, field, terms),
        authors=tuple(make_author(dice) for _ in range(dice.choice((1, 2, 3, 3, 4, 4, 5, 6, 9)))),
        categories=tuple(categories),
        votes=int(dice.paretovariate(0.9) * 2) % 500 if dice.random() < 0.12 else 0,
    )


def make_title(dice: random.Random, field: int, terms: list[str]) -> str:
    """Some words around a term or two; every third title has a name and a colon first."""
    length = max(3, round(dice.gauss(*TITLE_WORDS)))
    chosen = dice.sample(terms, min(len(terms), dice.choice((1, 1, 2))))
    words = draw_words(dice, field, max(1, length - 2 * len(chosen)))
    for term in chosen:
        words.insert(dice.randint(0, len(words)), term)
    title = " ".join(words)
    if dice.random() < WITH_COLON:
        return f"{make_rare_word(dice).capitalize()}: {title.title()}"
    return title.title()


def make_abstract(dice: random.Random, field: int, terms: list[str]) -> str:
    """Sentences of the field's words, with each of the terms in one to three places."""
    words = draw_words(dice, field, max(30, round(dice.lognormvariate(*ABSTRACT_WORDS))))
    for term in terms:
        for _ in range(dice.choice((1, 1, 2, 3))):
            words[dice.randrange(len(words))] = term if dice.random() < 0.8 else f"{term}s"
    if dice.random() < WITH_ACRONYM:
        words[dice.randrange(len(words))] = spell_out_acronym(dice, terms[0])
    if dice.random() < WITH_TEX:
        for _ in range(dice.randint(1, 4)):
            words[dice.randrange(len(words))] = dice.choice(TEX)
    return " ".join(cut_into_sentences(dice, words))


def spell_out_acronym(dice: random.Random, term: str) -> str:
    """The term with one more word before it, and their initials in brackets, as papers do."""
    long = f"{dice.choice(MODIFIERS)} {term}"
    return f"{long} ({''.join(word[0] for word in long.replace('-', ' ').split()).upper()})"


def cut_into_sentences(dice: random.Random, words: list[str]) -> Iterator[str]:
    """The words with capitals, commas and full stops, in sentences as long as real ones."""
    start = 0
    while start < len(words):
        length = max(5, round(dice.lognormvariate(*SENTENCE_WORDS)))
        sentence = words[start : start + length]
        if len(sentence) > 12:
            sentence[7] += ","
        text = " ".join(sentence)
        yield f"{text[0].upper()}{text[1:]}."
        start += length


def make_author(dice: random.Random) -> str:
    """A name of which many share the first part and few the last."""
    return f"{dice.choice(GIVEN.split())} {make_rare_word(dice).capitalize()}"
