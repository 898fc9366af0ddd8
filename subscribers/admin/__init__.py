"""The admin's view of readers, their topics, and the staff who may look at them."""

from subscribers.admin import readers, staff, topics

__all__ = ["readers", "staff", "topics"]
