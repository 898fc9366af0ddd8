"""All rows of `subscribers`: who wants what, and the addresses that must not be mailed."""

from subscribers.models.addresses import Departure, Mailbox, Suppression, is_suppressed
from subscribers.models.confirmations import Confirmation
from subscribers.models.consents import ConsentEvent, consents_noted
from subscribers.models.deletion import deletion_begins
from subscribers.models.former_addresses import FormerAddress
from subscribers.models.id_lists import AnyOf
from subscribers.models.leanings import MOST_LEANINGS, MOST_STEPS, Leaning
from subscribers.models.list_imports import ListImport, RejectedLine
from subscribers.models.passkeys import MOST_PASSKEYS, Passkey, end_second_step
from subscribers.models.site_look import SiteLook
from subscribers.models.subscribers import Subscriber, SubscriberQuerySet
from subscribers.models.topic_changes import TopicChange
from subscribers.models.topics import (
    AS_TYPED,
    MAX_TOPIC_CHARS,
    MAX_TOPICS,
    Acronym,
    Interest,
    InterestQuerySet,
    SpellingVariant,
    Topic,
    TopicQuerySet,
)
from subscribers.schedule import FARTHEST_DIGEST, list_due_ranges

__all__ = [
    "AS_TYPED",
    "FARTHEST_DIGEST",
    "MAX_TOPICS",
    "MAX_TOPIC_CHARS",
    "MOST_LEANINGS",
    "MOST_PASSKEYS",
    "MOST_STEPS",
    "Acronym",
    "AnyOf",
    "Confirmation",
    "ConsentEvent",
    "Departure",
    "FormerAddress",
    "Interest",
    "InterestQuerySet",
    "Leaning",
    "ListImport",
    "Mailbox",
    "Passkey",
    "RejectedLine",
    "SiteLook",
    "SpellingVariant",
    "Subscriber",
    "SubscriberQuerySet",
    "Suppression",
    "Topic",
    "TopicChange",
    "TopicQuerySet",
    "consents_noted",
    "deletion_begins",
    "end_second_step",
    "is_suppressed",
    "list_due_ranges",
]
