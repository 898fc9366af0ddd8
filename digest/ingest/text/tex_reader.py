"""Reads TeX from left to right: groups, macros with their arguments, sub- and superscripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from digest.ingest.text.tex_math import CLOSE, OPEN, THIN, find_bare_script, find_pairs
from digest.ingest.text.tex_prose import QUOTES, convert_dash, find_dashes
from digest.ingest.text.tex_symbols import (
    ACCENTS,
    ALPHABETS,
    CLEAR,
    FONTS,
    FRACTIONS,
    OPERATORS,
    ORDINALS,
    PROSE,
    SECOND,
    SIZES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    WORD,
    convert_alphabet,
    convert_script,
    group_text,
)

DEEPEST = 40  # groups and arguments within one another; each costs a call
_SPACING = re.compile(r"[vh]space|[vh]?phantom")
# A space that no line may end at; a "~" that stands apart means "about".
_TIE = re.compile(f"(?<=[\\w.,)}}\\]])~(?=[\\w\\\\({OPEN}])")
_WORD_COMES = re.compile(r"\w|\\(?!right|[bB]igg?r)[a-zA-Z]")
_SINGLE = {"url", "footnote", "enquote", "not", "binom", "sqrt"}  # the macros that no table holds
_MACRO = re.compile(r"\\([a-zA-Z]+|.)\*?", re.DOTALL)
_RUN = re.compile(f"[^\\\\{{}}^_~`'\\-{OPEN}{CLOSE}]+")


class NotTex(Exception):
    """The text is no TeX after all, or too deep to be worth reading."""


class TexReader:
    """Reads one text from left to right, once; `knew_any` says then whether it held any TeX.

    `text` has its formulas marked by tex_math.mark_formulas. Raises NotTex from `read`.
    """

    def __init__(self, text: str) -> None:
        self._text, self._pairs, self._at, self._depth = text, find_pairs(text), 0, 0
        self._is_math = False
        self._dashes, self._has_quotes = find_dashes(text), "``" in text
        self.knew_any = OPEN in text

    def read(self) -> str:
        """The whole text with its TeX read."""
        return self._read_until(len(self._text))

    def _read_until(self, end: int) -> str:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotTex
        pieces = []
        while self._at < end:
            pieces.append(self._read_next())
        self._depth -= 1
        return "".join(pieces)

    def _read_next(self) -> str:
        sign = self._text[self._at]
        if sign == "\\":
            return self._read_macro()
        if self._at in self._pairs:
            return self._read_group()
        if sign in "^_" and (self._is_math or find_bare_script(self._text, self._at)):
            return self._read_script()
        if not self._is_math and sign in "-`'":
            return self._read_dash_or_quote(sign)
        if _TIE.match(self._text, self._at):
            self._at += 1
            return " "
        run = _RUN.match(self._text, self._at)
        self._at = run.end() if run else self._at + 1
        return run[0] if run else sign

    def _read_dash_or_quote(self, sign: str) -> str:
        if hyphens := self._dashes.get(self._at):
            self._at += len(hyphens)
            return convert_dash(hyphens)
        for typed, shown in QUOTES if self._has_quotes else ():
            if self._text.startswith(typed, self._at):
                self._at += len(typed)
                return shown
        self._at += 1
        return sign

    def _read_group(self) -> str:
        """What stands in the braces, or in the formula, that begin here."""
        was_math, end = self._is_math, self._pairs[self._at]
        self._is_math |= self._text[self._at] == OPEN
        self._at += 1
        inner = self._read_until(end)
        self._at, self._is_math = end + 1, was_math
        return inner

    def _read_argument(self) -> str:
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
            raise NotTex
        if self._at in self._pairs:
            read = self._read_group()
        elif self._text[self._at] == "\\":
            read = self._read_macro()
        else:
            read = self._text[self._at]
            self._at += 1
        self._depth -= 1
        return read

    def _read_raw_argument(self) -> str:
        """An address as typed: nothing in it is TeX but the signs that TeX makes us escape."""
        if self._text[self._at : self._at + 1] != "{" or self._at not in self._pairs:
            return self._read_argument()
        start, self._at = self._at + 1, self._pairs[self._at] + 1
        return re.sub(r"\\([_%&#~])", r"\1", self._text[start : self._at - 1])

    def _read_text_argument(self) -> str:
        was_math, self._is_math = self._is_math, False
        read, self._is_math = self._read_argument(), was_math
        return read

    def _read_optional(self) -> str:
        found = re.compile(r"\[([^\[\]]*)\]").match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[1] if found else ""

    # -- macros ----------------------------------------------------------------------------------

    def _read_macro(self) -> str:
        found = _MACRO.match(self._text, self._at)
        if not found:
            self._at += 1
            return "\\"
        name = found[1]
        read = self._find_reader(name)
        if read is None:
            self._at = found.end()
            return self._show_as_typed(name)
        start, self._at = self._at, found.end()
        shown = read(name)
        if shown is None:
            self._at = start + len(name) + 1
            return self._show_as_typed(name)
        self.knew_any = True
        return shown

    def _find_reader(self, name: str) -> Callable[[str], str | None] | None:
        for names, read in (
            (ACCENTS, self._read_accent),
            (OPERATORS, self._read_operator),
            (CLEAR, self._read_clear),
            (ALPHABETS, self._read_alphabet),
            (FRACTIONS, self._read_fraction),
            (SECOND, self._read_second),
            (SIZES, self._read_size),
            (_SINGLE, self._read_other),
            (SYMBOLS, self._read_symbol),
        ):
            if name in names:
                return read
        return self._skip_argument if _SPACING.fullmatch(name) else None

    def _show_as_typed(self, name: str) -> str:
        """An author's own macro, with its braces where something stands in them."""
        shown = "\\" + name
        while self._text[self._at : self._at + 1] == "{" and self._at in self._pairs:
            inner = self._read_group()
            shown += f"{{{inner}}}" if inner else ""
            self.knew_any |= not inner
        return shown

    def _read_symbol(self, name: str) -> str:
        shown = SYMBOLS[name]
        if self._text.startswith("{}", self._at):
            self._at += 2
        elif name in FONTS or (shown.isalpha() and name.isalpha() and not self._is_math):
            while self._text[self._at : self._at + 1].isspace():
                self._at += 1  # a letter: \O rsted is one word
        return shown

    def _read_operator(self, name: str) -> str:
        shown = name
        while self._is_math and self._text[self._at : self._at + 1] in ("^", "_"):
            shown += self._read_script()
        return f"{THIN}{shown}{THIN}"

    def _read_clear(self, name: str) -> str:
        return self._read_text_argument() if name in PROSE else self._read_argument()

    def _read_accent(self, name: str) -> str | None:
        letters = self._read_argument().replace("ı", "i").replace("ȷ", "j")
        if not letters[:1].isalpha():
            return None
        return unicodedata.normalize("NFC", letters[0] + ACCENTS[name] + letters[1:])

    def _read_alphabet(self, name: str) -> str:
        return convert_alphabet(self._read_argument(), ALPHABETS[name])

    def _read_fraction(self, _name: str) -> str:
        over, under = self._read_argument(), self._read_argument()
        if not over or not under:
            raise NotTex
        shown = f"{group_text(over)}/{group_text(under)}"
        return f"({shown})" if self._is_followed_by_word() else shown

    def _read_second(self, _name: str) -> str:
        self._read_raw_argument()
        return self._read_argument()

    def _read_size(self, _name: str) -> str:
        if self._text[self._at : self._at + 1] == ".":
            self._at += 1
        return ""

    def _skip_argument(self, _name: str) -> str:
        self._read_argument()
        return ""

    def _read_other(self, name: str) -> str:
        """Read one of the macros that no table holds."""
        if name == "url":
            return self._read_raw_argument()
        if name == "footnote":
            return f" ({self._read_text_argument()})"
        if name == "enquote":
            return f"“{self._read_text_argument()}”"
        if name == "not":
            read = self._read_argument()
            return unicodedata.normalize("NFC", f"{read[:1]}\u0338{read[1:]}")
        if name == "binom":
            return f"({self._read_argument()} choose {self._read_argument()})"
        root = self._read_optional()
        under = self._read_argument()
        sign = convert_script(root, SUPERSCRIPTS) + "√" if root else "√"
        return sign + (under if len(under) == 1 or under.isdigit() else f"({under})")

    def _read_script(self) -> str:
        sign, bare = self._text[self._at], ""
        if not self._is_math and (bare := find_bare_script(self._text, self._at)):
            self.knew_any = True
        self._at += 1
        if bare and self._text[self._at] != "{":
            inner, self._at = bare, self._at + len(bare)
        else:
            inner = self._read_argument().strip().replace(THIN, "")
        if sign == "^" and inner in ORDINALS:
            return inner
        if sign == "^" and inner in ("∘", "°", "′", "'"):
            return "°" if inner in "∘°" else "′"
        signs = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
        if set_small := convert_script(inner.replace(" ", ""), signs):
            return set_small
        is_apart = not self._is_followed_by_word()
        return sign + (inner if is_apart and WORD.fullmatch(inner) else f"({inner})" * bool(inner))

    def _is_followed_by_word(self) -> bool:
        return bool(_WORD_COMES.match(self._text, self._at))
