"""A paste of long words is read in one pass: its cost grows with its length alone."""

from __future__ import annotations

import time

from digest.suggest.suggest import _NO_WORD


def measure(text: str) -> float:
    began = time.thread_time()
    _NO_WORD.sub(" ", text)
    return time.thread_time() - began


def test_long_words_cost_no_more_than_short_ones() -> None:
    short, long = ("a" * 9 + " ") * 60_000, ("a" * 99 + " ") * 6_000
    assert min(measure(long) for _ in range(3)) < 3 * min(measure(short) for _ in range(3))


def test_what_is_no_word_is_left_out() -> None:
    assert _NO_WORD.sub(" ", f"a {'b' * 100}-{'c' * 99}\0d") == f"a  -{'c' * 99} d"
