"""What anymail hands on becomes a report of ours, or is refused at the door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent

from digest.track.report import OddReport, Report, hash_mail, hash_mailbox, read_report
from tests.factories import NOW

HOUR = timedelta(hours=1)


def read(provider: str = "Postmark", **fields: Any) -> Report:
    defaults = {
        "event_type": "bounced",
        "timestamp": NOW - HOUR,
        "message_id": "m-1",
        "recipient": "Reader@Example.org",
        "event_id": "e-1",
        "esp_event": {"Type": "HardBounce"},
    }
    return read_report(AnymailTrackingEvent(**(defaults | fields)), provider, NOW)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (NOW - HOUR, NOW - HOUR),
        (NOW + HOUR, NOW),
        (datetime.max.replace(tzinfo=UTC), NOW),
        (None, NOW),
        ((NOW - HOUR).replace(tzinfo=None), NOW - HOUR),
    ],
)
def test_nothing_that_is_reported_lies_in_the_future(said: Any, taken: datetime) -> None:
    assert read(timestamp=said).happened_at == taken


@pytest.mark.parametrize(
    "odd",
    [
        {"recipient": {"email": "a@example.org"}},
        {"recipient": ["a@example.org"]},
        {"recipient": f"{'a' * 300}@example.org"},
        {"message_id": {"id": 1}},
        {"message_id": True},
        {"event_id": []},
        {"event_type": None, "message_id": 1.5},
        {"message_id": None, "recipient": None},
        {"timestamp": "yesterday"},
        {"timestamp": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
        {"mta_response": {"code": 550}},
    ],
)
def test_what_is_no_report_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(OddReport):
        read(**odd)


def test_what_is_new_to_anymail_and_about_no_mail_is_not_odd() -> None:
    assert read(event_type="unknown", message_id=None, recipient=None).address == ""


def test_no_control_character_comes_in() -> None:
    report = read(message_id="m\x00\n1", mta_response="550 5.1.1\r\nno\x00body")
    assert (report.message_id, report.said) == ("m 1", "HardBounce: 550 5.1.1 no body")


@pytest.mark.parametrize("metadata", [None, [], "x", {"delivery": 7}, {"delivery": "no key"}])
def test_metadata_that_holds_no_key_of_ours_is_none(metadata: Any) -> None:
    assert read(metadata=metadata).key is None


def test_without_an_id_the_same_report_has_the_same_name() -> None:
    names = {read(event_id=None).event_id for _ in range(2)}
    other = read(event_id=None, esp_event={"Type": "SoftBounce"}).event_id
    assert len(names) == 1
    assert other not in names


def test_an_id_too_long_for_its_column_is_hashed() -> None:
    assert read(event_id="e" * 400).event_id.startswith("hash ")


def test_mailguns_event_keeps_its_name_when_it_is_signed_anew() -> None:
    raw = {"event-data": {"id": "ncV2", "timestamp": 1377214260.04}}
    names = {read("Mailgun", event_id=token, esp_event=raw).event_id for token in ("a", "b")}
    assert names == {"ncV2 1377214260.04"}


def test_an_id_is_known_with_and_without_its_brackets() -> None:
    assert (
        read(message_id="1@example.org").message_ids
        == read(message_id="<1@example.org>").message_ids
    )
    assert read(message_id=None).message_ids == set()


def test_hashes_hang_on_our_key_and_name_nobody(settings: Any) -> None:
    before = hash_mailbox("a@example.org"), hash_mail("m-1", "a@example.org")
    assert hash_mail("<m-1>", "A@example.org") == before[1]
    settings.SECRET_KEY = "another"
    after = hash_mailbox("a@example.org"), hash_mail("m-1", "a@example.org")
    assert not set(before) & set(after)
