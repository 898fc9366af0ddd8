"""A list of people as spreadsheets and mail services export it: bytes into named cells.

What they write: Excel, Mailchimp, Substack, Ghost, Buttondown, listmonk, Kit. Encodings, separators
and names of columns differ; the meaning of each cell is judged elsewhere (`import_cells`).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CELL_CHARS = 50_000
COLUMNS = ("email", "topics", "timezone", "send_hour", "cadence", "max_papers", "confirmed")
# How others name these columns, in small letters with blanks for other signs.
_OTHER_NAMES = {
    "email": (
        "e mail|email address|e mail address|emailaddress|mail|mail address|subscriber email|"
        "subscriber|user email|contact email|primary email|work email|e mail adresse|"
        "adresse e mail|adresse email|correo electronico|correo"
    ),
    "topics": "topic",
    "timezone": "time zone|tz|zone",
    "send_hour": "send time|send at|hour",
    "cadence": "frequency|how often",
    "max_papers": "papers|papers per mail",
    "confirmed": "confirm time|confirmed at|confirmed on|consent|consent date",
}
_NAMES = {
    other: name for name, others in _OTHER_NAMES.items() for other in [name, *others.split("|")]
} | {"send hour": "send_hour", "max papers": "max_papers"}
_TAGS = ("tags", "tag", "labels", "label", "groups", "interests", "segments")
_SEPARATORS = ",;\t|"
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


class UnreadableList(Exception):
    """The file cannot be read as a list of subscribers; the message is a sentence.

    `option` is the command's by which one says what was missed: a page has a field for it.
    """

    def __init__(self, said: str, option: str = "") -> None:
        super().__init__(said)
        self.option = option


@dataclass(frozen=True)
class Line:
    """One line of the file: where it begins, and its cells as they stand and by their names."""

    number: int
    cells: list[str]
    named: dict[str, str]  # by our names of columns
    others: dict[str, str] = field(default_factory=dict)  # by theirs: "unsub time"


@dataclass(frozen=True)
class Header:
    """What the first line names: our columns by their places, and all by their own names."""

    cells: list[str]
    places: dict[str, int]
    names: list[str]

    def find_title(self, name: str) -> str:
        """How the file itself names one of our columns."""
        place = self.places.get(name)
        return self.cells[place].strip() if place is not None and self.cells else name


def decode_list(body: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the text of a file, and what somebody should know of how it was read, or "".

    Raises UnreadableList for what is no text, and for an encoding that is not known, or that the
    file is not in.
    """
    for mark, kind in _OTHER_FILES:
        if body.startswith(mark):
            raise UnreadableList(_SAVE_AS_CSV.format(kind=kind))
    if encoding:
        return _decode_as(body, encoding), ""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _decode_as(body, name), ""
    if b"\0" in body[:400]:  # UTF-16 without its mark: every second byte of Latin letters is 0
        try:
            return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le"), ""
        except UnicodeDecodeError as error:
            raise UnreadableList(_SAVE_AS_CSV.format(kind=_("no text file"))) from error
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        number = body.count(b"\n", 0, error.start) + 1
        note = _(
            "It is not in UTF-8 (line %(number)s) and was read as Windows-1252, as "
            "Excel writes it. Where letters look wrong, save it as “CSV UTF-8”, or "
            "say which encoding it is in."
        ) % {"number": number}
        return body.decode("cp1252", errors="replace"), note


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AS_CSV = gettext_lazy("It is {kind}: save the list as “CSV UTF-8” and try that file.")
# What else people choose, by how such files begin.
_PICTURE = gettext_lazy("a picture")
_OTHER_FILES = (
    (b"PK\x03\x04", gettext_lazy("a spreadsheet as Excel keeps it, or an archive")),  # .xlsx, .ods
    (b"\xd0\xcf\x11\xe0", gettext_lazy("a spreadsheet as an old Excel keeps it")),  # .xls
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"%PDF-", gettext_lazy("a PDF")),
    (b"\x1f\x8b", gettext_lazy("compressed")),
)


def _decode_as(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except LookupError as error:
        raise UnreadableList(
            _("“%(encoding)s” is no encoding: write one such as utf-8, cp1252 or utf-16.")
            % {"encoding": encoding}
        ) from error
    except UnicodeError as error:
        raise UnreadableList(
            _("It is not in %(encoding)s: %(error)s. Save it as “CSV UTF-8” and try again.")
            % {"encoding": encoding, "error": error}
        ) from error


def read_lines(text: str, email_column: str = "", *, uses_tags: bool = False) -> _Lines:
    """Return the lines of a list, of which `header` says what its columns are.

    `email_column` names the column with the addresses, or says its number, where it is called as
    nobody would guess; with `uses_tags` a column of tags holds the topics. Raises UnreadableList
    for a file without such a column, and for broken CSV where it breaks off.
    """
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableList(_("It is empty."))
    csv.field_size_limit(CELL_CHARS)
    return _Lines(text, email_column, uses_tags=uses_tags)


def split_lines(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    """So many lines at a time; where a file breaks off, what stands before that comes first."""
    while True:
        chunk: list[Line] = []
        try:
            chunk.extend(islice(lines, size))
        except UnreadableList:
            yield chunk
            raise
        if not chunk:
            return
        yield chunk


def split_records(text: str) -> tuple[str, str, Iterator[tuple[str, list[str]]]]:
    """What stands before the lines, their separator, and each line as it stands with its cells.

    A line of a list may be several of its file, where a cell has line ends within it. For a text
    that `read_lines` could read.
    """
    body, _, separator = _find_separator(text)
    rows = io.StringIO(body, newline="").readlines()

    def pair_up() -> Iterator[tuple[str, list[str]]]:
        csv.field_size_limit(CELL_CHARS)
        reader, begun = csv.reader(rows, delimiter=separator), 0
        for cells in reader:
            yield "".join(rows[begun : reader.line_num]), cells
            begun = reader.line_num

    return text[: len(text) - len(body)], separator, pair_up()


class _Lines:
    """The lines of one file that are not empty, below the one that names the columns."""

    def __init__(self, text: str, email_column: str, *, uses_tags: bool) -> None:
        text, self._skipped, separator = _find_separator(text)
        self._uses_tags = uses_tags
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        first = self._read_row()
        self._waiting: list[tuple[int, list[str]]] = []
        if len(first) == 1 and _ADDRESS.fullmatch(first[0].strip()):
            self._waiting = [(1 + self._skipped, first)]  # addresses alone, without a header
            first = ["email"]
        self.header = _read_header(first, email_column, uses_tags=uses_tags)

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self._waiting:
            yield self._name_cells(number, cells)
        number = self._reader.line_num + 1
        while cells := self._read_row():
            if any(cell.strip() for cell in cells):
                yield self._name_cells(number + self._skipped, cells)
            number = self._reader.line_num + 1

    def _read_row(self) -> list[str]:
        """The next row, [] at the end; an empty line is a row of one empty cell."""
        try:
            row = next(self._reader, None)
        except csv.Error as error:
            number = self._reader.line_num + self._skipped
            raise UnreadableList(
                _("Line %(number)s cannot be read: %(error)s.") % {"number": number, "error": error}
            ) from error
        return [] if row is None else row or [""]

    def _name_cells(self, number: int, cells: list[str]) -> Line:
        stripped = [cell.strip(" \t\r\n\u00a0\u200b\ufeff") for cell in cells]
        named = {
            name: stripped[place]
            for name, place in self.header.places.items()
            if place < len(stripped)
        }
        if self._uses_tags and "topics" in named:  # Mailchimp quotes each: "robots","bees"
            named["topics"] = named["topics"].replace('"', "")
        return Line(number, cells, named, dict(zip(self.header.names, stripped, strict=False)))


def _find_separator(text: str) -> tuple[str, int, str]:
    """The text, lines taken off its beginning, and its separator, which Excel may name: sep=;"""
    first, _line_end, rest = text.partition("\n")
    if named := re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE):
        return rest, 1, named[1]
    unquoted = re.sub(r'"[^"]*"', "", first)
    return text, 0, max(_SEPARATORS, key=unquoted.count)


def _read_header(cells: list[str], email_column: str, *, uses_tags: bool) -> Header:
    names = [_fold_name(cell) for cell in cells]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        # A name of ours goes before another service's for the same.
        ours = _NAMES.get(name)
        if ours and (ours not in places or name == ours):
            places[ours] = place
    if email_column:
        places["email"] = _find_column(names, email_column, cells)
    elif "email" not in places:
        raise UnreadableList(
            _(
                "Its first line names no column “email”: say which one holds the "
                "addresses, or begin the file with a line such as: %(columns)s"
            )
            % {"columns": ", ".join(COLUMNS)},
            "--email-column",
        )
    if uses_tags:
        tags = next((names.index(name) for name in _TAGS if name in names), None)
        if tags is None:
            raise UnreadableList(
                _("It has no column of tags, labels or groups that could hold topics."),
                "--tags-as-topics",
            )
        places["topics"] = tags
    return Header(cells, places, names)


def _find_column(names: Sequence[str], wanted: str, cells: Sequence[str]) -> int:
    """The place of a column by its name, in any case, or by its number from 1."""
    if _fold_name(wanted) in names:
        return names.index(_fold_name(wanted))
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    there = ", ".join(cell.strip() for cell in cells)
    raise UnreadableList(
        _("It has no column “%(wanted)s”. Its columns are: %(there)s.")
        % {"wanted": wanted, "there": there}
    )


def _fold_name(cell: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", cell).lower().split())
