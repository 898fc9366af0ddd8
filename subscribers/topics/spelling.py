"""English spelling as data: odd plurals, compounds written closed or open, British forms."""

from __future__ import annotations

import re

# Their last s is not a plural.
_NO_PLURALS = (
    "alias always atlas aws bias canvas chaos cosmos dbms dns gas gps has ios lens means news "
    "perhaps rss series sms species tls tts was"
)
# Plurals that no rule gets right.
SINGULARS = {
    "analyses": "analysis",
    "apis": "api",
    "biases": "bias",
    "buses": "bus",
    "corpora": "corpus",
    "cpus": "cpu",
    "criteria": "criterion",
    "diagnoses": "diagnosis",
    "gpus": "gpu",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "npus": "npu",
    "phenomena": "phenomenon",
    "simplices": "simplex",
    "syntheses": "synthesis",
    "tpus": "tpu",
    "vertices": "vertex",
    "viruses": "virus",
} | {word: word for word in _NO_PLURALS.split()}

# First part of a compound -> how the second may begin: autoencoder is auto-encoder.
_COMPOUNDS = {
    "auto": "encod|regress",
    "back": "propagat",
    "bi": "direction|level|manual",
    "cross": "attention|lingual|modal|valid",
    "cyber": "secur",
    "data": "set",
    "few": "shot",
    "fine": "grain|tun",
    "hyper": "network|param",
    "k": "means|nns?$",
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
_BRITISH_OUR = re.compile(r"^(behavi|col|fav|hum|lab|neighb|tum|vap)our")
# How a word begins -> how Americans begin it.
_AMERICAN = {
    "ageing": "aging",
    "anaem": "anem",
    "anaesth": "anesth",
    "artefact": "artifact",
    "catalogue": "catalog",
    "centre": "center",
    "defence": "defense",
    "dialogue": "dialog",
    "fibre": "fiber",
    "foet": "fet",
    "grey": "gray",
    "haemo": "hemo",
    "ischaem": "ischem",
    "judgement": "judgment",
    "leukaem": "leukem",
    "licence": "license",
    "manoeuvr": "maneuver",
    "oesoph": "esoph",
    "offence": "offense",
    "orthopaed": "orthoped",
    "paediatr": "pediatr",
    "programme": "program",
}
_BRITISH = re.compile(f"^(?:{'|'.join(_AMERICAN)})(?!d$|r)")  # programmed, programmer: in both


def to_american(folded: str) -> str:
    """Return the American spelling of a British word; any other word as it is."""
    word = _BRITISH.sub(lambda british: _AMERICAN[british.group()], folded)
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
