"""The admin's view of subscribers, their topics, and the staff who may look at them."""

from subscribers.admin import sign_ins, site, staff, subscribers, suppressions, topics

__all__ = ["sign_ins", "site", "staff", "subscribers", "suppressions", "topics"]
