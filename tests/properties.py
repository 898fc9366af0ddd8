"""What examples the property tests try: the same in every folder, order and locale.

`make fuzz` has them try many more, from a seed that it prints.
"""

from __future__ import annotations

import os

import hypothesis
from hypothesis import HealthCheck
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

FUZZ_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))  # 0: as many as a test asks for


def examples(count: int) -> int:
    """How many examples a test tries that asks for so many."""
    return max(count, FUZZ_EXAMPLES)


def settle_examples() -> None:
    """Make what Hypothesis tries depend on the test alone, or on the seed of `make fuzz`."""
    # Every setting that matters is named: Hypothesis has others where it takes us for a CI.
    hypothesis.settings.register_profile(
        "settled",
        max_examples=examples(100),
        derandomize=not FUZZ_EXAMPLES,
        database=None,
        deadline=None,
        # A busy machine draws slowly, and a fixture of a function serves all its examples.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    hypothesis.settings.load_profile("settled")
    # Hypothesis mixes in constants of the modules that happen to be imported, unless the path of
    # their file has a folder "test" or "tests". It has no setting for that.
    assert callable(providers._get_local_constants)
    providers._get_local_constants = Constants
