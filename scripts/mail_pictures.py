"""Every mail there is, sent into the local outbox to be photographed whole: for `make pictures`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from camera import MAIL, NARROW, Picture

NEXT_MONDAY = datetime(2026, 4, 27, 6, 30, tzinfo=UTC)
TOPICS = ["LLM agents", "diffusion", '"world model"', "retrieval", "robot manipulation"]
# Of the daily reader: some of what they find is talked about, some is not.
FEW_TOPICS = ['"world model"', "benchmark", "learning rates", "flood plains", "annotated reading"]


@dataclass(frozen=True)
class Sent:
    """The pictures of the mails; the reader with a daily digest, and its name in the outbox."""

    pictures: list[Picture]
    reader: Any
    letter: str


def send_mails(now: datetime) -> Sent:
    """Send one mail of every kind, each to an address named after its kind."""
    from django.conf import settings  # noqa: PLC0415 (after django.setup)

    from digest.deliver.outbox import read_outbox  # noqa: PLC0415

    outbox = Path(settings.OUTBOX_DIR)
    reader = _send_digests(now)
    _send_letters(now)
    for written in outbox.glob("*.eml"):
        os.utime(written, (now.timestamp(), now.timestamp()))  # the outbox goes by the file's date
    letters = {letter.to.partition("@")[0]: letter.name for letter in read_outbox(outbox)}
    del letters["elsewhere"]  # it looks as the letter to "move" does
    pictures = [p for kind, name in sorted(letters.items()) for p in _pictures(kind, name)]
    return Sent(pictures, reader, letters["daily"])


def _pictures(kind: str, letter: str) -> Iterator[Picture]:
    """The whole mail, as wide as it gets and on a telephone, light and dark."""
    for size, width in ((MAIL, 640), (NARROW, 375)):
        for scheme in ("light", "dark"):
            name, path = f"mails/{kind}-{width}-{scheme}", f"/outbox/{letter}/html/"
            yield Picture(name, path, size, scheme, is_whole=True)


def _send_digests(now: datetime) -> Any:
    from digest import compose, deliver, match  # noqa: PLC0415 (after django.setup)

    _sign_up("first", TOPICS, "daily", since=None)
    reader = _sign_up("daily", FEW_TOPICS, "daily", since=now - timedelta(days=1))
    _sign_up("weekly", TOPICS, "weekly", since=NEXT_MONDAY - timedelta(days=7))
    match.match_papers(now)  # their topics are new
    for moment, kind in ((now, "first"), (now, "daily"), (NEXT_MONDAY, "weekly")):
        compose.compose_due(moment, only=_address(kind))
        deliver.deliver_planned(moment, only=_address(kind))
    return reader


def _send_letters(now: datetime) -> None:
    """The mails that are no digests, each as its page would have it sent."""
    from subscribers import tokens  # noqa: PLC0415
    from subscribers.account import address, send_links  # noqa: PLC0415
    from subscribers.signup import opt_in, send_confirmation  # noqa: PLC0415
    from subscribers.signup.wishes import Wishes  # noqa: PLC0415

    wishes = Wishes(topics=TOPICS)
    send_confirmation.send_confirmation(
        opt_in.request_confirmation(_address("confirmation"), wishes, now), now
    )
    _sign_up("link", TOPICS, "daily", since=now)
    address.request_link(_address("link"), now)
    moving = _sign_up("moving", TOPICS, "daily", since=now)
    address.request_move(moving, _address("move"), now)
    moved = _sign_up("moved", TOPICS, "daily", since=now)
    address.request_move(moved, _address("elsewhere"), now)
    send_links.send_asked_links(now)
    address.move_digests(tokens.MoveLink(moved.pk, now, new_email=_address("elsewhere")), now)
    send_links.send_asked_links(now)


def _sign_up(kind: str, topics: list[str], cadence: str, since: datetime | None) -> Any:
    """A reader of these topics who has had all news up to `since`; None: none yet."""
    from django.utils import timezone  # noqa: PLC0415 (after django.setup)

    from digest.models import Delivery, Edition  # noqa: PLC0415
    from subscribers.signup import opt_in  # noqa: PLC0415
    from subscribers.signup.wishes import Wishes  # noqa: PLC0415

    now = timezone.now()
    wishes = Wishes(topics=topics, timezone="Europe/Berlin", cadence=cadence)
    reader = opt_in.confirm_latest(opt_in.request_confirmation(_address(kind), wishes, now), now)
    if since:
        reader.wants_everywhere, reader.next_digest_at = True, since
        reader.save(update_fields=["wants_everywhere", "next_digest_at"])
        edition, _ = Edition.objects.get_or_create(date=since.date())
        Delivery.objects.create(
            edition=edition,
            subscriber=reader,
            status=Delivery.Status.QUIET,
            quiet_reason=Delivery.Quiet.NOTHING_NEW,
            covers_until=since,
        )
    return reader


def _address(kind: str) -> str:
    return f"{kind}@example.org"
