"""Names of genes, proteins and models as journals print them, whatever keyboard they came from.

    NF-kB  NFkB  NFKB1    NF-κB        TNFa  TNF-a  TNF-ß     TNF-α, TNF-β
    LCDM                  ΛCDM         KRAS(G12C)  KRASG12C   KRAS-G12C

A Latin letter stands for a Greek one behind capitals, and in a few names however they are written.
"""

from __future__ import annotations

import re

_GREEK_FOR = str.maketrans("abgkß", "αβγκβ")
_ROMAN = r"[IVX]+-?[ab]"  # stage IIIb, type IIb
_UNITS = r"[EGMPT]Pa|[EGM]Da"
_COPOLYMER = r"-(?:[A-Z]|poly)"  # the b of PS-b-PMMA stands for block, the g for graft
# Behind two capitals or more: TNFa, ERb, PKC-a; not behind a number, as in MPT-7b.
_CAPITALS = rf"(?!{_ROMAN}|{_UNITS})[A-Z]{{2,5}}-?(?P<behind>[abg](?=\d?(?!\w))(?!{_COPOLYMER}))"
# Names of which the letter is Greek however they are written: tnf-a, IFNG, IL1B, hif1a.
_ANY_CASE = (
    r"(?i:tnf|tgf|ifn|ppar|il-?1|hif-?[12]|gsk-?3|pgc-?1|ikk)-?"
    r"(?P<known>[abgABG](?=\d{0,2}(?!\w)))"
)
_KAPPA = r"(?:(?i:nf-?)(?P<kappa>[kK])(?=[bB](?![a-z]))|I(?P<inhibitor>k)(?=B(?![A-Z])))"
_LETTER = re.compile(rf"(?<!\w)(?:{_KAPPA}|{_ANY_CASE}|{_CAPITALS})")
_SHARP_S = re.compile(r"(?<![a-zß])ß(?![a-zß])")  # for the β that it looks like
_LAMBDA = re.compile(r"(?<!\w)L(?=CDM(?!\w))")
# https://hgvs-nomenclature.org: an amino acid, its place, and the one that stands there instead.
_AMINO = "ACDEFGHIKLMNPQRSTVWY"
_MUTATION = rf"(?:p\.)?[{_AMINO}]\d{{2,4}}[{_AMINO}*]"
_BRACKETED = re.compile(rf"\^?\(({_MUTATION})\)")
_GLUED = re.compile(rf"(?<!\w)[A-Z]{{2,}}\d{{0,2}}?(?=[{_AMINO}]\d{{2,4}}[{_AMINO}*]\b)")
_MAY_HOLD_NAME = re.compile(r"[A-Z(][A-Z\d]|IkB|ß|tnf|tgf|ifn|ppar|il-?1|hif|gsk|pgc|ikk|nf-?k")


def respell_names(raw: str) -> str:
    """Return what stands between two blanks with its names as they are printed; as long as before.

    >>> respell_names("NF-kB/TNFa,")
    'NF-κB/TNFα,'
    >>> respell_names("KRAS(G12C)")
    'KRAS-G12C-'
    """
    if not _MAY_HOLD_NAME.search(raw):
        return raw
    if "ß" in raw:
        raw = _SHARP_S.sub("β", raw)
    raw = _LAMBDA.sub("Λ", raw)
    if "(" in raw:
        raw = _BRACKETED.sub(_open_brackets, raw)
    return _LETTER.sub(_write_greek, raw)


def find_glued_mutation(raw: str) -> int:
    """Where the mutation begins that stands behind a gene's name without a gap; 0 where none does.

    >>> find_glued_mutation("BRAFV600E")
    4
    """
    found = _GLUED.search(raw)
    return found.end() if found else 0


def _write_greek(found: re.Match[str]) -> str:
    group = found.lastgroup or ""
    at = found.start(group) - found.start()
    name = found.group()
    return name[:at] + name[at].lower().translate(_GREEK_FOR) + name[at + 1 :]


def _open_brackets(found: re.Match[str]) -> str:
    """Hyphens for the brackets, which end no phrase here."""
    return found.group().replace("(", "-").replace(")", "-").replace("^", "-")
