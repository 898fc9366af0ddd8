"""The papers that may hold a topic, by the database's own index of words: all, however many.

PostgreSQL has a GIN index of the words, SQLite an FTS5 table of them. Both are asked for the same
as the catalogue in memory: stems side by side, names, categories. `find` decides in the end. What
comes back are the papers that came last, as many as are wanted, and an estimate of how many more
there are: counting them would read them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from digest.models import Paper, PaperWords
from subscribers.topics import Acronyms, ParsedTopic, Term
from subscribers.topics.all_forms import list_all_forms
from subscribers.topics.author_names import (
    find_first_letter,
    list_author_keys,
    make_author_key,
)
from subscribers.topics.words import read_words

_AT_ONCE = 500
_LAST_ID = 2**63 - 1
_IS_NEWS = "first_seen_at > %s OR news_at > %s OR available_at > %s"
# What compose has not seen yet becomes available when it does.
_IS_UNSEEN = "news_at IS NOT NULL AND (available_at IS NULL OR available_at < news_at)"


@dataclass(frozen=True)
class Found:
    """Ids of papers that may hold a topic, the last first, and how many more there may be."""

    ids: list[int]
    more: int


def store_words(papers: Iterable[Paper]) -> None:
    """Write what these papers are found by, from their normal forms and names."""
    PaperWords.objects.bulk_create(
        map(_make_row, papers),
        _AT_ONCE,
        update_conflicts=True,
        unique_fields=["paper"],
        update_fields=["title", "abstract", "names"],
    )


def _make_row(paper: Paper) -> PaperWords:
    columns = (paper.normal_form, paper.authors, paper.organization, paper.categories)
    return PaperWords(paper_id=paper.pk, **make_words(*columns))


def make_words(
    normal_form: str, authors: list[str], organization: str, categories: list[str]
) -> dict[str, str]:
    """Return the columns of a paper's words."""
    title, _, abstract = normal_form.partition("|")
    names = " ".join(dict.fromkeys(_list_name_keys(authors, organization, categories)))
    return {"title": title, "abstract": abstract, "names": f" {names} "}


def _list_name_keys(authors: list[str], organization: str, categories: list[str]) -> Iterator[str]:
    """author:ada and the initial author:a, the same for org:, cat:cs.ro and its parent cat:cs."""
    people = [key for name in authors for key in list_author_keys(str(name))]
    for field, names in (("author", people), ("org", read_words(organization).folded)):
        for name in names:
            yield f"{field}:{name}"
            yield f"{field}:{name[0]}"
    for category in categories:
        name = "_".join(str(category).casefold().split())
        yield f"cat:{name}"
        yield from (f"cat:{name[:at]}" for at, sign in enumerate(name) if sign == ".")


def finds_frequent_words_fast() -> bool:
    """Whether a word in every second paper takes no longer than a rare one.

    FTS5 goes along its lists from the newest paper back and stops. GIN reads them whole, and
    PostgreSQL each row for how its words stand.
    """
    return connection.vendor != "postgresql"


def find_newest(topic: ParsedTopic, acronyms: Acronyms, most: int, up_to: int = _LAST_ID) -> Found:
    """Return at most so many papers with ids up to `up_to` that may hold the topic."""
    if most <= 0:
        return Found([], 0)
    query = _write_query(topic, acronyms)
    newest = f"{query.select} AND {query.key} <= %s ORDER BY {query.key} DESC LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(newest, [*query.values, up_to, most + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
    return Found(ids[:most], _estimate_more(ids[:most], up_to) if len(ids) > most else 0)


@transaction.atomic
def find_candidates(
    topics: Mapping[int, ParsedTopic],
    since: datetime,
    acronyms: Acronyms,
    news_since: datetime | None = None,
    newest_since: datetime | None = None,
) -> list[tuple[int, int, bool]]:
    """A topic's id, that of a paper that may hold it, and whether the paper is among the newest.

    All such and few others, of the matched papers that were first seen after `since`; where
    `news_since` is given, of those that were first seen, became news or became available to digests
    after it. The newest are those after `newest_since`, or not seen by a digest yet: else none. In
    one statement.
    """
    if not topics:
        return []
    queries = {pk: _write_query(topic, acronyms) for pk, topic in topics.items()}
    moments, where, newest = [since], "first_seen_at > %s", "1 = 0"
    if news_since:
        moments += [news_since] * 3
        where += f" AND ({_IS_NEWS})"
    if newest_since:
        moments[:0] = [newest_since] * 3
        newest = f"COALESCE({_IS_NEWS} OR {_IS_UNSEEN}, 1 = 0)"
    selects = [
        f"SELECT {pk:d}, id, {newest} FROM digest_paper"
        f" WHERE {where} AND id IN ({_found_first(query)})"
        for pk, query in queries.items()
    ]
    adapted = [connection.ops.adapt_datetimefield_value(moment) for moment in moments]
    values = [value for query in queries.values() for value in (*adapted, *query.values)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(" UNION ALL ".join(selects), values)
        return [(topic, paper, bool(is_newest)) for topic, paper, is_newest in cursor.fetchall()]


def _found_first(query: _Query) -> str:
    """The statement, made by the index of words before any other.

    To take the words of rows apart takes fifty microseconds each, of which PostgreSQL's planner
    knows nothing: where another index tells of few rows, it would do that to all of them.
    """
    if connection.vendor != "postgresql":
        return query.select
    return f"WITH found AS MATERIALIZED ({query.select}) SELECT paper_id FROM found"


def find_newest_with(stem: str, most: int) -> list[int]:
    """The ids of at most so many papers that hold this word, the last first: of SQLite alone."""
    with connection.cursor() as cursor:
        said = f"{{title abstract}} : {_quote(stem)}"
        cursor.execute(f"{_SQLITE} MATCH %s ORDER BY rowid DESC LIMIT %s", [said, most])
        return [pk for (pk,) in cursor.fetchall()]


def find_holding_each(stems: Collection[str]) -> list[tuple[str, int]]:
    """Each of these words with the id of each paper that holds it; for rare words alone."""
    if not stems:
        return []
    if connection.vendor != "postgresql":
        return [(stem, pk) for stem in stems for pk in find_newest_with(stem, _LAST_ID)]
    select = f"SELECT %s, paper_id FROM digest_paperwords WHERE {_WORDS} @> %s::text[]"
    with connection.cursor() as cursor:
        values = [value for stem in stems for value in (stem, [stem])]
        cursor.execute(" UNION ALL ".join([select] * len(stems)), values)
        pairs: list[tuple[str, int]] = cursor.fetchall()
        return pairs


def find_holding_any(stems: Collection[str], most: int) -> list[int]:
    """The ids of at most so many papers that hold one of these words at least, the last first."""
    if not stems:
        return []
    wanted = sorted(stems)
    if connection.vendor == "postgresql":
        return _find_in_postgresql(wanted, most)
    said = f"{{title abstract}} : ({' OR '.join(map(_quote, wanted))})"
    with connection.cursor() as cursor:
        cursor.execute(f"{_SQLITE} MATCH %s ORDER BY rowid DESC LIMIT %s", [said, most])
        return [pk for (pk,) in cursor.fetchall()]


def _find_in_postgresql(stems: list[str], most: int) -> list[int]:
    """By the index of words alone, and the last of the first ENOUGH that it finds.

    The planner takes words to be frequent. So for the last that hold some it would go through all
    rows from the end, and where none holds any that took a minute for 20,000 papers.
    """
    found = f"{_POSTGRESQL} WHERE {_WORDS} && %s::text[]"
    select = (
        f"WITH found AS MATERIALIZED ({found}) SELECT paper_id FROM"
        " (SELECT paper_id FROM found LIMIT %s) enough ORDER BY paper_id DESC LIMIT %s"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(select, [stems, ENOUGH * most, most])
        ids = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return ids


def _estimate_more(ids: Sequence[int], up_to: int) -> int:
    """How many come before the last of these ids, if they are as frequent there as behind it."""
    rows = Paper.objects.order_by("pk").values_list("pk", flat=True)
    first, last = rows[:1].get(), rows.filter(pk__lte=up_to).last() or ids[0]
    return max(1, round(len(ids) * (ids[-1] - first) / (last - ids[-1] + 1)))


class _Query(NamedTuple):
    """Which papers may hold a topic: their ids by a statement that can be added to."""

    select: str
    values: list[Any]
    key: str  # the column with the ids


def _write_query(topic: ParsedTopic, acronyms: Acronyms) -> _Query:
    if connection.vendor == "postgresql":
        conditions = [_write_condition(term, acronyms) for term in topic.wanted]
        where = " AND ".join(condition for condition, _ in conditions)
        values = [value for _, own in conditions for value in own]
        return _Query(f"{_POSTGRESQL} WHERE {where}", values, "paper_id")
    match = " AND ".join(_write_match(term, acronyms) for term in topic.wanted)
    return _Query(f"{_SQLITE} MATCH %s", [match], "rowid")


# PostgreSQL: an array of all words, of which the index tells which rows have them. That phrases
# stand side by side is seen in the rows themselves, which is most of what a question costs: where a
# single word may stand anywhere the index has said it all, since no name's key is a word.

_WORDS = "string_to_array(title || abstract || names, ' ')"
ENOUGH = 400  # papers that are looked at for each that is wanted, where a word is in very many
_POSTGRESQL = "SELECT paper_id FROM digest_paperwords"


def _write_condition(term: Term, acronyms: Acronyms) -> tuple[str, list[Any]]:
    if keys := list_keys(term):
        return f"{_WORDS} @> %s::text[]", [keys]
    conditions, values = [], list[Any]()
    for form in list_all_forms(term, acronyms):
        stems, phrase = form.split(), f"% {_escape_like(form)} %"
        if len(stems) == 1 and term.field != "title":
            conditions.append(f"{_WORDS} @> %s::text[]")
            values.append(stems)
            continue
        columns = ["title"] if term.field == "title" else ["title", "abstract"]
        like = " OR ".join(f"{column} LIKE %s" for column in columns)
        # Of a phrase with several forms the whole condition is looked at in each row, where to take
        # its words apart costs most: first what it mostly lacks.
        conditions.append(f"(({like}) AND {_WORDS} @> %s::text[])")
        values += [*[phrase] * len(columns), stems]
    return f"({' OR '.join(conditions)})", values


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


# SQLite: FTS5 knows where words stand, so that a phrase needs no second look.

_SQLITE = "SELECT rowid FROM digest_paperwords_index WHERE digest_paperwords_index"


def _write_match(term: Term, acronyms: Acronyms) -> str:
    if keys := list_keys(term):
        return f"(names : ({' AND '.join(map(_quote, keys))}))"
    columns = "title" if term.field == "title" else "{title abstract}"
    phrases = map(_quote, list_all_forms(term, acronyms))
    return f"({columns} : ({' OR '.join(phrases)}))"


def _quote(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def list_keys(term: Term) -> list[str]:
    """The keys of a term for names (`_list_name_keys`); none for one that asks for words."""
    if term.field == "cat":
        return [f"cat:{term.words[0].folded}"]
    if term.field == "author":
        names = (make_author_key(term), find_first_letter(term))
        return [f"author:{name}" for name in names if name]
    if term.field == "org":
        return [f"org:{word.folded}" for word in term.words]
    return []
