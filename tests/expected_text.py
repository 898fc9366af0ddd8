"""What a reader should see of a text, worked out apart from the product: docs/text.md as rules.

Nothing of the product is imported. Where the product walks through TeX once with a reader, this
rewrites it from the inside out, one rule after the other, with signs of its own by their Unicode
names; where the product lists code points, this asks for their category.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

# -- characters -------------------------------------------------------------------------------

JOINERS = {"ZERO WIDTH NON-JOINER": "\u200c", "ZERO WIDTH JOINER": "\u200d"}
# They look like nothing, whatever their category says; and these Cf stand before numbers, seen.
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180e"
SEEN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
SHAPING: tuple[str, ...]
SHAPING = ("ARABIC", "SYRIAC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL")
SHAPING += ("TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "MYANMAR", "KHMER", "MONGOLIAN", "NKO")


def hides(character: str) -> bool:
    """Whether no reader could ever see it."""
    if character.isspace():
        return False
    category = unicodedata.category(character)
    is_none = category == "Cn" and (
        ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    )
    unseen = category in ("Cc", "Cs", "Co") or (category == "Cf" and not SEEN.match(character))
    return (unseen and character not in JOINERS.values()) or is_none or character in BLANK


def shapes(before: str, joiner: str, after: str) -> bool:
    """Whether a joiner changes how its two neighbours look."""
    if not before or not after:
        return False
    names = [unicodedata.name(c, "") for c in (before, after)]
    if all(name.startswith(SHAPING) for name in names):
        return True
    is_picture = all(
        c == "\ufe0f" or unicodedata.category(c) in ("So", "Sk", "Sm") for c in (before, after)
    )
    return joiner == JOINERS["ZERO WIDTH JOINER"] and is_picture


def folded(text: str) -> str:
    """Hidden characters out, white space to single spaces, NFC."""
    seen = [c for c in text if not hides(c)]
    kept = [
        c
        for i, c in enumerate(seen)
        if c not in JOINERS.values()
        or shapes("".join(seen[i - 1 : i]), c, "".join(seen[i + 1 : i + 2]))
    ]
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


# -- TeX --------------------------------------------------------------------------------------


def _greek() -> dict[str, str]:
    signs = {}
    for name in [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
    ]:
        unicode = name.replace("lambda", "lamda")
        signs[name] = unicodedata.lookup(f"GREEK SMALL LETTER {unicode}")
        signs[name.capitalize()] = unicodedata.lookup(f"GREEK CAPITAL LETTER {unicode}")
    return signs | {
        "epsilon": unicodedata.lookup("GREEK LUNATE EPSILON SYMBOL"),
        "phi": "ϕ",
        "varepsilon": "ε",
    }


NAMED = {
    "times": "MULTIPLICATION SIGN",
    "pm": "PLUS-MINUS SIGN",
    "sim": "TILDE OPERATOR",
    "approx": "ALMOST EQUAL TO",
    "infty": "INFINITY",
    "propto": "PROPORTIONAL TO",
    "mid": "VERTICAL LINE",
    "leq": "LESS-THAN OR EQUAL TO",
    "le": "LESS-THAN OR EQUAL TO",
    "geq": "GREATER-THAN OR EQUAL TO",
    "ge": "GREATER-THAN OR EQUAL TO",
    "ell": "SCRIPT SMALL L",
    "cdot": "MIDDLE DOT",
    "circ": "RING OPERATOR",
    "to": "RIGHTWARDS ARROW",
    "rightarrow": "RIGHTWARDS ARROW",
    "sum": "N-ARY SUMMATION",
    "prod": "N-ARY PRODUCT",
    "in": "ELEMENT OF",
    "subset": "SUBSET OF",
    "nabla": "NABLA",
    "subseteq": "SUBSET OF OR EQUAL TO",
    "dots": "HORIZONTAL ELLIPSIS",
    "ldots": "HORIZONTAL ELLIPSIS",
    "cdots": "MIDLINE HORIZONTAL ELLIPSIS",
    "colon": "COLON",
    "simeq": "ASYMPTOTICALLY EQUAL TO",
    "equiv": "IDENTICAL TO",
    "star": "STAR OPERATOR",
    "|": "DOUBLE VERTICAL LINE",
}
SIGNS = _greek() | {name: unicodedata.lookup(unicode) for name, unicode in NAMED.items()}
SIGNS |= {
    "ie": "i.e.",
    "eg": "e.g.",
    "LaTeX": "LaTeX",
    ",": " ",
    ":": " ",
    ";": " ",
    " ": " ",
    "\\": " ",
    "quad": " ",
    "!": "",
}
FACES = (
    "textbf|textit|emph|texttt|textsc|textsf|textrm|text|mbox|mathrm|mathbf|mathtt|boldsymbol"
    "|underline|operatorname"
)
WORDS = "log|exp|max|min|sin|cos|lim|sup|inf|arg"
SMALL_ABOVE, SMALL_BELOW = {}, {}
for _sign in "0123456789+-=()ni":
    _name = unicodedata.name(_sign).replace("LATIN SMALL LETTER", "LATIN SMALL LETTER")
    _tail = {
        "+": "PLUS SIGN",
        "-": "MINUS",
        "=": "EQUALS SIGN",
        "(": "LEFT PARENTHESIS",
        ")": "RIGHT PARENTHESIS",
    }
    _word = _tail.get(_sign, _name.removeprefix("DIGIT "))
    SMALL_ABOVE[_sign] = unicodedata.lookup(f"SUPERSCRIPT {_word}")
    if _sign not in "n":
        SMALL_BELOW[_sign] = unicodedata.lookup(
            "LATIN SUBSCRIPT SMALL LETTER I" if _sign == "i" else f"SUBSCRIPT {_word}"
        )
for _letter in "aehjklmnoprstuvx":
    SMALL_BELOW[_letter] = unicodedata.lookup(f"LATIN SUBSCRIPT SMALL LETTER {_letter.upper()}")
for _name in ("ASTERISK", "ASTERISK OPERATOR", "STAR OPERATOR", "DAGGER", "DOUBLE DAGGER"):
    _sign = unicodedata.lookup(_name)  # they stand high as they are
    SMALL_ABOVE[_sign] = "*" if "ASTERISK" in _name else _sign
ACCENTS = {
    "hat": "COMBINING CIRCUMFLEX ACCENT",
    "tilde": "COMBINING TILDE",
    '"': "COMBINING DIAERESIS",
    "'": "COMBINING ACUTE ACCENT",
    "`": "COMBINING GRAVE ACCENT",
    "k": "COMBINING OGONEK",
    "c": "COMBINING CEDILLA",
    "v": "COMBINING CARON",
    "bar": "COMBINING MACRON",
}
# What was escaped, and what was put in, is kept apart from what TeX still has to read.
KEPT = {sign: chr(0xF0000 + n) for n, sign in enumerate("\\{}^_$%&#~-`'")}
_BACK = {ord(kept): sign for sign, kept in KEPT.items()}


def _keep(text: str) -> str:
    return "".join(KEPT.get(c, c) for c in text)


def _script(sign: str, inner: str, after: str) -> str:
    inner = inner.strip()
    if sign == "^" and inner == SIGNS["circ"]:
        return unicodedata.lookup("DEGREE SIGN")
    if sign == "^" and inner in ("st", "nd", "rd", "th"):
        return inner
    table, bare = (
        SMALL_ABOVE if sign == "^" else SMALL_BELOW,
        re.sub(f"[{KEPT['-']}\N{MINUS SIGN}]", "-", inner.replace(" ", "")),
    )
    if bare and all(c in table for c in bare) and sum(c.isalpha() for c in bare) <= 2:
        return "".join(table[c] for c in bare)
    plain = re.fullmatch(r"[\w.…′*]+|\[[^\[\]]*\]|[^\w\s]", inner) and not re.match(
        r"[\w\\]", after
    )
    return KEPT[sign] + (inner if plain else f"({inner})")


_GROUP = r"(?:\{([^{}]*)\}|([^\s{}\\^_]))"


def _detex_inner(text: str, *, is_math: bool) -> str:
    """Rewrite from the inside out until nothing is left to rewrite."""
    text = re.sub(r"\\([%&#_${}])", lambda m: KEPT[m[1]], text)
    text = re.sub(r"(\\[a-zA-Z]+)\{\}", r"\1", text)
    text = re.sub(rf"\\({WORDS})(?![a-zA-Z])", lambda m: f"\x01{m[1]}\x02", text)
    text = re.sub(r"\\mkern-?\d+mu ?", "", text)
    text = re.sub(r"\\(left|right|[bB]igg?[lr]?)(?![a-zA-Z])\.?", "", text)
    for _ in range(60):
        before = text
        text = re.sub(r"\\([a-zA-Z]+|[,:;!| \\])(?:\{\})?", lambda m: SIGNS.get(m[1], m[0]), text)
        text = re.sub(rf"([\^_])\\(?:{FACES})\s*\{{([^{{}}]*)\}}", r"\1{\2}", text)
        text = re.sub(rf"\\(?:{FACES})\s*\{{([^{{}}]*)\}}", r"\1", text)
        text = re.sub(rf"\\(?:{FACES})([^\s{{}}\\a-zA-Z])", r"\1", text)
        text = re.sub(r"(?<![\\a-zA-Z}\]^_])\{([^{}]*)\}", r"\1", text)
        text = re.sub(
            r"\{?\\(?:it|bf|rm|em|tt|sc|sf)(?![a-zA-Z])\s*",
            lambda m: "{" if m[0][0] == "{" else "",
            text,
        )
        text = re.sub(
            r"\\mathcal\{([A-Z]+)\}|\\mathcal ([A-Z])",
            lambda m: "".join(_letter_of("SCRIPT", letter) for letter in m[1] or m[2]),
            text,
        )
        text = re.sub(
            r"\\mathbb\{([A-Z])\}|\\mathbb ([A-Z])",
            lambda m: _letter_of("DOUBLE-STRUCK", m[1] or m[2]),
            text,
        )
        text = re.sub(
            r"""\\(hat|tilde|bar|["'`]|[kcv](?=\{))\s*(?:\{\\?([^{}\\]+)\}|([A-Za-z\u0370-\u03ff]))""",
            _accent,
            text,
        )
        if is_math:
            text = re.sub(
                r"([\^_])" + _GROUP + r"(?=(.?))",
                lambda m: _script(m[1], m[2] or m[3] or "", m[4]),
                text,
                flags=re.DOTALL,
            )
        text = re.sub(r"\\sqrt\s*" + _GROUP, lambda m: _root(m[1] or m[2]), text)
        text = re.sub(r"\\frac\s*" + _GROUP + r"\s*" + _GROUP + r"(?=(.?))", _fraction, text)
        text = re.sub(r"\\enquote\{([^{}]*)\}", r"“\1”", text)
        text = re.sub(r"\\footnote\{([^{}]*)\}", r" (\1)", text)
        text = re.sub(r"\\textcolor\{[^{}]*\}\{([^{}]*)\}", r"\1", text)
        if text == before:
            break
    return re.sub(rf"\\(?:{FACES})\s*\{{(?=[^}}]*$)", "", text)  # never closed


def _letter_of(alphabet: str, letter: str) -> str:
    for prefix in ("", "MATHEMATICAL "):
        try:
            return unicodedata.lookup(f"{prefix}{alphabet} CAPITAL {letter}")
        except KeyError:
            continue
    return letter


def _accent(found: re.Match[str]) -> str:
    letters = found[2] or found[3]
    return unicodedata.normalize(
        "NFC", letters[0] + unicodedata.lookup(ACCENTS[found[1]]) + letters[1:]
    )


def _root(under: str) -> str:
    return "√" + (under if len(under) == 1 or under.isdigit() else f"({under})")


def _fraction(found: re.Match[str]) -> str:
    over, under = found[1] or found[2], found[3] or found[4]
    parts = [p if re.fullmatch(r"√?\w+", p.strip()) else f"({p.strip()})" for p in (over, under)]
    shown = "/".join(p.strip() for p in parts)
    return f"({shown})" if re.match(r"\w", found[5]) else shown


def _formulas(text: str) -> list[tuple[int, int]]:
    """Where formulas stand between dollars, found by walking from one dollar to the next."""
    dollars = [m.start() for m in re.finditer(r"(?<!\\)\$", text)]
    spans, i = [], 0
    while i + 1 < len(dollars):
        start, end = dollars[i], dollars[i + 1]
        inner, after = text[start + 1 : end], text[end + 1 : end + 2]
        if end == start + 1:
            i += 2
            continue
        has_macro = bool(re.search(r"\\[a-zA-Z]", inner)) and len(inner) < 200
        is_tight = not inner[0].isspace() and not inner[-1].isspace() and not after.isdigit()
        looks_so = not re.search(r"\s", inner) or re.search(r"[\\^_{}=<>+\-*/|()]", inner)
        if (is_tight or has_macro) and looks_so and len(inner) <= 300:
            spans.append((start, end))
            i += 2
        else:
            i += 1
    return spans


CITED = re.compile(
    r"[\s~]*\\(?:[Cc]ite[a-z]*|label|(?:auto|c|eq)?ref|footnotemark|thanks)\*?(?:\[[^\]]*\]|\{[^{}]*\})+"
)


def without_tex(text: str) -> str:
    """The text with its TeX read by the rules of docs/text.md."""
    if "\\" not in text and "$" not in text and not BARE.search(text):
        return _plain(text)
    cited = CITED.sub("", re.sub(rf"\\\\(?=(?:{FACES})\{{)", r"\\", text))
    cited = re.sub(
        r"\\\[\s*(.+?)\s*\\\]",
        lambda m: f"${m[1]}$" if re.search(r"[\\^_=]", m[1]) else m[0],
        cited,
    )
    cited = re.sub(r"\\\((.+?)\\\)|\$\$(.+?)\$\$", lambda m: f"${m[1] or m[2]}$", cited)
    cited = re.sub(r"\\url\{([^{}]*)\}", lambda m: _keep(re.sub(r"\\(.)", r"\1", m[1])), cited)
    cited = re.sub(r"\\href\{[^{}]*\}(?=\{)", r"\\text", cited)
    spans, pieces, last = _formulas(cited), [], 0
    for start, end in spans:
        inner = cited[start + 1 : end].strip()
        formula = _detex_inner(_tied(inner), is_math=True)
        pieces += [_raised(cited[last:start]), f"\x03{formula}\x04"]
        last = end + 1
    joined = "".join([*pieces, _raised(cited[last:])])
    read = _detex_inner(_tied(_dashes(joined)), is_math=False)
    if not spans and cited == text and _knows_nothing(text, read):
        return _plain(text)
    while (bare := re.sub(r"(?<!\\)((?:\\[a-zA-Z]+)?)\{([^{}]*)\}", _bare, read)) != read:
        read = bare
    read = re.sub(
        "(?<=[\\w)\\]}])\x01(?=\\w)|(?<=[\\w)\\]])\x02(?=[\\w√])", " ", _after_scripts(read)
    )
    return re.sub("[\x01-\x04]", "", read).translate(_BACK)


# Outside formulas: short groups in braces, stars, whole numbers, and the charge of an element.
BARE = re.compile(
    r"""(?<=[\w)\]])(?:
        ([\^_])\{ ( (?:\\[a-zA-Z]+[ ]?)? [^{}\s\\$]{0,12} ) \}
      | (\^) ( \*\*? | (?:(?<=[A-Z]\^)|(?<=[A-Z][a-z]\^))\d?[-+](?![\w-])
             | [-+]?\d{1,3} (?! [\w^] | \.\S ) ) )""",
    re.VERBOSE,
)


def _raised(prose: str) -> str:
    """What authors raise and lower without dollars: n^{th}, 10^{-3}, x^*, 10^6."""

    def raise_one(found: re.Match[str]) -> str:
        inner = _detex_inner(found[2] or found[4] or "", is_math=False).replace(KEPT["-"], "-")
        return _script(found[1] or found[3], inner, prose[found.end() :][:1])

    return BARE.sub(raise_one, prose)


def _after_scripts(text: str) -> str:
    """The space behind an operator's name comes behind its scripts."""
    small = "".join({*SMALL_BELOW.values(), *SMALL_ABOVE.values()})
    return re.sub(f"\x02([{small}]+)", "\\1\x02", text)


def _bare(found: re.Match[str]) -> str:
    """A group's braces go; those behind an author's own macro stay, unless nothing is in them."""
    if found[1]:
        return found[1] + (KEPT["{"] + found[2] + KEPT["}"] if found[2] else "")
    return found[2]


def _knows_nothing(text: str, read: str) -> bool:
    alike = [
        re.sub(r"[–—]|---?", "-", t).replace("``", "“").replace("''", "”") for t in (read, text)
    ]
    return alike[0] == alike[1] and not re.search(r"\\[a-zA-Z]+\{\}", text)


def _dashes(text: str) -> str:
    """Dashes and quotes, outside formulas."""
    pieces = re.split("(\x03[^\x04]*\x04)", _only_dashes(text))
    if "``" in text:
        pieces[::2] = [p.replace("``", "“").replace("''", "”") for p in pieces[::2]]
    return "".join(pieces)


def _only_dashes(text: str) -> str:
    apart = "\x03[^\x04]*\x04|(?<![`\\\\])`[^`']{1,200}`(?!`)|https?://\\S*"
    return re.sub(f"{apart}|-+", _dash, text)


def _dash(found: re.Match[str]) -> str:
    """Two or three hyphens are a dash unless they open a word, or are part of something else."""
    hyphens, text = found[0], found.string
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    if hyphens not in ("--", "---") or before in tuple("<!|") or after in (">", "|"):
        return hyphens
    if hyphens == "---":
        return unicodedata.lookup("EM DASH")
    en_dash = unicodedata.lookup("EN DASH")
    if before.isspace():
        return en_dash if after.isspace() or after in tuple("\\(\x03") else hyphens
    if not before or before in "([{\"'“‘`" or not after:
        return hyphens
    goes_on = after.isalnum() or after.isspace() or after in '_(["“‘\\\x03'
    return en_dash if goes_on else hyphens


def _plain(text: str) -> str:
    """Of a text without TeX: its dashes, and quotes that come in pairs."""
    bare = re.sub("(?<!`)``(?![`\\s])", "\x05", text)
    return re.sub("\x05([^\x05]+?)''", "“\\1”", _only_dashes(bare)).replace("\x05", "``")


def _tied(text: str) -> str:
    return re.sub(r"(?<=[\w.,)}\]])~(?=[\w\\(\x03])", " ", text)


# -- HTML -------------------------------------------------------------------------------------

BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
}
CODE = {"code", "kbd", "samp"}
UNSEEN = {"script", "style", "head", "title", "template", "noscript"}


class _Sight(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNSEEN or "display:none" in (given.get("style") or "").replace(" ", ""):
            self.unseen.append(tag)
        if tag in BLOCKS:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.unseen and self.unseen[-1] == tag:
            self.unseen.pop()
        if tag in BLOCKS:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(data)


def visible_text(html: str) -> str:
    """What a browser shows of a document, on one line, without its hidden parts."""
    sight = _Sight()
    sight.feed(html)
    sight.close()
    return re.sub(r"[ \t\r\n\f]+", " ", "".join(sight.pieces)).strip()


class _Lines(_Sight):
    """Blocks as lines of their own; raised and lowered text in Unicode; programs as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[tuple[str, str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")
        super().handle_starttag(tag, attrs)
        names = re.split(r"[\s-]+", dict(attrs).get("class") or "")
        scripts = {"sup": "^", "sub": "_"}
        sign = next((scripts[name] for name in (tag, *names) if name in scripts), "")
        if sign or tag in CODE or tag == "span":
            self.inline.append((tag, sign, len(self.pieces)))

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag in BLOCKS:
            self.pieces.append("\n")
        if self.inline and self.inline[-1][0] == tag:
            _, sign, start = self.inline.pop()
            inner = "".join(self.pieces[start:])
            if sign and inner.strip():
                self.pieces[start:] = [f"\x0e{sign}{inner.strip()}\x0f"]

    def handle_data(self, data: str) -> None:
        in_code = any(tag in CODE for tag, _, _ in self.inline)
        data = _keep(data) if in_code else data
        only_parts_tags = data.isspace() and "\n" in data
        super().handle_data("\x10" if only_parts_tags else data.replace("\n", " "))


def _small(found: re.Match[str]) -> str:
    before = found.string[: found.start()][-1:]
    if before.isdigit() and found[2] in ("st", "nd", "rd", "th"):
        return found[2]
    return _script(found[1], found[2], found[3])


def lines_of(html: str) -> list[str]:
    """What a browser shows of a document, by lines, with what TeX would read in programs kept."""
    sight = _Lines()
    sight.feed(html)
    sight.close()
    shown = re.sub("\x0e([\\^_])([^\x0e\x0f]*)\x0f(?=(.?))", _small, "".join(sight.pieces))
    shown = re.sub("\\s*\x10[\\s\x10]*(?=[,;:)\\]]|\\.(?!\\.))", "", shown).replace("\x10", " ")
    return [line for part in shown.split("\n") if (line := " ".join(part.split()))]


def as_typed(text: str) -> str:
    """The text with the signs back that were kept from TeX."""
    return text.translate(_BACK)


# -- what stands around an abstract ------------------------------------------------------------

NAME = r"[A-ZÀ-Þ][\w.'’-]*"
FURNITURE = re.compile(
    rf"""(?:
      (?:HTML|XML|PDF) | \[?link\]?(?:\s*\[?\d+\ comments\]?)?        # links
    | (?:https?://)?(?:[\w-]+\.)+[a-z]{{2,9}}(?:/\S*)?
    | submitted\ by.* | Continue\ reading\.*
    | (?:by|authors?:?)\ {NAME}(?:,?\ (?:and\ )?{NAME})*              # who wrote it
    | (?:[Aa]uthors?|[Bb]y|DOI|PDF|Publisher|Language|Keywords):\ .*
    | (?:updated|published|posted):\ .*\d{{4}}
    | [A-Z]\w+\ \d+(?:\(\d+\))?:\ \d+[-–]\d+ )""",
    re.VERBOSE,
)
TAIL = re.compile(r"\s*(?:\[(?:\.\.\.|…)\]|\.{3,}|…)\s*$")
STRUCTURE = re.compile(
    r"background|objective|aim|purpose|introduction|method|result|conclusion", re.I
)


def abstract_of(lines: list[str], title: str) -> str:
    """The abstract among the lines of an entry's text, as a person would copy it down."""
    for number, line in enumerate(lines):
        if re.fullmatch(r"abstract:?", line, re.I):
            return abstract_of(lines[number + 1 :], title)
        if opened := re.match(r"Abstract(?::\s*|\s+(?=(?:The|A|An|In|We|This)\s))", line):
            return abstract_of([line[opened.end() :], *lines[number + 1 :]], title)
    said = [line for line in lines if not FURNITURE.fullmatch(line) and _same(line) != _same(title)]
    while said and _is_ornament(said[0]):
        said = said[1:]
    while said and _is_ornament(said[-1]) and not TAIL.fullmatch(said[-1]):
        said = said[:-1]
    if any(re.search(r"[.!?…:][\"”’)\]]*$", line) for line in said):
        while len(said) > 1 and _is_heading(said[0]):
            said = said[1:]
        while len(said) > 1 and _is_heading(said[-1]):
            said = said[:-1]
    text = " ".join(said)
    if len(title) > 20 and text.startswith(title) and len(text) > len(title) + 40:
        text = text[len(title) :].lstrip(" .:—–-")
    text = re.sub(r"\s*\bContinue reading.{0,60}$", "", text)
    return f"{TAIL.sub('', text)}…" if TAIL.search(text) else text


def _same(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))


def _is_ornament(line: str) -> bool:
    """A rule of signs alone."""
    return not re.search(r"\w", line)


def _is_heading(line: str) -> bool:
    """ "Research Article": at most five words and no sentence."""
    is_short = len(line.split()) <= 5 and len(line) <= 40 and not re.search(r"[.!?…:,\"'’]", line)
    return is_short and not STRUCTURE.match(line)


# -- plain text -------------------------------------------------------------------------------


def wrapped(text: str) -> re.Pattern[str]:
    """The text on lines: they may end at a space, behind a hyphen, and within a very long word."""
    words = list[str]()
    for word in text.split(" "):
        joint = r"\s*" if len(word) > 60 else ""
        letters = [re.escape(c) + (r"\s*" if c == "-" else joint) for c in word]
        words.append("".join(letters).replace(r"\-\s*\-", r"\s*\-\s*\-"))
    return re.compile(r"\s+".join(words))
