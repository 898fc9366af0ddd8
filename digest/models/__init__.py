"""All rows of `digest`: sources, papers, deliveries, and what subscribers say back of papers."""

from digest.models.deliveries import (
    Delivery,
    DeliveryQuerySet,
    Edition,
    Encore,
    ProviderPause,
)
from digest.models.feedback import Feedback, SavedPaper
from digest.models.papers import (
    TITLE_CHARS,
    Entry,
    Match,
    Merger,
    Paper,
    PaperQuerySet,
    Snapshot,
)
from digest.models.sources import FARTHEST_FETCH, URL_CHARS, HostTurn, Source, SourceQuerySet

__all__ = [
    "FARTHEST_FETCH",
    "TITLE_CHARS",
    "URL_CHARS",
    "Delivery",
    "DeliveryQuerySet",
    "Edition",
    "Encore",
    "Entry",
    "Feedback",
    "HostTurn",
    "Match",
    "Merger",
    "Paper",
    "PaperQuerySet",
    "ProviderPause",
    "SavedPaper",
    "Snapshot",
    "Source",
    "SourceQuerySet",
]
