"""Limits how many mails without an answer go to a mailbox, in whatever spelling it was typed.

Which spellings are one mailbox stands in subscribers/mailboxes.py. Three mails a day apart, then
silence until one is answered, or for 90 days. Mails that ask whether digests shall move to an
address are counted by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from subscribers.mailboxes import hash_for_quota
from subscribers.models import Mailbox

APART = timedelta(hours=24)
BEFORE_SILENCE = 3
SILENT_FOR = timedelta(days=90)
# Asked for by whoever holds an account link: no stranger's sign-ups use that up.
MOVE = "move"


def claim_mail(email: str, now: datetime, purpose: str = "") -> bool:
    """Count one more mail to this mailbox, if one may go now; a second claim gets False."""
    fingerprint = hash_for_quota(email, purpose)
    own = Mailbox.objects.filter(fingerprint=fingerprint)
    first = Mailbox(fingerprint=fingerprint, letter_sent_at=now - APART)
    Mailbox.objects.bulk_create([first], ignore_conflicts=True)
    due = own.filter(letter_sent_at__lte=now - APART, letters_sent__lt=BEFORE_SILENCE)
    return bool(due.update(letter_sent_at=now, letters_sent=F("letters_sent") + 1))


def read_counts(emails: Iterable[str]) -> dict[str, Mailbox]:
    """The count of each address that had a mail, in whatever spelling of its mailbox."""
    fingerprints = {email: hash_for_quota(email) for email in emails}
    rows = Mailbox.objects.filter(fingerprint__in=set(fingerprints.values()))
    counts = {row.fingerprint: row for row in rows}
    return {email: counts[own] for email, own in fingerprints.items() if own in counts}


def release_mail(email: str, now: datetime, purpose: str = "") -> None:
    """Give a claim made at `now` back: the mail did not leave."""
    fingerprint = hash_for_quota(email, purpose)
    own = Mailbox.objects.filter(fingerprint=fingerprint, letter_sent_at=now)
    own.update(letter_sent_at=now - APART, letters_sent=F("letters_sent") - 1)


def note_answer(email: str) -> None:
    """Count from zero: somebody has answered a mail to this mailbox."""
    note_answers([email])


def note_answers(emails: Iterable[str]) -> None:
    """The same for many at once."""
    find_counts(*emails).update(letters_sent=0)


def find_counts(*emails: str) -> QuerySet[Mailbox]:
    """The rows of these mailboxes, one for each purpose."""
    hashes = [hash_for_quota(email, purpose) for email in emails for purpose in ("", MOVE)]
    return Mailbox.objects.filter(fingerprint__in=hashes)


def list_counts(emails: Iterable[str]) -> dict[str, list[Mailbox]]:
    """The rows of each of these mailboxes, at one query."""
    own = {email: {hash_for_quota(email), hash_for_quota(email, MOVE)} for email in emails}
    rows = list(Mailbox.objects.filter(fingerprint__in=set().union(*own.values())))
    return {e: [row for row in rows if row.fingerprint in hashes] for e, hashes in own.items()}


def forget_silent_mailboxes(now: datetime) -> int:
    """Delete the counts of mailboxes without a mail for 90 days; returns how many."""
    return Mailbox.objects.filter(letter_sent_at__lt=now - SILENT_FOR).delete()[0]
