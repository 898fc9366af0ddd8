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
_BRITISH_ISE = re.compile(r"(?<=al|ar|er|im|en|om)is(?=(?:e|es|ed|ing|ers?|ations?|able)$)")
_BRITISH_OUR = re.compile(r"^(behavi|col|fav|hum|lab|neighb|tum|vap)our")


def to_american(folded: str) -> str:
    """Return the American spelling of a British word; any other word as it is."""
    if "is" in folded:
        return _BRITISH_ISE.sub("iz", folded)
    return _BRITISH_OUR.sub(r"\1or", folded) if "our" in folded else folded


def compound_length(folded: str) -> int:
    """Return how many letters the first part of a closed compound has, 0 for other words."""
    found = _COMPOUND.match(folded)
    return found.end() if found else 0
