"""Which of a provider's messages are digests that this database does not know to have been sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string

from digest.deliver.copies import COPY_SUBJECT
from digest.deliver.provider.message_listings import ListedMessage
from digest.deliver.provider.message_search import CLOCKS_DIFFER
from digest.high_water.senders import Senders
from digest.models import Delivery
from digest.watch.alarms import MAIL_SUBJECT
from subscribers.models import FormerAddress, Subscriber
from subscribers.models.site_look import NAME
from subscribers.site_look import read_look

Status = Delivery.Status
# Where a provider's list tells no keys, a mail of ours that is no digest is known by its subject.
LETTERS = ("confirmation", "link", "move", "moved")
TRIAL_SUBJECT = "A test mail of Offprint"  # of `manage.py doctor --send-to`
TO_STAFF = (TRIAL_SUBJECT, COPY_SUBJECT)  # how their mails' subjects begin


@dataclass(frozen=True)
class UnknownMail:
    """A digest that the provider has, whom it went to, and its row where that was in the backup."""

    message: ListedMessage
    subscriber_id: int | None  # None: nobody in this database has or had that address
    delivery_id: int | None


def find_unknown_mails(
    messages: Sequence[ListedMessage], has_keys: bool, is_sender: Callable[[str], bool]
) -> list[UnknownMail]:
    """Those of the messages that are digests and that no row of ours says to be sent.

    `has_keys` says whether the list tells our deliveries' keys where there are any; where it does
    not, `is_sender` whether an address sends digests (digest/high_water/senders.py).
    """
    digests = [message for message in messages if _is_digest(message, has_keys, is_sender)]
    rows = _read_rows(digests)
    lost = [m for m in digests if m.key not in rows or rows[m.key].status != Status.SENT]
    lost = _drop_known_ids(lost)
    subscribers = _find_subscribers({message.recipient for message in lost})
    return [
        UnknownMail(
            message,
            rows[message.key].subscriber_id
            if message.key in rows
            else subscribers.get(message.recipient),
            rows[message.key].pk if message.key in rows else None,
        )
        for message in lost
    ]


def find_surprises(unknown: Sequence[UnknownMail]) -> list[UnknownMail]:
    """Those of which a database in order would know at least that a call for them began."""
    rows = Delivery.objects.in_bulk({mail.delivery_id for mail in unknown if mail.delivery_id})
    subscribers = Subscriber.objects.in_bulk({m.subscriber_id for m in unknown if m.subscriber_id})
    begun = _read_begun(subscribers)
    surprises = []
    for mail in unknown:
        at, subscriber = mail.message.accepted_at, subscribers.get(mail.subscriber_id or 0)
        if mail.delivery_id:
            is_surprise = rows[mail.delivery_id].maybe_sent_at is None
        elif subscriber is None or at < subscriber.created_at:
            is_surprise = False  # deleted since, perhaps, and signed up anew
        else:
            is_surprise = not any(
                abs(at - moment) < CLOCKS_DIFFER for moment in begun[subscriber.pk]
            )
        if is_surprise:
            surprises.append(mail)
    return surprises


def _read_begun(subscriber_ids: Collection[int]) -> dict[int, list[datetime]]:
    """By subscriber, when calls began for their mails, or had begun, as far as is known."""
    begun: dict[int, list[datetime]] = defaultdict(list)
    rows = Delivery.objects.filter(subscriber_id__in=subscriber_ids)
    rows = rows.filter(Q(maybe_sent_at__isnull=False) | Q(sent_at__isnull=False))
    for pk, *moments in rows.values_list("subscriber_id", "maybe_sent_at", "claimed_at", "sent_at"):
        begun[pk] += [moment for moment in moments if moment]
    return begun


def count_unknown_senders(
    messages: Sequence[ListedMessage], has_keys: bool, senders: Senders
) -> Counter[str]:
    """Of mails to readers of ours by the same account, those from addresses nobody knows."""
    unknown = [m for m in messages if not has_keys and senders.is_unknown(m.sender)]
    readers = _find_subscribers({message.recipient for message in unknown})
    return Counter(message.sender for message in unknown if message.recipient in readers)


def _is_digest(message: ListedMessage, has_keys: bool, is_sender: Callable[[str], bool]) -> bool:
    if has_keys:
        return _read_uuid(message.key) is not None and message.subject != TRIAL_SUBJECT
    if not is_sender(message.sender):
        return False  # of another service with the same account, to people of ours
    if message.subject.startswith(TO_STAFF) or _is_alarm(message):
        return False  # to staff, who may be subscribers as well
    return message.subject not in _read_letter_subjects()


def _is_alarm(message: ListedMessage) -> bool:
    """Not a digest of somebody else: its subject may begin so, for a paper's title or a topic."""
    operators = {address.lower() for address in settings.OPERATORS_EMAIL}
    return message.subject.startswith(MAIL_SUBJECT) and message.recipient.lower() in operators


def _read_letter_subjects() -> set[str]:
    """Under the name that the site has now, and the one that it had when it was set up."""
    return {
        render_to_string(f"emails/{name}/subject.txt", {"site_name": said}).strip()
        for name in LETTERS
        for said in (read_look().name, NAME)
    }


def _read_rows(messages: Sequence[ListedMessage]) -> dict[str, Delivery]:
    """Our rows by the key that a message names."""
    keys = [key for message in messages if (key := _read_uuid(message.key))]
    rows = Delivery.objects.filter(key__in=keys).defer("contents")
    return {str(row.key): row for row in rows}


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _drop_known_ids(messages: list[ListedMessage]) -> list[ListedMessage]:
    """Without those of which a row that was sent has the provider's own id."""
    ids = {message.message_id for message in messages if not message.key and message.message_id}
    sent = Delivery.objects.sent().filter(message_id__in=ids)
    known = set(sent.values_list("message_id", flat=True))
    return [message for message in messages if message.key or message.message_id not in known]


def _find_subscribers(addresses: set[str]) -> dict[str, int]:
    """By address, whose it is, or whose it was last."""
    former = FormerAddress.objects.filter(email__in=addresses).order_by("left_at", "pk")
    found = dict(former.values_list("email", "subscriber_id"))
    return found | dict(Subscriber.objects.filter(email__in=addresses).values_list("email", "pk"))
