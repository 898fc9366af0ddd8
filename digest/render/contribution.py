"""Which sentence of an abstract says what the paper contributes: "we propose …", not the motive."""

from __future__ import annotations

import re
from collections.abc import Sequence

from subscribers.topics.highlight import find_places
from subscribers.topics.words import read_words

_WHO = (
    r"(?:we|I|this (?:paper|work|article|study|survey|review|thesis|report|note|tutorial)"
    r"|the (?:present|current) (?:paper|work|article|study)|our (?:paper|work|study)"
    r"|in this (?:paper|work|article|study)|the authors?)"
)
# Up to some words between who and what they do: "we then carefully introduce".
_BETWEEN = r"\b[^.;:]{0,40}?\b"
_MADE = (
    r"(?:propos|introduc|present|develop|releas|design|devis|contribut|unveil|put forward"
    r"|creat|construct|build|built|formulat|describ)\w*"
)
_FOUND = (
    r"(?:show|demonstrat|prov[ei]|investigat|study|studies|studied|analy[sz]|examin|explor|evaluat"
    r"|establish|report|survey|review|revisit|address|compar|argue|find|found|derive|provide"
    r"|conduct|benchmark|obtain|measure|characteri[sz])\w*"
)
_PASSIVE = r"\b(?:is|are|has been|have been) (?:\w+ )?(?:proposed|introduced|presented|developed)\b"
_KINDS = (
    re.compile(rf"\b{_WHO}{_BETWEEN}{_MADE}\b", re.IGNORECASE),
    re.compile(_PASSIVE, re.IGNORECASE),
    re.compile(rf"\b{_WHO}{_BETWEEN}{_FOUND}\b", re.IGNORECASE),
)
# How such a sentence begins, where it speaks of the one before it: "to address these limits,".
_REFERENCE = re.compile(
    r"""(?:(?:to|using|given|based|motivated|inspired|driven|guided|building|for)
          \b[^.,;:()]{0,40}\b(?:this|these|that|those|such)\b[^.,;:()]{0,50},
        |in\ this\ (?:paper|work|article|study|report),
        |(?:therefore|thus|hence|consequently|accordingly|instead),?)
        \s+(?=(?:we|this|our|I)\b)""",
    re.VERBOSE | re.IGNORECASE,
)


def find_contribution(sentences: Sequence[str]) -> int | None:
    """The first sentence that says what was made; else what is proposed; else what was found."""
    for kind in _KINDS:
        for place, sentence in enumerate(sentences):
            if kind.search(sentence):
                return place
    return None


def cut_reference(sentence: str, words: Sequence[str]) -> str:
    """The sentence without an opening that refers to one before it: "To this end, we propose …".

    Where the opening holds one of the found words it stays.
    """
    opening = _REFERENCE.match(sentence)
    if opening is None or any(find_places(read_words(opening[0]), [word]) for word in words):
        return sentence
    rest = sentence[opening.end() :]
    return f"{rest[0].upper()}{rest[1:]}"
