r"""TeX in titles and abstracts to plain Unicode, as a reader of the typeset page would say it.

    $\pi_{0.5}$ → π_0.5    $10^{-3}$ → 10⁻³    \textbf{16$\times$} → 16×    G\"odel → Gödel

Scripts and fractions that Unicode has no signs for are grouped by parentheses, as Unicode Technical
Note 28 does (https://www.unicode.org/notes/tn28/): k^(k+1), (a+b)/c. What cannot be read as TeX
stays as it was typed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digest.ingest.text.tex_math import MARKERS, THIN, has_bare_script, mark_formulas
from digest.ingest.text.tex_prose import read_prose
from digest.ingest.text.tex_reader import NotTex, TexReader
from digest.ingest.text.tex_symbols import CLEAR

# They point to what only the whole paper has; the space before them goes too.
_POINTER = re.compile(
    r"[\s~]*\\(?:[Cc]ite[a-z]*|label|(?:auto|[cC]|eq|page|name)?ref|footnotemark|thanks|color)\*?"
    r"(?:\[[^\]]*\]|\{[^{}]*\})+"
)
# A macro escaped once too often: "\\\\mathrm{SE}(3)".
_DOUBLED = re.compile(rf"\\\\(?=(?:{'|'.join(sorted(CLEAR))})\{{)")
_KERN = re.compile(r"\\(?:[mh]?kern|[mh]skip)\s*[-+]?[\d.]+\s*(?:mu|em|ex|pt|mm|cm|in) ?")


@lru_cache(maxsize=8192)  # lists are read again every hour, and most of their texts are the same
def read_tex(text: str) -> str:
    """The text with its TeX read; only its dashes and quotes where nothing else can be read."""
    if "\\" not in text and "$" not in text and not has_bare_script(text):
        return read_prose(text)
    text_alone = _KERN.sub("", _DOUBLED.sub(r"\\", MARKERS.sub("", text)))
    marked, pointers = _POINTER.subn("", text_alone)
    reader = TexReader(mark_formulas(marked))
    try:
        read = reader.read()
    except NotTex:
        return read_prose(text)
    # An operator's name stands apart from the words beside it, and from nothing else.
    read = re.sub(f"(?<=[\\w)\\]}}]){THIN}(?=\\w)", " ", read)
    read = re.sub(f" ?{THIN} ?(?=[.,;:)])|{THIN}", "", read)
    return read if (reader.knew_any or pointers) and read.strip() else read_prose(text)
