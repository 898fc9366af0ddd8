"""Whether this database may deliver: asked before each chunk, and of the provider at each start.

The marks of digest/high_water tell where they are left. Where a whole machine came back from a
snapshot they came back with it, and only the provider knows what was mailed since.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from digest.deliver.after_restore.unknown_mails import find_surprises, find_unknown_mails
from digest.deliver.provider.message_list import MessageLister
from digest.deliver.provider.message_search import CannotTell
from digest.high_water.hold import (
    find_hold,
    has_lost_marks,
    name_installation,
    read_counts,
    start_hold,
    write_marks_anew,
)
from digest.high_water.senders import note_sender, read_present_sender, read_senders
from subscribers.account.refold import WRONG_KEY, has_other_key

logger = logging.getLogger(__name__)

MARK_LOST = (
    "The high-water mark is lost, and the provider tells nothing of what it accepted since %s UTC "
    "(%s). If this database is a backup that came back, stop the workers and see "
    "docs/operate/backup.md."
)
UNKNOWN_SENDER = (
    "Mails to readers came from %s by our account, and nobody knows whether those were digests: "
    "`manage.py reconcile` asks, and remembers the answer."
)
_starting = {"is_due": False}  # in a process that has started and delivered nothing yet


def on_start(*_: Any, **__: Any) -> None:
    """Ask the provider before the first chunk: a process that delivers has just started."""
    _starting["is_due"] = True


def find_reason_to_wait() -> str:
    """Why nothing may be delivered now, as a sentence; "" in all ordinary times.

    Costs two small queries and a look at the marks; after a start, the provider's list too.
    """
    if _starting["is_due"]:
        if has_other_key():
            logger.critical("%s", WRONG_KEY)
            return WRONG_KEY
        note_sender(read_present_sender())
        compare_with_provider()
        _starting["is_due"] = False
    hold = find_hold()
    if hold:
        logger.critical("%s", hold)
    return str(hold or "")


def compare_with_provider() -> None:
    """Hold everything where the provider's newest messages are news to this database.

    Where no mark is left, those of the database are written anew: what they cannot tell any more
    and the provider does not say, nobody knows, and the log says so.
    """
    known, were_lost = read_counts(), has_lost_marks()
    if not known.noted_at:
        return  # nothing was ever mailed
    try:
        if last := _find_newest_surprise(known.noted_at):
            start_hold(name_installation(), known, last)
            return
    except CannotTell as error:
        if were_lost:
            logger.warning(MARK_LOST, f"{known.noted_at:%Y-%m-%d %H:%M}", error)
    if were_lost:
        write_marks_anew()


def _find_newest_surprise(since: datetime) -> datetime | None:
    """When the newest mail was accepted of which this database should know. Raises CannotTell."""
    with MessageLister() as lister:
        page = next(lister.list_messages(since), [])
        senders = read_senders()
        mails = find_unknown_mails(page, lister.listing.has_keys, senders.may_be_ours)
    surprises = [mail.message for mail in find_surprises(mails)]
    for sender in {message.sender for message in surprises if senders.is_unknown(message.sender)}:
        logger.critical(UNKNOWN_SENDER, sender)
    return max((message.accepted_at for message in surprises), default=None)
