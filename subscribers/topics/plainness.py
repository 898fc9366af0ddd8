"""Which of several spellings of one topic is the plainest."""

from __future__ import annotations


def rank_plainness(query: str) -> tuple[int, int]:
    """The lower the plainer: by signs and letters beyond ASCII, then by capitals.

    >>> min(["Diffusion-Policy", "diffusion policy!", "diffusion policy"], key=rank_plainness)
    'diffusion policy'
    """
    adorned = sum(not (c.isascii() and (c.isalnum() or c == " ")) for c in query)
    return adorned, sum(map(str.isupper, query))
