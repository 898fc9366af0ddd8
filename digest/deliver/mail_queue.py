"""Rows that a run has claimed, whose mails are rendered when their call comes next.

So calls are under way while others are rendered, and what is claimed together is read together: a
run that is done with its rows within a second takes more of them the next time, and whoever talks
to a slow provider leaves them to others.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from django.core.mail import EmailMultiAlternatives

from digest.models import Delivery
from digest.render import Typesetter
from digest.render.digest_mail import DigestMail

QUICK_SECONDS = 1.0  # in which a run shall be done with what it claims together


class MailQueue:
    """Claimed rows in their order, and their mails."""

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter
        self._rows = deque[Delivery]()
        self._mails: Iterator[EmailMultiAlternatives | None] = iter(())

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, claimed: Sequence[Delivery]) -> None:
        self._rows.extend(claimed)
        self._mails = chain(self._mails, self._typesetter.render_each(claimed))

    def take(
        self, size: int, most_bytes: float = float("inf")
    ) -> list[tuple[Delivery, EmailMultiAlternatives | None]]:
        """The next rows with their mails, None where one cannot be set.

        Fewer than `size` where the bodies of those that are taken have `most_bytes` together.
        Raises what the database raises; then all that was not returned before can be cleared.
        """
        mails, used = list[EmailMultiAlternatives | None](), 0
        for mail in islice(self._mails, min(size, len(self._rows))):
            mails.append(mail)
            used += mail.size if isinstance(mail, DigestMail) else 0
            if used >= most_bytes:
                break
        return [(self._rows.popleft(), mail) for mail in mails]

    def clear(self) -> list[Delivery]:
        """Forget the rows, which are returned."""
        left = list(self._rows)
        self._rows.clear()
        self._mails = iter(())
        return left


class ClaimSize:
    """How many rows are claimed together: as many as the run is soon done with."""

    def __init__(self, first: int, most: int) -> None:
        self._first, self._most, self._size = first, most, first
        self._claimed_at = float("-inf")  # of the monotonic clock

    def choose(self) -> int:
        """For a claim that is made now, the one before being used up."""
        took, self._claimed_at = time.monotonic() - self._claimed_at, time.monotonic()
        if took <= QUICK_SECONDS / 2:
            self._size = min(self._size * 2, self._most)
        elif took > QUICK_SECONDS:
            self._size = self._first
        return self._size
