"""What TeX's macros stand for, as tables."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from pylatexenc import latex2text

_TABLE = latex2text.get_default_latex_context_db()
SYMBOLS: dict[str, str] = {
    spec.macroname: spec.simplify_repl
    for spec in _TABLE.iter_macro_specs()
    if isinstance(spec.simplify_repl, str) and not re.search(r"[%<\[\n]", spec.simplify_repl)
}
SYMBOLS |= {"&": "&", "%": "%", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}", "|": "‖"}
SYMBOLS |= {"ldots": "…", "dots": "…", "cdots": "⋯", "lvert": "|", "rvert": "|", "star": "⋆"}
SYMBOLS |= {"Vert": "‖", "lVert": "‖", "rVert": "‖", "mid": "|", "colon": ":", "epsilon": "ϵ"}
SYMBOLS |= dict.fromkeys([",", ":", ";", " ", "\n", "\t", "\\", "quad", "qquad", "space"], " ")
SYMBOLS |= dict.fromkeys(["!", "/", "-", "@", "xspace", "limits", "nolimits", "displaystyle"], "")
# Not in any table, and in half of the abstracts that name a macro at all.
SYMBOLS |= {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "LaTeX": "LaTeX", "TeX": "TeX"}
# They change the letters that follow, and swallow the space before these.
FONTS = {"it", "bf", "rm", "tt", "sc", "sf", "em", "sl", "cal", "itshape", "bfseries", "small"}
SYMBOLS |= dict.fromkeys(FONTS | {"scriptsize", "footnotesize", "centering", "noindent"}, "")
# Macros that do something to a document, where a title or an abstract can only have named them.
for _active in ("today", "title", "author", "date", "maketitle", "item", "verb", "caption"):
    SYMBOLS.pop(_active, None)

_OPERATORS = """
    log ln lg exp sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan max min sup inf lim
    limsup liminf arg argmax argmin det dim ker deg gcd hom Pr
"""
OPERATORS = frozenset(_OPERATORS.split())
# Shown as what stands in their braces; the first ones turn a formula into text again.
_PROSE = "text textbf textit emph texttt textsc textsf textrm textup textmd textsl textnormal"
_CLEAR = """
    mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb operatorname underline uline
    ensuremath mathop mathbin mathrel mathord textsuperscript textsubscript
"""
PROSE = frozenset([*_PROSE.split(), "mbox", "hbox"])
CLEAR = frozenset(_CLEAR.split()) | PROSE
SIZES = {"left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"}
FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"}
# Only their second argument is shown: the first is an address, a color or a place.
SECOND = {"href", "textcolor", "texorpdfstring", "stackrel", "overset", "underset", "colorbox"}
ALPHABETS = {"mathbb": "DOUBLE-STRUCK", "mathds": "DOUBLE-STRUCK", "mathfrak": "FRAKTUR"}
ALPHABETS |= {"mathcal": "SCRIPT", "mathscr": "SCRIPT"}

ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303"}
ACCENTS |= {"=": "\u0304", ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b"}
ACCENTS |= {"c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328", "r": "\u030a"}
ACCENTS |= {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0305"}
ACCENTS |= {"tilde": "\u0303", "widetilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
ACCENTS |= {"ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301"}
ACCENTS |= {"grave": "\u0300", "mathring": "\u030a"}

SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
SUPERSCRIPTS |= {"*": "*", "∗": "*", "⋆": "⋆", "†": "†", "‡": "‡"}  # they stand high as they are
ORDINALS = frozenset(["st", "nd", "rd", "th"])
SUBSCRIPTS = dict(
    zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
SHORT = 2  # more letters than this are a word, and no word is set in small signs
_LETTERS = re.compile(r"\\[a-zA-Z]+|.", re.DOTALL)
WORD = re.compile(r"√?[\w.…′*]+|\[[^\[\]]*\]|[^\w\s]")


def convert_alphabet(text: str, alphabet: str) -> str:
    """The text in that alphabet of Unicode; the name of an author's own macro stays as it is."""
    letters = _LETTERS.findall(text)
    return "".join(_convert_letter(c, alphabet) if len(c) == 1 else c for c in letters)


def _convert_letter(letter: str, alphabet: str) -> str:
    """ℝ, ℒ and some more Unicode had before the mathematical alphabets, under other names."""
    if not (letter.isascii() and letter.isalnum()):
        return letter
    name = unicodedata.name(letter).removeprefix("LATIN ").replace(" LETTER", "")
    older = alphabet.replace("FRAKTUR", "BLACK-LETTER")
    for spelled in (f"{older} {name}", f"MATHEMATICAL {alphabet} {name}"):
        with suppress(KeyError):
            return unicodedata.lookup(spelled)
    return letter


def convert_script(text: str, signs: dict[str, str]) -> str:
    """The text in sub- or superscript signs; "" where one is missing, or it would be a word."""
    if not text or any(c not in signs for c in text) or sum(map(str.isalpha, text)) > SHORT:
        return ""
    return "".join(signs[c] for c in text)


def group_text(text: str) -> str:
    """The text in parentheses, unless it is one number, word or sign."""
    text = text.strip()
    return text if WORD.fullmatch(text) else f"({text})"
