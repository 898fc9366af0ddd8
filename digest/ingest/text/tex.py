r"""TeX in titles and abstracts to plain Unicode, as a reader of the typeset page would say it.

    $\pi_{0.5}$ → π_0.5    $10^{-3}$ → 10⁻³    \textbf{16$\times$} → 16×    G\"odel → Gödel

Scripts and fractions that Unicode has no signs for are grouped by parentheses, as its Technical
Note 28 does: k^(k+1), (a+b)/c. What cannot be read as TeX stays as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from digest.ingest.text.tex_math import CLOSE, OPEN, OWN, THIN, find_pairs, mark_formulas
from digest.ingest.text.tex_prose import QUOTES, dash, find_dashes, read_prose
from digest.ingest.text.tex_symbols import (
    ACCENTS,
    ALPHABETS,
    CLEAR,
    FONTS,
    FRACTIONS,
    OPERATORS,
    PROSE,
    SECOND,
    SIZES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    WORD,
    grouped,
    in_alphabet,
    small,
)

DEEPEST = 40  # groups and arguments within one another; each costs a call
# They point to what only the whole paper has; the space before them goes too.
_POINTER = re.compile(
    r"[\s~]*\\(?:[Cc]ite[a-z]*|label|(?:auto|[cC]|eq|page|name)?ref|footnotemark|thanks|color)\*?"
    r"(?:\[[^\]]*\]|\{[^{}]*\})+"
)
# A macro escaped once too often: "\\\\mathrm{SE}(3)".
_DOUBLED = re.compile(rf"\\\\(?=(?:{'|'.join(sorted(CLEAR))})\{{)")
_SPACING = re.compile(r"[vh]space|[vh]?phantom")
_KERN = re.compile(r"\\(?:[mh]?kern|[mh]skip)\s*[-+]?[\d.]+\s*(?:mu|em|ex|pt|mm|cm|in) ?")
# A space that no line may end at; a "~" that stands apart means "about".
_TIE = re.compile(f"(?<=[\\w.,)}}\\]])~(?=[\\w\\\\({OPEN}])")
_WORD_COMES = re.compile(r"\w|\\(?!right|[bB]igg?r)[a-zA-Z]")
_SINGLE = {"url", "footnote", "enquote", "not", "binom", "sqrt"}  # the macros that no table holds
_MACRO = re.compile(r"\\([a-zA-Z]+|.)\*?", re.DOTALL)
_RUN = re.compile(f"[^\\\\{{}}^_~`'\\-{OPEN}{CLOSE}]+")


class _NotTeX(Exception):
    """The text is no TeX after all, or too deep to be worth reading."""


@lru_cache(maxsize=8192)  # lists are read again every hour, and most of their texts are the same
def read_tex(text: str) -> str:
    """The text with its TeX read; only its dashes and quotes where nothing else can be read."""
    if "\\" not in text and "$" not in text:
        return read_prose(text)
    text_alone = _KERN.sub("", _DOUBLED.sub(r"\\", OWN.sub("", text)))
    marked, pointers = _POINTER.subn("", text_alone)
    reader = _Reader(mark_formulas(marked))
    try:
        read = reader.read()
    except _NotTeX:
        return read_prose(text)
    # An operator's name stands apart from the words beside it, and from nothing else.
    read = re.sub(f"(?<=[\\w)\\]}}]){THIN}(?=\\w)", " ", read)
    read = re.sub(f" ?{THIN} ?(?=[.,;:)])|{THIN}", "", read)
    return read if (reader.knew_any or pointers) and read.strip() else read_prose(text)


class _Reader:
    """Reads one text from left to right; `knew_any` says whether anything in it was TeX."""

    def __init__(self, text: str) -> None:
        self._text, self._pairs, self._at, self._depth = text, find_pairs(text), 0, 0
        self._is_math = False
        self._dashes, self._has_quotes = find_dashes(text), "``" in text
        self.knew_any = OPEN in text

    def read(self) -> str:
        return self._until(len(self._text))

    def _until(self, end: int) -> str:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotTeX
        pieces = []
        while self._at < end:
            pieces.append(self._one())
        self._depth -= 1
        return "".join(pieces)

    def _one(self) -> str:
        sign = self._text[self._at]
        if sign == "\\":
            return self._macro()
        if self._at in self._pairs:
            return self._group()
        if self._is_math and sign in "^_":
            return self._script()
        if not self._is_math and sign in "-`'":
            return self._dash_or_quote(sign)
        if _TIE.match(self._text, self._at):
            self._at += 1
            return " "
        run = _RUN.match(self._text, self._at)
        self._at = run.end() if run else self._at + 1
        return run[0] if run else sign

    def _dash_or_quote(self, sign: str) -> str:
        if hyphens := self._dashes.get(self._at):
            self._at += len(hyphens)
            return dash(hyphens)
        for typed, shown in QUOTES if self._has_quotes else ():
            if self._text.startswith(typed, self._at):
                self._at += len(typed)
                return shown
        self._at += 1
        return sign

    def _group(self) -> str:
        """What stands in the braces, or in the formula, that begin here."""
        was_math, end = self._is_math, self._pairs[self._at]
        self._is_math |= self._text[self._at] == OPEN
        self._at += 1
        inner = self._until(end)
        self._at, self._is_math = end + 1, was_math
        return inner

    def _argument(self) -> str:
        """A macro's next argument: a group, a macro or a single letter."""
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1
        sign = self._text[self._at : self._at + 1]
        if sign in ("", "}", CLOSE):
            return ""
        if sign == "{" and self._at not in self._pairs:
            self._at += 1  # opened and never closed
            return ""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotTeX
        if self._at in self._pairs:
            read = self._group()
        elif self._text[self._at] == "\\":
            read = self._macro()
        else:
            read = self._text[self._at]
            self._at += 1
        self._depth -= 1
        return read

    def _raw_argument(self) -> str:
        """An address as typed: nothing in it is TeX but the signs that TeX makes us escape."""
        if self._text[self._at : self._at + 1] != "{" or self._at not in self._pairs:
            return self._argument()
        start, self._at = self._at + 1, self._pairs[self._at] + 1
        return re.sub(r"\\([_%&#~])", r"\1", self._text[start : self._at - 1])

    def _text_argument(self) -> str:
        was_math, self._is_math = self._is_math, False
        read, self._is_math = self._argument(), was_math
        return read

    def _optional(self) -> str:
        found = re.compile(r"\[([^\[\]]*)\]").match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[1] if found else ""

    # -- macros ----------------------------------------------------------------------------------

    def _macro(self) -> str:
        found = _MACRO.match(self._text, self._at)
        if not found:
            self._at += 1
            return "\\"
        name = found[1]
        read = self._reading_of(name)
        if read is None:
            self._at = found.end()
            return self._as_typed(name)
        start, self._at = self._at, found.end()
        shown = read(name)
        if shown is None:
            self._at = start + len(name) + 1
            return self._as_typed(name)
        self.knew_any = True
        return shown

    def _reading_of(self, name: str) -> Callable[[str], str | None] | None:
        for names, read in (
            (ACCENTS, self._accent),
            (OPERATORS, self._operator),
            (CLEAR, self._clear),
            (ALPHABETS, self._alphabet),
            (FRACTIONS, self._fraction),
            (SECOND, self._second),
            (SIZES, self._size),
            (_SINGLE, self._single),
            (SYMBOLS, self._symbol),
        ):
            if name in names:
                return read
        return self._nothing if _SPACING.fullmatch(name) else None

    def _as_typed(self, name: str) -> str:
        """An author's own macro, with its braces where something stands in them."""
        shown = "\\" + name
        while self._text[self._at : self._at + 1] == "{" and self._at in self._pairs:
            inner = self._group()
            shown += f"{{{inner}}}" if inner else ""
            self.knew_any |= not inner
        return shown

    def _symbol(self, name: str) -> str:
        shown = SYMBOLS[name]
        if self._text.startswith("{}", self._at):
            self._at += 2
        elif name in FONTS or (shown.isalpha() and name.isalpha() and not self._is_math):
            while self._text[self._at : self._at + 1].isspace():
                self._at += 1  # a letter: \O rsted is one word
        return shown

    def _operator(self, name: str) -> str:
        shown = name
        while self._is_math and self._text[self._at : self._at + 1] in ("^", "_"):
            shown += self._script()
        return f"{THIN}{shown}{THIN}"

    def _clear(self, name: str) -> str:
        return self._text_argument() if name in PROSE else self._argument()

    def _accent(self, name: str) -> str | None:
        letters = self._argument().replace("ı", "i").replace("ȷ", "j")
        if not letters[:1].isalpha():
            return None
        return unicodedata.normalize("NFC", letters[0] + ACCENTS[name] + letters[1:])

    def _alphabet(self, name: str) -> str:
        return in_alphabet(self._argument(), ALPHABETS[name])

    def _fraction(self, _name: str) -> str:
        over, under = self._argument(), self._argument()
        if not over or not under:
            raise _NotTeX
        shown = f"{grouped(over)}/{grouped(under)}"
        return f"({shown})" if self._is_followed_by_word() else shown

    def _second(self, _name: str) -> str:
        self._raw_argument()
        return self._argument()

    def _size(self, _name: str) -> str:
        if self._text[self._at : self._at + 1] == ".":
            self._at += 1
        return ""

    def _nothing(self, _name: str) -> str:
        self._argument()
        return ""

    def _single(self, name: str) -> str:
        """Those that no table holds."""
        if name == "url":
            return self._raw_argument()
        if name == "footnote":
            return f" ({self._text_argument()})"
        if name == "enquote":
            return f"“{self._text_argument()}”"
        if name == "not":
            read = self._argument()
            return unicodedata.normalize("NFC", f"{read[:1]}\u0338{read[1:]}")
        if name == "binom":
            return f"({self._argument()} choose {self._argument()})"
        root = self._optional()
        under = self._argument()
        sign = small(root, SUPERSCRIPTS) + "√" if root else "√"
        return sign + (under if len(under) == 1 or under.isdigit() else f"({under})")

    def _script(self) -> str:
        sign = self._text[self._at]
        self._at += 1
        inner = self._argument().strip().replace(THIN, "")
        if sign == "^" and inner in ("∘", "°", "′", "'"):
            return "°" if inner in "∘°" else "′"
        signs = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
        if set_small := small(inner.replace(" ", ""), signs):
            return set_small
        is_apart = not self._is_followed_by_word()
        return sign + (inner if is_apart and WORD.fullmatch(inner) else f"({inner})" * bool(inner))

    def _is_followed_by_word(self) -> bool:
        return bool(_WORD_COMES.match(self._text, self._at))
