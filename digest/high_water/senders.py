"""The addresses that digests were sent from: today's, and those of before.

Where a provider's list tells no key of ours, a digest is told from another service's mail by its
sender. DEFAULT_FROM_EMAIL may have been changed since, so each that ever delivered is remembered:
in the database, and in a file beside the high-water mark for a database that is older than it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache, partial
from os import SEEK_END
from pathlib import Path

from django.conf import settings
from django.db import transaction
from email_validator import EmailNotValidError, validate_email

from digest.high_water.hold import find_installation
from digest.high_water.marks import find_folder
from digest.models import MailSender

logger = logging.getLogger(__name__)
OURS, OTHERS = "ours", "others"  # the first word of a line
MOST_CHARS = 254
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


@dataclass(frozen=True)
class Senders:
    """Addresses, in lower case and with their domains as they go over the wire."""

    ours: frozenset[str]
    others: frozenset[str]  # of other services with the same account, by an operator's word

    def are_ours(self, sender: str) -> bool:
        """Whether mail from this address is ours; what names no sender may be."""
        return not sender or to_ascii(sender) in self.ours

    def may_be_ours(self, sender: str) -> bool:
        """Or it is from a domain of ours, and nobody ever said whose."""
        domains = {_read_domain(address) for address in self.ours}
        is_near = self.is_unknown(sender) and _read_domain(to_ascii(sender)) in domains
        return is_near or self.are_ours(sender)

    def is_unknown(self, sender: str) -> bool:
        """Whether nobody said whose it is; what is no address is not ours."""
        return "@" in sender and to_ascii(sender) not in self.ours | self.others


def read_present_sender() -> str:
    return to_ascii(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def read_typed_sender(said: str) -> str:
    """The address that an operator typed, with a name or without; ValueError where there is none.

    As forgiving as providers are whose lists name it: of a private network it may be as well.
    """
    address = to_ascii(said.rpartition("<")[2].strip("> "))
    if not _ADDRESS.fullmatch(address) or len(address) > MOST_CHARS:
        raise ValueError(said)
    return address


def note_sender(sender: str, *, is_ours: bool = True) -> None:
    """Remember whose mail this address sends; where the file cannot be written the log says so."""
    address = to_ascii(sender)
    row, is_new = MailSender.objects.get_or_create(address=address, defaults={"is_ours": is_ours})
    if row.is_ours != is_ours:
        MailSender.objects.filter(pk=row.pk).update(is_ours=is_ours)
    word = OURS if is_ours else OTHERS
    # Of a database that is older the file may know it already.
    if is_new or row.is_ours != is_ours or dict(_read_file()).get(address) != word:
        transaction.on_commit(partial(_add_line, f"{word} {address}\n"), robust=True)


def read_senders() -> Senders:
    """All that are remembered; the address of the settings is ours, whatever is said of it."""
    known = dict(_read_file())
    for address, is_ours in MailSender.objects.values_list("address", "is_ours"):
        known[address] = OURS if is_ours else OTHERS
    ours = {address for address, word in known.items() if word == OURS} | {read_present_sender()}
    return Senders(frozenset(ours), frozenset(known) - ours)


@lru_cache(256)
def to_ascii(address: str) -> str:
    """In lower case, and with its domain as it goes over the wire where that is in its own script.

    What is no address stays as it is.
    """
    try:
        valid = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return address.lower()
    return (valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}").lower()


def _read_domain(address: str) -> str:
    return address.rpartition("@")[2]


def _find_file() -> Path | None:
    installation = find_installation()
    return find_folder() / f"{installation}.senders" if installation else None


def _add_line(line: str) -> None:
    if path := _find_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as file:  # a line is short enough to be written as one
                if file.tell():
                    file.seek(-1, SEEK_END)
                # A machine that died while it wrote left half a line.
                line = line if file.read() in (b"", b"\n") else f"\n{line}"
                file.write(line.encode())
        except OSError as error:
            logger.warning("Whose mail is whose could not be noted in %s: %s", path, error)


def _read_file() -> Iterator[tuple[str, str]]:
    """Each address and its word; what was said last comes last."""
    path = _find_file()
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines() if path else []
    except FileNotFoundError:
        return
    except OSError as error:
        logger.warning("Whose mail is whose cannot be read from %s: %s", path, error)
        return
    for line in lines:
        word, _unused, address = line.partition(" ")
        if word in (OURS, OTHERS) and address:  # else it is half a line
            yield address, word
