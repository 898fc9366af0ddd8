"""English spelling as data: compounds written closed or open, British forms, German names."""

from __future__ import annotations

import re

# First part of a compound -> how the second may begin: autoencoder is auto-encoder.
_COMPOUNDS = {
    "auto": "encod|regress",
    "back": "propagat",
    "bi": "direction|level|manual",
    "cross": "attention|lingual|modal|valid",
    "cryo": "em$|electron",
    "cyber": "secur",
    "data": "set",
    "e": "mails?$|commerce$",
    "few": "shot",
    "fine": "grain|tun",
    "gamma": "delta$",
    "hyper": "network|param",
    "k": "means|nns?$",
    "lambda": "cdm$",
    "meta": "learn",
    "multi": "(?!p|tud)[a-z]{4}",
    "neuro": "symbol",
    "non": "autoreg|convex|gauss|linear|negativ|param|smooth|station|uniform",
    "pre": "comput|process|train",
    "post": "process|train",
    "r": "cnns?$",
    "real": "time",
    "self": "attention|improv|play|supervis|train",
    "semi": "definit|supervis",
    "spatio": "temporal",
    "super": "resol",
    "t": "sne$",
    "tele": "operat",
    "trade": "off",
    "u": "nets?$",
    "wi": "fi$",
    "zero": "shot",
}
_COMPOUND = re.compile("|".join(f"{a}(?={b})" for a, b in _COMPOUNDS.items()))
_BRITISH_ISE = re.compile(
    r"(?<=al|an|ar|as|el|en|er|es|gn|il|im|nt|om|or|os|rd)is(?=(?:e|es|ed|ing|ers?|ations?|able)$)"
)
_BRITISH_YSE = re.compile(r"^(anal|catal|dial|paral)ys(?=(?:e|ed|ing|ers?)$)")
_BRITISH_LL = re.compile(
    r"^(cancel|channel|fuel|label|level|model|signal|travel|tunnel)l(?=(?:ed|ing|ings|ers?)$)"
)
_BRITISH_OUR = re.compile(
    r"^(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|od|tum|vap)our"
)
_BRITISH_AEM = re.compile(r"(?<=[a-z]{2})aem(?=ia|ic)")  # bacteraemia, glycaemic
_BRITISH_METRE = re.compile(r"(?:(?<=[cilnor])|^)(met|lit)re(?=s?$)")  # nanometre, millilitre
# How a word begins -> how Americans begin it.
_AMERICAN = {
    "aetiolog": "etiolog",
    "ageing": "aging",
    "aluminium": "aluminum",
    "anaesth": "anesth",
    "artefact": "artifact",
    "catalogue": "catalog",
    "caesar": "cesar",
    "centre": "center",
    "coeliac": "celiac",
    "defence": "defense",
    "dialogue": "dialog",
    "diarrhoea": "diarrhea",
    "fibre": "fiber",
    "foet": "fet",
    "grey": "gray",
    "gynaec": "gynec",
    "haem": "hem",
    "judgement": "judgment",
    "licence": "license",
    "manoeuvr": "maneuver",
    "mould": "mold",
    "oedema": "edema",
    "oesoph": "esoph",
    "oestr": "estr",
    "offence": "offense",
    "orthopaed": "orthoped",
    "paediatr": "pediatr",
    "palaeo": "paleo",
    "programme": "program",
    "sulph": "sulf",
    "tyre": "tire",
}
_BRITISH = re.compile(f"^(?:{'|'.join(_AMERICAN)})(?!d$|r)")  # programmed, programmer: in both

# Names in which ae, oe and ue stand for a letter with two dots, or for the Nordic one: how they
# begin. Elsewhere the e is a letter of its own: poem, Boerhaave.
_UMLAUT_NAMES = """
angstroem|baecklund|bjoerk|boettcher|bruecke|buechi|doering|fraenkel|froehlich|gaertner|goedel
|goettingen|groebner|gruenbaum|grueneisen|gruenwald|haeckel|hoelder|hoermander|hueckel|huerthle
|jaeger|joergensen|kaehler|koehler|koenig|kuenneth|kuepffer|lindeloef|loeffler|loewner|luebeck
|moebius|moeller|moenckeberg|moessbauer|mueller|muenchen|muenster|noether|noerlund|nystroem
|oersted|oepik|pluecker|poeschl|roemer|roentgen|roessler|schoenflies|schoenlein|schroeder
|schroeding|schuetz|sjoeberg|sjoegren|soerensen|stueckelberg|toeplitz|tuebingen|waldenstroem
|weizsaecker|wuerzburg|zuerich
"""
_UMLAUT_NAME = re.compile(f"^(?:{''.join(_UMLAUT_NAMES.split())})")
_DIGRAPH = re.compile("([aou])e(?=[^aeiou])")


def fold_umlauts(folded: str) -> str:
    """Return a name as it is without the e that stands for two dots: schrodinger.

    >>> fold_umlauts("schroedinger")
    'schrodinger'
    """
    if not _UMLAUT_NAME.match(folded):
        return folded
    return _DIGRAPH.sub(r"\1", f"{folded} ").strip()


def to_american(folded: str) -> str:
    """Return the American spelling of a British word; any other word as it is."""
    word = _BRITISH.sub(lambda british: _AMERICAN[british.group()], folded)
    if "aem" in word:
        word = _BRITISH_AEM.sub("em", word)
    if "tre" in word:
        word = _BRITISH_METRE.sub(r"\1er", word)
    if "is" in word:
        return _BRITISH_ISE.sub("iz", word)
    if "ll" in word:
        return _BRITISH_LL.sub(r"\1", word)
    if "ys" in word:
        return _BRITISH_YSE.sub(r"\1yz", word)
    return _BRITISH_OUR.sub(r"\1or", word) if "our" in word else word


def find_compound_break(folded: str) -> int:
    """Return how many letters the first part of a closed compound has, 0 for other words.

    4 for autoencoder, which is read as auto-encoder.
    """
    compound = _COMPOUND.match(folded)
    return compound.end() if compound else 0
