"""Whether the hashes of mailboxes fit the key in use, and how they are written anew where not."""

from __future__ import annotations

from django.db import transaction

from subscribers import mailboxes
from subscribers.models import Subscriber, Suppression

WRONG_KEY = (
    "MAILBOX_KEY is another one than that under which suppressed mailboxes are known here, so "
    "nobody can tell whom not to mail. Set MAILBOX_KEY to the first SECRET_KEY this database had. "
    "Where that is lost, `manage.py refold_mailboxes` knows those again who are still subscribed."
)
_AT_ONCE = 2000


def has_other_key() -> bool:
    """Whether the hash of the oldest subscriber is not what the key in use makes of the address."""
    oldest = Subscriber.objects.order_by("pk").values_list("email", "mailbox").first()
    return oldest is not None and mailboxes.hash_mailbox(oldest[0]) != oldest[1]


def refold_mailboxes() -> int:
    """Hash every subscriber's address anew, and suppress under the new hash who was under the old.

    For another key, or another rule of a provider. Returns for how many the hash has changed.
    """
    changed = 0
    rows = Subscriber.objects.order_by("pk").only("pk", "email", "mailbox", "spelling")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:_AT_ONCE]):
        last = chunk[-1].pk
        with transaction.atomic():
            changed += sum(map(_refold, chunk))
    return changed


def _refold(subscriber: Subscriber) -> bool:
    before = (subscriber.mailbox, subscriber.spelling)
    now = Subscriber.hash_address(subscriber.email)
    if before == (now["mailbox"], now["spelling"]):
        return False
    for row in Suppression.objects.filter(fingerprint__in=[text for text in before if text]):
        is_of_spelling = row.fingerprint == subscriber.spelling and now["spelling"]
        Suppression.objects.get_or_create(
            fingerprint=now["spelling"] if is_of_spelling else now["mailbox"],
            defaults={"reason": row.reason, "created_at": row.created_at},
        )
    Subscriber.objects.filter(pk=subscriber.pk).update(**now)
    return True
