"""One mailbox behind many spellings, and how many unanswered letters it may get.

ada+papers@gmail.com, a.d.a@gmail.com and Ada@googlemail.com are read by one person; so are the
letters that a domain in look-alike signs gets in another's name. Only limits are counted by this
form: people are written to at the address they typed.
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
_DOTLESS = {"gmail.com"}  # dots in front of the @ mean nothing there
# Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans(
    "авеєёікмнорсстухѕјԁԛԝһӏгαβγεηικνορτυχωѵ",
    "abeeeikmhopcctyxsjdqwhlrabgenikvoptuxwv",
)


def canonical(email: str) -> str:
    """The address as its mailbox sees it: tags, dots and look-alike letters taken away."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    domain = _plain_domain(domain)
    tagless = local.partition("+")[0] or local
    return f"{tagless.replace('.', '') if domain in _DOTLESS else tagless}@{domain}"


def _plain_domain(domain: str) -> str:
    labels = [_plain_label(label) for label in domain.rstrip(".").split(".")]
    plain = ".".join(labels)
    return _SAME_DOMAIN.get(plain, plain)


def _plain_label(label: str) -> str:
    if label.startswith("xn--"):
        try:
            label = label.removeprefix("xn--").encode("ascii").decode("punycode")
        except UnicodeError:
            return label
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(_LOOK_ALIKES)


def fingerprint(email: str) -> str:
    """A keyed hash of the canonical form: without our key it says nothing about the address."""
    return salted_hmac("subscribers.mailbox", canonical(email), algorithm="sha256").hexdigest()


def claim_letter(email: str, now: datetime) -> bool:
    """Count one more letter to this mailbox, if one may go now; whoever asks second gets False."""
    own = Mailbox.objects.filter(fingerprint=fingerprint(email))
    first = Mailbox(fingerprint=fingerprint(email), letter_sent_at=now - APART)
    Mailbox.objects.bulk_create([first], ignore_conflicts=True)
    due = own.filter(letter_sent_at__lte=now - APART, letters_sent__lt=BEFORE_SILENCE)
    return bool(due.update(letter_sent_at=now, letters_sent=F("letters_sent") + 1))


def letter_sent_at(email: str) -> datetime | None:
    """When the last letter went to this mailbox, in whatever spelling."""
    own = Mailbox.objects.filter(fingerprint=fingerprint(email))
    return own.values_list("letter_sent_at", flat=True).first()


def release_letter(email: str, now: datetime) -> None:
    """Give a claim made at `now` back: the letter did not leave."""
    own = Mailbox.objects.filter(fingerprint=fingerprint(email), letter_sent_at=now)
    own.update(letter_sent_at=now - APART, letters_sent=F("letters_sent") - 1)


def answered(email: str) -> None:
    """A letter was answered, so that silence is far again."""
    Mailbox.objects.filter(fingerprint=fingerprint(email)).update(letters_sent=0)


def forget_silent(now: datetime) -> int:
    """Drop the counts of mailboxes left alone for 90 days; returns how many."""
    return Mailbox.objects.filter(letter_sent_at__lt=now - SILENT_FOR).delete()[0]
