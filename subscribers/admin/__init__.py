"""The admin's view of subscribers, their topics, and the staff who may look at them."""

from subscribers.admin import site, staff, subscribers, suppressions, topics

__all__ = ["site", "staff", "subscribers", "suppressions", "topics"]
