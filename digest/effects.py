"""What a reader's *more* and *less* come to, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from digest.feedback import Change
from digest.wording import in_a_row


class Tense(NamedTuple):
    """The verbs of a sentence about what a press will do, or did."""

    come: str
    follow: str


WILL, DONE = Tense("will come", "so will"), Tense("now come", "so do")
NOTHING = (
    "Nothing can be learned from this paper: none of the topics you follow finds it, and it shares "
    "no category, organization or rare word with others."
)


def in_words(changes: Sequence[Change], tense: Tense, *, is_more: bool) -> str:
    """The effect of a press in one or two sentences.

    Papers on “RAG” now come a little earlier in your digest; so do papers in cs.CL.
    """
    pressed = [c for c in changes if c.after != c.before]
    full = [c for c in changes if c.after == c.before]
    way, most = ("earlier", "early") if is_more else ("later", "late")
    sentences = []
    if pressed:
        first, others = _parted(pressed)
        moved = f"{_capital(first)} {tense.come} a little {way} in your digest"
        sentences.append(f"{moved}; {tense.follow} {others}." if others else f"{moved}.")
    if full:
        first, others = _parted(full)
        alike = in_a_row([first, others]) if others else first
        sentences.append(f"{_capital(alike)} already come as {most} as they can.")
    return " ".join(sentences) or NOTHING


def _parted(changes: Sequence[Change]) -> tuple[str, str]:
    """What comes first, and the rest: topics before all else."""
    groups = [_topics(changes), *_fields(changes), _words(changes)]
    first, *rest = filter(None, groups)
    return first, in_a_row(rest) if rest else ""


def _topics(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "topic"]
    return f"papers on {in_a_row(said)}" if said else ""


def _fields(changes: Sequence[Change]) -> list[str]:
    begins = {"category": "papers in", "organization": "papers from"}
    return [f"{begins[c.kind]} {c.said}" for c in changes if c.kind in begins]


def _words(changes: Sequence[Change]) -> str:
    said = [f"“{c.said}”" for c in changes if c.kind == "word"]
    return f"papers with {in_a_row(said, 'or')} in the title" if said else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
