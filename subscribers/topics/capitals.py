"""Names by their capitals: whether they count in a word, and what is a plural of one name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NO_APOSTROPHES = {ord(sign): None for sign in "'’ʼ"}
_INITIALS = re.compile(r"(?:^|['’ʼ])\w")
_CACHED_WORDS = 100_000


@lru_cache(_CACHED_WORDS)
def list_capitals(raw: str) -> str:
    """Return how a word must be spelled when its capitals count, or "" when they do not.

    Capitals count inside a word: LoRA, RAG; the plural RAGs counts as RAG. Sam is just a name.
    """
    return list_exact_capitals(strip_small_s(raw))


def list_exact_capitals(raw: str) -> str:
    """The same, but a plural counts as it is spelled."""
    spelled = unicodedata.normalize("NFKC", raw)
    inner = _INITIALS.sub("", spelled)  # d'Alembert begins twice
    return spelled.translate(NO_APOSTROPHES) if any(c.isupper() for c in inner) else ""


def are_one_name(one: str, other: str) -> bool:
    """Whether one name is the plural of the other: ResNet and ResNets, but not GloBu and GloBus."""
    short, long = sorted((one, other), key=len)
    return long == f"{short}s" and short[-1:] not in ("s", "u", "i")


def strip_small_s(raw: str) -> str:
    """LLMs is LLM: a small s behind a capital is a plural, whatever Snowball makes of it."""
    return raw[:-1] if len(raw) > 2 and raw[-1] == "s" and raw[-2].isupper() else raw
