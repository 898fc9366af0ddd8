"""One thing that is wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Symptom:
    """What was found and what to do about it, both whole sentences."""

    found: str
    remedy: str
    breaks_mail: bool = False  # or else it is only worth a look
