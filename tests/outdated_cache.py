"""Entries of the cache as an earlier release left them: of a class that no module has any more."""

from __future__ import annotations

import sys
from types import ModuleType

from django.core.cache import cache


def write_outdated_entry(key: str) -> None:
    """Keep an instance of a class under `key`, and let the class go as a deploy would."""
    module = ModuleType("module_of_an_earlier_release")
    kind = type("Gone", (), {"__module__": module.__name__})
    module.__dict__["Gone"] = kind
    sys.modules[module.__name__] = module
    try:
        cache.set(key, kind(), 60)
    finally:
        del sys.modules[module.__name__]
