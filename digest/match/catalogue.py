"""What a process keeps of the papers, so that search and previews need not read the database.

The stored normal forms, the names, and when each was news: some 1.5 KB a paper. Looking through
20,000 of them for a phrase takes some 6 ms on any database, where the database itself would read
every row from end to end; and nothing is written for what somebody only tries.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from sys import intern

from subscribers.topics import Acronyms, ParsedTopic, Term
from subscribers.topics.acronyms import other_forms
from subscribers.topics.words import read_words


class Catalogue:
    """Matched papers as parallel lists, in the order they came."""

    def __init__(self) -> None:
        self.pks = array("q")
        self.news = array("q")  # seconds since 1970; 0 while a paper is no news
        self.changes = 0
        self._forms: list[str] = []
        self._title_ends = array("i")
        self._people: list[str] = []  # " author:ada author:adler org:northlight "
        self._kinds: list[str] = []  # the categories, as JSON
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.pks)

    def put(self, pk: int, news_at: datetime | None, form: str, *names: str) -> None:
        """Add a paper, or replace it: its text may have changed.

        `names` are authors, organization and categories, the lists as the JSON of the database.
        """
        place = self._places.setdefault(pk, len(self.pks))
        if place == len(self.pks):
            self._lengthen(pk)
        authors, organization, kinds = names
        self.news[place] = int(news_at.timestamp()) if news_at else 0
        self._forms[place] = form
        self._title_ends[place] = form.find("|") if "|" in form else len(form)
        self._people[place] = f" {_keys('author', _spelled(authors))}{_keys('org', organization)}"
        self._kinds[place] = intern(_spelled(kinds).casefold())
        self.changes += 1

    def _lengthen(self, pk: int) -> None:
        for texts in (self._forms, self._people, self._kinds):
            texts.append("")
        self._title_ends.append(0)
        self.news.append(0)
        self.pks.append(pk)  # last: whoever looks through the lists meanwhile finds them whole

    def may_hold(self, topic: ParsedTopic, acronyms: Acronyms) -> set[int]:
        """Ids of the papers that may hold the topic, and of few others: `find` decides."""
        return {self.pks[place] for place in self.candidates(topic, acronyms, range(len(self)))}

    def candidates(
        self, topic: ParsedTopic, acronyms: Acronyms, places: Sequence[int]
    ) -> list[int]:
        """Those of the places whose papers may hold the topic, in their order."""
        for term in sorted(topic.wanted, key=lambda term: -len(term.key)):
            places = self._with_term(term, acronyms, places)
        return list(places)

    def _with_term(self, term: Term, acronyms: Acronyms, places: Sequence[int]) -> Sequence[int]:
        if term.field in ("author", "org"):
            return self._named(term, places)
        if term.field == "cat":
            kinds, name = self._kinds, f'"{term.words[0].folded}'
            whole, parent = f'{name}"', f"{name}."
            return [i for i in places if whole in kinds[i] or parent in kinds[i]]
        phrases = [f" {form} " for form in other_forms(term, acronyms)]
        return self.with_any(phrases, places, is_title=term.field == "title")

    def _named(self, term: Term, places: Sequence[int]) -> Sequence[int]:
        """With every name that was typed; whom an initial may mean only `find` knows."""
        people, names = self._people, {word.folded for word in term.words}
        for name in sorted(names, key=len, reverse=True):
            key = f" {term.field}:{name}{' ' if len(name) > 1 else ''}"
            places = [i for i in places if key in people[i]]
        return places

    def with_any(
        self, phrases: Iterable[str], places: Sequence[int], *, is_title: bool = False
    ) -> list[int]:
        """Those of the places whose normal form holds one of the padded phrases."""
        forms, ends, held = self._forms, self._title_ends, set[int]()
        for phrase in phrases:
            if is_title:
                held.update([i for i in places if forms[i].find(phrase, 0, ends[i]) >= 0])
            else:
                held.update([i for i in places if phrase in forms[i]])
        return sorted(held)

    def forms_at(self, places: Iterable[int]) -> list[str]:
        """The normal forms of these papers: title | abstract."""
        return [self._forms[place] for place in places]


def _keys(field: str, names: str) -> str:
    """A list of names is read as it stands in JSON, whose signs are no words."""
    return "".join([f"{field}:{name} " for name in dict.fromkeys(read_words(names).folded)])


def _spelled(names: str) -> str:
    """A list as JSON with its own letters: SQLite keeps it in ASCII."""
    return json.dumps(json.loads(names), ensure_ascii=False) if "\\u" in names else names
