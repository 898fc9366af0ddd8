"""What is deleted of somebody is deleted of the lists that were brought in lately, too.

A list lies in the database for three days while staff try it and bring it in, and what was rejected
of it stays as long (`import_runs`). A line that names an address which is to go is written over.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import reduce
from io import StringIO
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy

from subscribers.lists.import_csv import ERASED
from subscribers.lists.import_file import split_records
from subscribers.models import ListImport, RejectedLine, Subscriber
from subscribers.models.former_addresses import list_addresses

REASON = gettext_lazy("It named somebody who was deleted since.")
OTHER_NAME = "list.csv"
# Signs of an address before its @ (RFC 5322), and those that are one only behind a letter. "=", "/"
# and the like stand around addresses too, and what is left out here is written over.
_IN_NAME, _AFTER_LETTER = r"\w.+-", r"""'\u2019&!$*^`~"""


def on_deletion(subscribers: Sequence[Subscriber], **_: Any) -> None:
    """No list holds an address of whoever is deleted."""
    if ListImport.objects.exists():
        erase_addresses(list_addresses(subscribers))


def erase_addresses(addresses: Collection[str]) -> None:
    """Write over every line, and every rejected line, that names one of these addresses.

    Call it within a transaction. A worker that is at such a list reads it anew (`erasures`).
    """
    spellings = sorted({spelling for one in addresses for spelling in _list_spellings(one)})
    pattern = _compile_addresses(spellings)
    # Lists first: the worker holds the row of its list while it writes down what it rejects.
    for row in _select_naming(ListImport.objects.all(), spellings, "text", "name").defer("text"):
        text = ListImport.objects.select_for_update().values_list("text", flat=True).get(pk=row.pk)
        is_named = any(one in _fold_text(row.name) for one in spellings)
        if not is_named and not _has_address(text, pattern):
            continue
        name = OTHER_NAME if is_named else row.name
        ListImport.objects.filter(pk=row.pk).update(
            text=_erase_lines(text, pattern), name=name, erasures=F("erasures") + 1
        )
    rejects = RejectedLine.objects.annotate(held=Cast("cells", TextField()))
    for reject in _select_naming(rejects, spellings, "held", "reason"):
        if _has_address("\n".join([*reject.cells, reject.reason]), pattern):
            cells = [ERASED] * len(reject.cells)
            RejectedLine.objects.filter(pk=reject.pk).update(cells=cells, reason=str(REASON))


def _list_spellings(address: str) -> list[str]:
    """The address as it is stored, and as a list may have it: its domain in its own script."""
    local, _, domain = address.partition("@")
    return [address, f"{local}@{'.'.join(map(_decode_label, domain.split('.')))}"]


def _decode_label(label: str) -> str:
    """A part of a domain in its own script. IDNA 2003, which Python speaks, knows no ß there."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label[:4] == "xn--" else label
    except UnicodeError:
        return label


def _compile_addresses(spellings: Collection[str]) -> re.Pattern[str]:
    """Finds them in any case, but not within a longer address."""
    either = "|".join(map(re.escape, spellings))
    starts = rf"(?<![{_IN_NAME}])(?<!\w[{_AFTER_LETTER}])"
    return re.compile(rf"{starts}(?:{either})(?!\.?[\w-])", re.IGNORECASE)


def _select_naming(rows: QuerySet[Any], spellings: Collection[str], *columns: str) -> QuerySet[Any]:
    """The rows one of whose columns has one of these somewhere, and some more.

    Looked for by what stands before the @, of which there is one spelling: a domain has many.
    """
    names = {spelling.partition("@")[0] for spelling in spellings}
    pattern = f"({'|'.join(map(re.escape, sorted(names)))})@"
    return rows.filter(reduce(or_, (Q(**{f"{column}__iregex": pattern}) for column in columns)))


def _has_address(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether the pattern finds an address in the text as it stands, or as it is read."""
    if pattern.search(text):
        return True
    return not text.isascii() and bool(pattern.search(_fold_text(text)))


def _fold_text(text: str) -> str:
    """Small letters, whole and of usual width, and full stops, as domains are read (UTS 46)."""
    return unicodedata.normalize("NFKC", text).replace("\u3002", ".").lower()


def _erase_lines(text: str, pattern: re.Pattern[str]) -> str:
    """The list with every line that the pattern finds written over; their numbers stay."""
    if not _has_address(text, pattern):
        return text
    head, separator, records = split_records(text)
    kept = [
        _write_over(raw, cells, separator) if _has_address(raw, pattern) else raw
        for raw, cells in records
    ]
    return "".join([head, *kept])


def _write_over(raw: str, cells: list[str], separator: str) -> str:
    """As many cells in as many lines of the file, none of which says anything."""
    body = raw.rstrip("\r\n")
    breaks = "\n" * len(body.splitlines()[1:])
    line = StringIO()
    blank = [ERASED] * (len(cells) - 1)
    csv.writer(line, delimiter=separator).writerow([*blank, ERASED + breaks])
    return line.getvalue().removesuffix("\r\n") + raw[len(body) :]
