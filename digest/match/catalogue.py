"""The stored papers as lists in memory, so that search and previews need not read the database.

Normal forms, names, and when each paper was news: some 1.5 KB a paper. To look through 20,000 of
them for a phrase takes some 6 ms on any database, where the database itself would read every row
from end to end; only those that hold its frequent words are looked at (frequent_words.py).
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from sys import intern
from threading import Lock

from digest.match.frequent_words import FrequentWords
from subscribers.topics import Acronyms, ParsedTopic, Term
from subscribers.topics.all_forms import list_all_forms
from subscribers.topics.author_names import (
    find_first_letter,
    list_author_keys,
    make_author_key,
)
from subscribers.topics.words import read_words


class Catalogue:
    """Matched papers as parallel lists, in the order in which they were added.

    A paper is known by its position in these lists, which never changes.
    """

    def __init__(self, frequent_stems: Iterable[str] = ()) -> None:
        """Of the frequent stems it is kept which papers hold them."""
        self.frequent_words = FrequentWords(frequent_stems)
        self.pks = array("q")
        self.news_at = array("q")  # seconds since 1970; 0 while a paper is no news
        self.changes = 0
        self._forms: list[str] = []
        self._title_ends = array("i")
        self._people: list[str] = []  # " author:ada author:adler org:northlight "
        self._categories: list[str] = []  # as JSON
        self._positions: dict[int, int] = {}  # by the paper's id
        self._put_meanwhile: set[int] | None = None  # while frequent words are noted

    def __len__(self) -> int:
        return len(self.pks)

    def put_paper(
        self,
        pk: int,
        news_at: datetime | None,
        form: str,
        authors: str,
        organization: str,
        categories: str,
    ) -> None:
        """Add a paper, or replace it: its text may have changed.

        `form` is its normal form; authors and categories are lists as the JSON of the database.
        """
        position = self._positions.setdefault(pk, len(self.pks))
        is_new = position == len(self.pks)
        if is_new:
            self._append_empty(pk)
        people = _join_keys("author", _list_author_keys(authors))
        people += _join_keys("org", read_words(organization).folded)
        self.news_at[position] = int(news_at.timestamp()) if news_at else 0
        self._forms[position] = form
        self._title_ends[position] = form.find("|") if "|" in form else len(form)
        self._people[position] = f" {people}"
        words = self.frequent_words
        (words.add_paper if is_new else words.add_words)(position, form)
        if self._put_meanwhile is not None:
            self._put_meanwhile.add(position)
        self._categories[position] = intern(_decode_letters(categories).casefold())
        self.changes += 1

    def _append_empty(self, pk: int) -> None:
        for texts in (self._forms, self._people, self._categories):
            texts.append("")
        self._title_ends.append(0)
        self.news_at.append(0)
        self.pks.append(pk)  # last: whoever looks through the lists meanwhile finds them whole

    def keep_frequent_words(self, stems: Iterable[str], lock: Lock) -> None:
        """Note which papers hold these; meanwhile all are found as before.

        `lock` is held by whoever puts papers: what is put meanwhile is noted in the end.
        """
        words = FrequentWords(stems)
        with lock:
            size, self._put_meanwhile = len(self), set()
        for position in range(size):
            words.add_paper(position, self._forms[position])
        with lock:
            for position in sorted(self._put_meanwhile):
                words.add_words(position, self._forms[position])
            self.frequent_words, self._put_meanwhile = words, None

    def find_position(self, pk: int) -> int | None:
        """Where the paper of this id stands; None where it is not here."""
        return self._positions.get(pk)

    def find_candidate_ids(self, topic: ParsedTopic, acronyms: Acronyms) -> set[int]:
        """Ids of the papers that may hold the topic, and of few others: `find` decides."""
        return {self.pks[i] for i in self.find_candidates(topic, acronyms, range(len(self)))}

    def find_candidates(
        self, topic: ParsedTopic, acronyms: Acronyms, positions: Sequence[int]
    ) -> list[int]:
        """Those of the positions whose papers may hold the topic, in their order."""
        for term in sorted(topic.wanted, key=lambda term: -len(term.key)):
            positions = self._filter_by_term(term, acronyms, positions)
        return list(positions)

    def _filter_by_term(
        self, term: Term, acronyms: Acronyms, positions: Sequence[int]
    ) -> Sequence[int]:
        if term.field in ("author", "org"):
            return self._filter_by_names(term, positions)
        if term.field == "cat":
            categories, name = self._categories, f'"{term.words[0].folded}'
            whole, parent = f'{name}"', f"{name}."
            return [i for i in positions if whole in categories[i] or parent in categories[i]]
        phrases = [f" {form} " for form in list_all_forms(term, acronyms)]
        return self.filter_by_phrases(phrases, positions, is_title=term.field == "title")

    def _filter_by_names(self, term: Term, positions: Sequence[int]) -> Sequence[int]:
        """Those with every name that was typed; whom an initial may mean only `find` knows."""
        people = self._people
        for name in sorted(_list_typed_keys(term), key=len, reverse=True):
            key = f" {term.field}:{name}{' ' if len(name) > 1 else ''}"
            positions = [i for i in positions if key in people[i]]
        return positions

    def filter_by_phrases(
        self, phrases: Iterable[str], positions: Sequence[int], *, is_title: bool = False
    ) -> list[int]:
        """Those of the positions whose normal form holds one of the phrases, padded with blanks.

        With `is_title` only the title's part of the normal form counts.
        """
        forms, ends, matching = self._forms, self._title_ends, set[int]()
        for phrase in phrases:
            likely = self.frequent_words.narrow(phrase, positions)
            if is_title:
                matching.update([i for i in likely if forms[i].find(phrase, 0, ends[i]) >= 0])
            else:
                matching.update([i for i in likely if phrase in forms[i]])
        return sorted(matching)

    def list_normal_forms(self, positions: Iterable[int]) -> list[str]:
        """The normal forms of these papers: title | abstract."""
        return [self._forms[i] for i in positions]


def _list_typed_keys(term: Term) -> set[str]:
    if term.field == "author":
        return {make_author_key(term), find_first_letter(term)} - {""}
    return {word.folded for word in term.words}


def _list_author_keys(authors: str) -> Iterable[str]:
    return (key for name in json.loads(authors) for key in list_author_keys(str(name)))


def _join_keys(field: str, keys: Iterable[str]) -> str:
    """The keys of all names with their field before each: "author:ada author:lovelace "."""
    return "".join([f"{field}:{key} " for key in dict.fromkeys(keys)])


def _decode_letters(names: str) -> str:
    """A list as JSON with its own letters: SQLite keeps it in ASCII."""
    return json.dumps(json.loads(names), ensure_ascii=False) if "\\u" in names else names
