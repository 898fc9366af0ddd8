"""The admin's view of what is sent: sources, papers, editions and deliveries."""

from digest.admin import deliveries, papers, sources

__all__ = ["deliveries", "papers", "sources"]
