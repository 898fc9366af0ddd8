"""Looking for unreachable objects hardly ever while a run matches, composes or hands over.

What a run makes by the thousand is kept (cards, the papers of topics) or freed at once (mails,
rows), and nothing of it goes in a circle, which tests hold. Python's collector would look through
it again and again all the same, which took a sixth of what matching and rendering cost, and a
third of composing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects that are made and kept between two looks at the youngest, some 200 MB of them, and so many
# of these between two looks at the older ones:
# https://docs.python.org/3/library/gc.html#gc.set_threshold
SELDOM = (2_000_000, 20, 50)


@contextmanager
def collect_seldom() -> Iterator[None]:
    """For the block, in the whole process; what somebody else sets meanwhile stays."""
    before = gc.get_threshold()
    gc.set_threshold(*map(max, before, SELDOM) if before[0] else before)
    ours = gc.get_threshold()
    try:
        yield
    finally:
        if gc.get_threshold() == ours:
            gc.set_threshold(*before)
