"""The admin's view of what is sent: sources, papers, editions and deliveries."""

from digest.admin import (
    deliveries,
    editions,
    events,
    groups,
    management_tokens,
    papers,
    people,
    sources,
    webhooks,
)

__all__ = [
    "deliveries",
    "editions",
    "events",
    "groups",
    "management_tokens",
    "papers",
    "people",
    "sources",
    "webhooks",
]
