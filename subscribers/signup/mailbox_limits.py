"""Limits how many mails without an answer go to a mailbox, in whatever spelling it was typed.

ada+papers@gmail.com, a.d.a@gmail.com and Ada@googlemail.com are one mailbox; a domain in
look-alike characters counts as the one it looks like. Only limits are counted by this normal form:
people are written to at the address they typed. Three mails a day apart, then silence until one is
answered, or for 90 days.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.crypto import salted_hmac

from subscribers.models import Mailbox

APART = timedelta(hours=24)
BEFORE_SILENCE = 3
SILENT_FOR = timedelta(days=90)
_SAME_DOMAIN = {"googlemail.com": "gmail.com"}
_DOTLESS = {"gmail.com"}  # dots before the @ mean nothing there
# Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans(
    "авеєёікмнорсстухѕјԁԛԝһӏгαβγεηικνορτυχωѵ",
    "abeeeikmhopcctyxsjdqwhlrabgenikvoptuxwv",
)


def normalize_address(email: str) -> str:
    """The address without tags, Gmail's dots, capitals and look-alike characters."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    domain = _normalize_domain(domain)
    tagless = local.partition("+")[0] or local
    return f"{tagless.replace('.', '') if domain in _DOTLESS else tagless}@{domain}"


def _normalize_domain(domain: str) -> str:
    labels = [_normalize_label(label) for label in domain.rstrip(".").split(".")]
    plain = ".".join(labels)
    return _SAME_DOMAIN.get(plain, plain)


def _normalize_label(label: str) -> str:
    if label.startswith("xn--"):
        try:
            label = label.removeprefix("xn--").encode("ascii").decode("punycode")
        except UnicodeError:
            return label
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(_LOOK_ALIKES)


def hash_mailbox(email: str) -> str:
    """A keyed hash of the normalized address, in hexadecimal: without our key it says nothing."""
    return salted_hmac(
        "subscribers.mailbox", normalize_address(email), algorithm="sha256"
    ).hexdigest()


def claim_mail(email: str, now: datetime) -> bool:
    """Count one more mail to this mailbox, if one may go now; a second claim gets False."""
    own = Mailbox.objects.filter(fingerprint=hash_mailbox(email))
    first = Mailbox(fingerprint=hash_mailbox(email), letter_sent_at=now - APART)
    Mailbox.objects.bulk_create([first], ignore_conflicts=True)
    due = own.filter(letter_sent_at__lte=now - APART, letters_sent__lt=BEFORE_SILENCE)
    return bool(due.update(letter_sent_at=now, letters_sent=F("letters_sent") + 1))


def find_last_mail(email: str) -> datetime | None:
    """When the last mail went to this mailbox, in whatever spelling; None for none."""
    own = Mailbox.objects.filter(fingerprint=hash_mailbox(email))
    return own.values_list("letter_sent_at", flat=True).first()


def is_silent(email: str) -> bool:
    """Whether so many mails went to this mailbox without an answer that no more may go."""
    own = Mailbox.objects.filter(fingerprint=hash_mailbox(email))
    return own.filter(letters_sent__gte=BEFORE_SILENCE).exists()


def release_mail(email: str, now: datetime) -> None:
    """Give a claim made at `now` back: the mail did not leave."""
    own = Mailbox.objects.filter(fingerprint=hash_mailbox(email), letter_sent_at=now)
    own.update(letter_sent_at=now - APART, letters_sent=F("letters_sent") - 1)


def note_answer(email: str) -> None:
    """Count from zero: somebody has answered a mail to this mailbox."""
    Mailbox.objects.filter(fingerprint=hash_mailbox(email)).update(letters_sent=0)


def forget_silent_mailboxes(now: datetime) -> int:
    """Delete the counts of mailboxes without a mail for 90 days; returns how many."""
    return Mailbox.objects.filter(letter_sent_at__lt=now - SILENT_FOR).delete()[0]
