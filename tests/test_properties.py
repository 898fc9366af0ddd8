"""The examples of a property test depend on nothing but the test, or the seed of `make fuzz`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Draws as a property test does, beside a module of the checkout that has a constant of its own.
DRAW = """
import sys
sys.path.insert(0, sys.argv[1])
import shop
from hypothesis import given, seed, strategies as st
from tests.properties import settle_examples
settle_examples()
drawn = []

@given(st.integers(), st.text())
def draw(number, text):
    drawn.append((number, text))

if len(sys.argv) > 2:
    draw = seed(int(sys.argv[2]))(draw)
draw()
print(len(drawn), ascii(drawn))
"""


def draw(folder: Path, *words: str, **env: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.py").write_text("PRICE, NAME = 424242, 'a constant'\n")
    return subprocess.run(
        [sys.executable, "-c", DRAW, str(folder), *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "CI"} | env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_same_examples_are_tried_in_every_folder_and_on_every_machine(tmp_path: Path) -> None:
    here = draw(tmp_path / "shop")
    assert here.startswith("100 ")
    assert draw(tmp_path / "tests" / "a näme", CI="true", PYTHONHASHSEED="1", LC_ALL="C") == here


def test_a_seed_of_make_fuzz_tries_the_same_again_and_another_seed_tries_others(
    tmp_path: Path,
) -> None:
    first, again, other = (draw(tmp_path, seed, FUZZ_EXAMPLES="120") for seed in ("7", "7", "8"))
    assert first == again
    assert first.startswith("120 ")
    assert first != other


def test_no_property_test_settles_for_a_number_of_its_own() -> None:
    own = re.compile(r"\bmax_examples=\d|\bdeadline=\d|\bderandomize=")
    paths = [path for path in (ROOT / "tests").rglob("test_*.py") if own.search(path.read_text())]
    assert paths == []
