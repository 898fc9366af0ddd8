"""What a report says of a mailbox, from the provider's own words and the receiving server's.

The tables are in provider_words.py. A word that only says "for good" is not believed blindly: the
server's reply, where one is quoted, tells whether it refused the address, the moment or us.
"""

from __future__ import annotations

import re
from typing import Any

from anymail.signals import EventType, RejectReason

from digest.models import Verdict
from digest.track.provider_words import TABLES, Column, Word

# Enhanced status codes, https://www.rfc-editor.org/rfc/rfc3463, and the assigned ones,
# https://www.iana.org/assignments/smtp-enhanced-status-codes
STATUS_CODE = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
PLAIN_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ \-:])")
# By subject and detail, then by subject alone; what is not here refuses the address.
STATUS_VERDICTS = {
    "1.2": Verdict.SOFT,  # no such host: DNS
    "1.7": Verdict.OURS,  # the sender's address
    "1.8": Verdict.OURS,
    "1.10": Verdict.SOFT,  # null MX: DNS, https://www.rfc-editor.org/rfc/rfc7505
    "2.1": Verdict.HARD,  # mailbox disabled
    "2.2": Verdict.SOFT,  # mailbox full
    "2.3": Verdict.OURS,  # message too long
    "2.4": Verdict.SOFT,
    "3": Verdict.SOFT,  # the receiving mail system
    "4": Verdict.SOFT,  # network, routing, DNS
    "6": Verdict.OURS,  # contents
    "7": Verdict.BLOCKED,  # security or policy
}
# Where a reply has no such code. Providers explain in prose, too: there no block is looked for.
TEMPORARY = re.compile(
    r"(mail|in)box (is |was )?full|quota|no mx|find mx|nxdomain|(host|domain) (name )?not found|"
    r"name service|timed? ?out|try again|general bounce",
    re.IGNORECASE,
)
BLOCK = re.compile(
    r"block|black ?list|deny ?list|spam|reputation|policy|dmarc|dkim|\bspf\b|dnsbl|\brbl\b|"
    r"frequency|limited|denied|unsolicited|content",  # the last ones as https://smtp.codes/qq
    re.IGNORECASE,
)
VAGUE = {"0", "5", "1.0", "2.0"}  # codes that name no reason: there the words are read too
# Where a provider has no table, or its report no word of it: by anymail's words alone.
BOUNCE_REASONS = {
    RejectReason.SPAM: Verdict.BLOCKED,
    RejectReason.TIMED_OUT: Verdict.SOFT,
    RejectReason.OTHER: Verdict.SOFT,
}
REJECT_REASONS = {
    RejectReason.BOUNCED: Verdict.HARD,
    RejectReason.INVALID: Verdict.HARD,
    RejectReason.TIMED_OUT: Verdict.SOFT,
}
PLAIN_KINDS = {
    EventType.DELIVERED: Verdict.ARRIVED,
    EventType.COMPLAINED: Verdict.COMPLAINT,
    EventType.UNSUBSCRIBED: Verdict.LEFT,
}
FAILURES = {
    EventType.BOUNCED,
    EventType.REJECTED,
    EventType.FAILED,
    EventType.DEFERRED,
    EventType.COMPLAINED,
    EventType.UNSUBSCRIBED,
}


def classify_report(
    provider: str, kind: str, raw: object, reply: str, reject_reason: object
) -> tuple[Verdict, str]:
    """The verdict, and the provider's word for it, "" where it has none that we know.

    `kind` and `reject_reason` are anymail's words; a provider without a name, or without a table,
    is read by all tables.
    """
    word, meaning = ("", None) if kind not in FAILURES else _find_word(provider, kind, raw)
    if meaning is None:
        meaning = _read_anymail(kind, reject_reason)
    verdict = read_reply(reply) if meaning is Word.REFUSED else Verdict(meaning.value)
    return verdict, word


def _find_word(provider: str, kind: str, raw: object) -> tuple[str, Word | None]:
    own = TABLES.get(provider)
    columns = own if own is not None else [c for table in TABLES.values() for c in table]
    for column in columns:
        if kind == EventType.DEFERRED and not column.is_final:
            continue
        for said in _list_values(raw, column.path.split(".")):
            if (meaning := _look_up(column, said)) is not None:
                return said, meaning
    return "", None


def _look_up(column: Column, said: str) -> Word | None:
    return column.words.get(said.lower().replace("_", "-").replace(" ", "-"), column.any_other)


def _list_values(raw: Any, path: list[str]) -> list[str]:
    """What stands at a path, as text; `*` is whatever key there is."""
    if not path:
        is_word = isinstance(raw, str | bool | int)
        return [str(raw)] if is_word else []
    if not isinstance(raw, dict):
        return []
    steps = list(raw.values()) if path[0] == "*" else [raw.get(path[0])]
    return [value for step in steps for value in _list_values(step, path[1:])]


def _read_anymail(kind: str, reject_reason: object) -> Word:
    if kind == EventType.BOUNCED:
        verdict = BOUNCE_REASONS.get(str(reject_reason))
        return Word(verdict.value) if verdict else Word.REFUSED
    if kind == EventType.REJECTED:  # the provider did not even try
        return Word(REJECT_REASONS.get(str(reject_reason), Verdict.OURS).value)
    return Word(PLAIN_KINDS.get(kind, Verdict.NONE).value)


def read_reply(reply: str) -> Verdict:
    """Whom a server's reply to a refused mail is about; the address, where it does not say."""
    if code := STATUS_CODE.search(reply):
        if code[1] == "4":
            return Verdict.SOFT
        detail = f"{code[2]}.{int(code[3])}"
        if not {code[2], detail} & VAGUE:
            by_subject = STATUS_VERDICTS.get(code[2], Verdict.HARD)
            return STATUS_VERDICTS.get(detail, by_subject)
    plain = PLAIN_CODE.search(reply)
    if (plain and plain[1] == "4") or TEMPORARY.search(reply):
        return Verdict.SOFT
    is_of_server = plain or code
    return Verdict.BLOCKED if is_of_server and BLOCK.search(reply) else Verdict.HARD
