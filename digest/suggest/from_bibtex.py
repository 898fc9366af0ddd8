"""Topics from a BibTeX file: keywords, phrases, and authors of many entries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.suggest.bibtex_import import BibEntry
from digest.suggest.drafts import MOST, Draft, NothingProposed, find_common_authors
from digest.suggest.keyphrases import Passage, find_keyphrases
from digest.suggest.phrase_usage import StoredPapers
from digest.suggest.reading_limit import limit_papers

# Keywords that reference managers copy from arXiv and libraries: where a paper stands in a
# classification, and nothing that its text would say.
_CLASSIFIED = re.compile(
    r"(computer science|statistics|mathematics|physics|electrical engineering and systems science"
    r"|quantitative \w+|economics)\s+[-/–].*|[a-z-]+\.[A-Za-z-]{2,}|\d.*|.*\d{4,}.*|.*[/\\=].*",
    re.IGNORECASE,
)
_LONGEST_KEYWORD = 5  # words
_FEW = 5  # entries: with so few a keyword of one of them says something


def draft_from_entries(entries: Sequence[BibEntry], stored: StoredPapers) -> Draft:
    """What the entries are about, then who wrote many of them; raises NothingProposed."""
    if not entries:
        raise NothingProposed(
            _("This looks like BibTeX, but no entry in it has a title: paste whole entries.")
        )
    count = len(entries)
    read_as = ngettext("BibTeX with one entry", "BibTeX with %(count)s entries", count) % {
        "count": count
    }
    passages, notes = _limit_entries(entries)
    authors = [
        (f'author:"{name}"', _("an author of %(n)s entries") % {"n": n})
        for name, n in find_common_authors([entry.authors for entry in entries])
    ]
    phrases = find_keyphrases(passages, stored, MOST - len(authors), _count_keywords(entries))
    has_abstracts = any(passage.text for passage in passages)
    count = len(passages)
    if has_abstracts:
        of = ngettext("%(count)s entry", "%(count)s entries", count)
    else:
        of = ngettext("%(count)s title", "%(count)s titles", count)
    where = of % {"count": count}
    topics = [(one.phrase, one.explain(where)) for one in phrases]
    return Draft(read_as, topics + authors, notes)


def _limit_entries(entries: Sequence[BibEntry]) -> tuple[list[Passage], tuple[str, ...]]:
    """What is read of the entries, and a note; TeX is taken out of those abstracts alone."""
    raw = [Passage(entry.title, entry.raw_abstract) for entry in entries]
    passages, notes = limit_papers(raw)
    if any(passage.text for passage in passages):
        passages, _unused = limit_papers(
            [Passage(entry.title, entry.abstract) for entry in entries]
        )
    return passages, notes


def _count_keywords(entries: Sequence[BibEntry]) -> dict[str, int]:
    """The keywords with their entries; one that most of many entries lack is chance."""
    counts = Counter(
        word.lower() if word.istitle() else word
        for entry in entries
        for word in dict.fromkeys(entry.keywords)
        if not _CLASSIFIED.fullmatch(word) and len(word.split()) <= _LONGEST_KEYWORD
    )
    fewest = 1 if len(entries) <= _FEW else 2
    return {word: n for word, n in counts.most_common(MOST) if n >= fewest}
