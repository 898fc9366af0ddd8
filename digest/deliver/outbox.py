"""The local outbox: every mail becomes one .eml file in a folder, for laptops and tests."""

from __future__ import annotations

import email
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMessage
from email.parser import BytesHeaderParser
from email.policy import default as policy
from email.utils import parseaddr
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

NAME = re.compile(r"[0-9a-zA-Z-]{1,80}\.eml")
SHOWN_MAILS = 200


@dataclass(frozen=True)
class OutboxMail:
    """One mail in the outbox, as its list shows it; `date` is when it was written, aware."""

    name: str
    to: str
    subject: str
    date: datetime


@dataclass(frozen=True)
class MailParts:
    """One mail whole: its headers in order, its text part and its HTML part (may be empty)."""

    headers: list[tuple[str, str]]
    text: str
    html: str


class OutboxBackend(BaseEmailBackend):
    """Writes each message to `settings.OUTBOX_DIR`.

    A digest's file is named after its delivery's key, so handing the same delivery over twice
    leaves one mail: this provider's keys are idempotent for ever.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            _write_mail(folder, message)
        return len(email_messages)


def _write_mail(folder: Path, message: EmailMessage) -> None:
    key = getattr(message, "metadata", {}).get("delivery") or uuid4()
    draft = folder / f".{key}.part"
    draft.write_bytes(message.message().as_bytes())
    draft.replace(folder / f"{key}.eml")  # in one step: nobody ever reads half a mail


def forget_mails(folder: Path, addresses: Collection[str]) -> int:
    """Delete the mails to these addresses, lower-case; returns how many."""
    gone = [path for path in folder.glob("*.eml") if _read_recipient(path) in addresses]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def forget_old_mails(folder: Path, before: datetime) -> int:
    """Delete the mails written before a moment; returns how many."""
    old = [path for path in folder.glob("*.eml") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _read_recipient(path: Path) -> str:
    try:
        with path.open("rb") as file:
            headers = BytesHeaderParser(policy=policy).parse(file)
    except FileNotFoundError:
        return ""
    return parseaddr(str(headers["To"]))[1].lower()


def read_outbox(folder: Path) -> list[OutboxMail]:
    """The newest mails first, at most SHOWN_LETTERS; empty when there is no such folder."""
    files = [path for path in folder.glob("*.eml") if NAME.fullmatch(path.name)]
    newest = sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_summarize_mail(path) for path in newest[:SHOWN_MAILS]]


def _summarize_mail(path: Path) -> OutboxMail:
    message = _parse_file(path)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    # A long subject begins on a line of its own, behind a blank.
    return OutboxMail(path.name, str(message["To"]), str(message["Subject"]).strip(), written)


def read_mail(folder: Path, name: str) -> MailParts | None:
    """One mail by its file name, or None when there is none of that name."""
    path = folder / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    message = _parse_file(path)
    headers = [(key, str(value).strip()) for key, value in message.items()]
    return MailParts(headers, _read_part(message, "plain"), _read_part(message, "html"))


def _parse_file(path: Path) -> ParsedMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=policy)
    assert isinstance(message, ParsedMessage)
    return message


def _read_part(message: ParsedMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
