"""What is characteristic of one paper: its traits, and the words a subscriber may mute it by.

Traits are what a subscriber's *more* and *less* are learned from beside their topics, so there are
few kinds of them: the primary category, the organization, the words of the title. Pure functions
of a paper's own text; nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from digest.models import Paper
from subscribers.topics.capitals import list_capitals
from subscribers.topics.highlight import read_form
from subscribers.topics.letters import fold
from subscribers.topics.phrases import is_filler, lower_sentence_capitals
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words, normal_form, read_words

TERM_CHARS = 200
TraitKeys = tuple[tuple[str, str], ...]
# Kinds of paper, which many a subscriber wants none of: the longer ones first, since one may hold
# another. As titles spell them, in the singular.
KINDS_OF_PAPER = (
    "technical report",
    "position paper",
    "systematic review",
    "shared task",
    "case study",
    "survey",
    "benchmark",
    "tutorial",
    "review",
    "dataset",
    "leaderboard",
    "competition",
    "challenge",
    "workshop",
    "roadmap",
)
# Verbs and the like that titles begin with or are put together by, and no abstract is full of.
_JOINING = (
    "rethinking revisiting bridging unlocking leveraging building across under based aware driven "
    "guided robust fast scalable unified"
)
_TITLE_WORDS = frozenset(_JOINING.split())
_OPENINGS = frozenset({"learning", "training", "scaling", "teaching"})  # only there they are verbs
_PARTICLES = frozenset({"von", "van", "de", "der", "di"})  # the von Neumann entropy
# Behind these a word in -ing is a verb: for adapting LLMs, by pruning.
_BEHIND_VERBS = {"the", "a", "an", "its", "their", "your"}
_BEFORE_VERBS = {"for", "by", "via", "when", "while", "without", "before", "after"}


@dataclass(frozen=True, order=True)
class Trait:
    """One thing that papers share; `said` is how it is shown, and does not tell two apart."""

    kind: str  # Leaning.Kind: topic, category, organization or word
    term: str
    said: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.term


def list_traits(title: str, categories: Sequence[str], organization: str) -> list[Trait]:
    """The traits of a paper: its primary category, its organization, its title's words in order.

    Words are compared by their stems; small words, numbers and single letters are left out.
    """
    traits = [Trait("category", fold(name)[:TERM_CHARS], name) for name in categories[:1]]
    if organization:
        traits.append(Trait("organization", fold(organization)[:TERM_CHARS], organization))
    words = read_words(title)
    told: dict[str, Trait] = {}
    for i, stem in enumerate(words.stems):
        if _says_something(words, i):
            term = stem[:TERM_CHARS]
            told.setdefault(term, Trait("word", term, _spell_as_topic(words, i, i)))
    return [*traits, *told.values()]


def list_noun_stems(title: str) -> set[str]:
    """The stems of a title's words by which one would name what it is about.

    The last two of each row of words, where English keeps the noun; none of three letters or fewer
    but names in capitals, and no prefix: of "A Local Method for Re-expression" it is expression.
    """
    words = read_words(title)
    ends = [i for row in _split_rows(words) if not _is_cut(words, row[-1]) for i in row[-2:]]
    names = [i for i in range(len(words.stems)) if _is_name(words, i)]
    return {words.stems[i] for i in [*ends, *names] if len(words.folded[i]) > 3 or i in names}


def _is_cut(words: Words, i: int) -> bool:
    """Whether the noun that a row ends before says nothing: a local method, a robust framework."""
    is_last = i + 1 == len(words.stems)
    return not is_last and words.is_together(i, i + 1) and words.folded[i + 1] not in STOP_WORDS


def _is_name(words: Words, i: int) -> bool:
    return bool(list_capitals(words.spell(i, i)))


class MuteOffers:
    """What a card's link may offer to mute: the words between the quotes of *mute "survey"*.

    In this order: the kind of paper that its title names ("survey", "benchmark"), a phrase of its
    title ("video generation"), its primary category ("cs.RO"). The link's page offers more, with
    the number of papers each hides. They are read from a paper once, whatever its subscribers
    follow.
    """

    def __init__(self, title: str, abstract: str, categories: Sequence[str]) -> None:
        self._kinds = [(kind, normal_form(kind)) for kind in list_kinds_named(title)]
        phrases = _keep_said(_read_title_phrases(title), abstract)
        self._phrases = [(phrase, frozenset(stems)) for stems, phrase in phrases.items()]
        self._categories = [str(name) for name in categories[:1]]

    def choose_offer(self, found: Collection[str] = ()) -> str:
        """The first that is not followed; "" where there is none.

        `found` are the words by which the subscriber's topics found the paper
        (paper_lines.list_found_words): what they follow is never offered.
        """
        forms = {read_form(text) for text in found}
        followed = [_read_stems(form) for form in forms] if self._phrases else []
        kinds = (kind for kind, form in self._kinds if form not in forms)
        phrases = (
            phrase
            for phrase, stems in self._phrases
            if not any(stems <= topic for topic in followed)
        )
        categories = (name for name in self._categories if name not in found)
        return next(chain(kinds, phrases, categories), "")


@lru_cache(16_384)
def _read_stems(form: str) -> frozenset[str]:
    return frozenset(form.split())


def list_kinds_named(title: str) -> list[str]:
    """The kinds of paper that a title names, such as "survey", none of them part of another."""
    form, named = normal_form(title), list[str]()
    for kind in KINDS_OF_PAPER:
        if normal_form(kind) in form and not any(kind in longer for longer in named):
            named.append(kind)
    return named


def list_phrases(paper: Paper, found: Collection[str] = ()) -> list[str]:
    """The phrases of its title that its abstract says too, and so are no turn of the title alone.

    "Making Code Playable" is about no "code playable". What somebody follows is left out.
    """
    phrases = _leave_followed(_read_title_phrases(paper.title), found)
    return list(_keep_said(phrases, paper.abstract).values())


Phrases = dict[tuple[str, ...], str]  # by their stems


def _leave_followed(phrases: Phrases, found: Collection[str]) -> Phrases:
    """Without those that are part of what somebody follows."""
    followed = [set(normal_form(text).split()) for text in found]
    return {s: p for s, p in phrases.items() if not any(set(s) <= topic for topic in followed)}


def _keep_said(phrases: Phrases, abstract: str) -> Phrases:
    """Those that the abstract says too; all where there is none."""
    said = normal_form(abstract)
    return {s: p for s, p in phrases.items() if not abstract or normal_form(p) in said}


def _read_title_phrases(title: str) -> Phrases:
    """The phrases of a title, two or three words each, the most telling first.

    A phrase is the end of a row of words without small words or stops between them, where English
    keeps the noun, spelled as the title has it. What stands before a colon is mostly a name of the
    authors' own, and comes last.
    """
    words = read_words(title)
    colon = title.find(": ")
    rows = sorted(_split_rows(words), key=lambda row: (words.spans[row[0]][0] < colon, -len(row)))
    phrases: Phrases = {}
    for row in rows:
        first, last = _find_beginning(words, row), _find_end(words, row)
        stems = words.stems[first : last + 1]
        if len(stems) > 1 and words.folded[last] not in _TITLE_WORDS:
            phrases.setdefault(tuple(stems), " ".join(words.spell(first, last).split()))
    return phrases


def _split_rows(words: Words) -> Iterator[list[int]]:
    """Places of words that say something and stand side by side."""
    row: list[int] = []
    for i in range(len(words.stems)):
        if row and not words.is_together(i - 1, i):
            yield row
            row = []
        if _says_something(words, i) and (row or not _is_verb(words, i)):
            row.append(i)
        elif row:
            yield row
            row = []
    if row:
        yield row


def _is_verb(words: Words, i: int) -> bool:
    """Whether a word that would begin a row is a verb and no noun."""
    is_ing = len(words.folded[i]) > 5 and words.folded[i].endswith("ing")
    is_led = i > 0 and words.folded[i - 1] in _BEFORE_VERBS
    leads = i + 1 < len(words.folded) and words.folded[i + 1] in _BEHIND_VERBS
    return words.folded[i] in _OPENINGS or (is_ing and (is_led or leads))


def _find_beginning(words: Words, row: list[int]) -> int:
    """Where the row's last two words begin; "vision-language models" is not cut at its hyphen."""
    first = max(row[0], row[-1] - 1)
    if first > row[0] and words.folded[first - 1] in _PARTICLES:
        first -= 1
    while first > 0 and words.is_compound(first):
        first -= 1
    return first


def _find_end(words: Words, row: list[int]) -> int:
    """Where the row ends; "virtual try-on" is not cut at its hyphen either."""
    last = row[-1]
    while last + 1 < len(words.stems) and words.is_compound(last + 1):
        last += 1
    return last


def _says_something(words: Words, i: int) -> bool:
    return not is_filler(words, i) and words.folded[i] not in _TITLE_WORDS


def _spell_as_topic(words: Words, first: int, last: int) -> str:
    """The words as a topic is typed: small letters, but for capitals that count."""
    return lower_sentence_capitals(words.spell(first, last))
