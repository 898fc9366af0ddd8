"""The admin's view of subscribers, their topics, and the staff who may look at them."""

from subscribers.admin import card_labels, sign_ins, site, staff, subscribers, suppressions, topics

card_labels.name_cards()

__all__ = ["card_labels", "sign_ins", "site", "staff", "subscribers", "suppressions", "topics"]
