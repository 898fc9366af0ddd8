"""What a server's reply and anymail's words say where a provider's own word does not tell."""

from __future__ import annotations

from typing import Any

import pytest

from digest.track.classify import classify_report, read_reply


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("550 5.1.1 User unknown", "hard"),
        ("smtp; 550-5.1.1 The email account that you tried to reach does not exist.", "hard"),
        ("550 5.5.0 Requested action not taken: mailbox unavailable.", "hard"),
        ("550 5.2.1 The account is disabled", "hard"),
        ("550 No such user here", "hard"),
        ("", "hard"),
        ("552 5.2.2 Over quota", "soft"),
        ("550 mailbox is full", "soft"),
        ("550 5.4.4 Host not found", "soft"),
        ("Unable to find MX of domain example.org", "soft"),
        ("421 4.7.0 Try again later", "soft"),
        ("450 Greylisted", "soft"),
        ("550 5.1.10 null MX", "soft"),
        ("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", "blocked"),
        ("550 Message rejected as spam", "blocked"),
        ("550 Connection frequency limited", "blocked"),
        ("550 Mail content denied", "blocked"),
        ("550: blocked", "blocked"),
        ("550 5.0.0 Mail from 192.0.2.1 blocked using zen.spamhaus.org", "blocked"),
        ("550 5.1.0 Sender rejected by policy", "blocked"),
        ("550 5.5.0 Blocked by policy", "blocked"),
        ("550 5.2.0 Message rejected as spam", "blocked"),
        ("550 5.0.0 Mailbox is full", "soft"),
        ("550 5.0.0 User unknown", "hard"),
        ("552 5.3.4 Message too big", "soft"),
        ("550 5.6.0 Bad contents", "ours"),
        ("501 5.1.8 Bad sender's system address", "ours"),
        # An address of the internet is no code.
        ("550 198.51.100.7 has no such user", "hard"),
        # A provider's advice is no reply.
        ("We recommend removing it: hard bounces hurt your reputation.", "hard"),
        ("The provider sent a bounce message because the recipient's inbox was full.", "soft"),
    ],
)
def test_a_reply_tells_whom_it_is_about(reply: str, verdict: str) -> None:
    assert read_reply(reply) == verdict


@pytest.mark.parametrize(
    ("kind", "reason", "verdict"),
    [
        ("bounced", None, "hard"),
        ("bounced", "spam", "blocked"),
        ("bounced", "timed_out", "soft"),
        ("bounced", "other", "soft"),
        ("rejected", "bounced", "hard"),
        ("rejected", "invalid", "hard"),
        ("rejected", "blocked", "ours"),
        ("rejected", None, "ours"),
        ("failed", None, "none"),
        ("deferred", "other", "none"),
        ("delivered", None, "arrived"),
        ("something new", None, "none"),
    ],
)
def test_without_a_known_word_anymails_decides(kind: str, reason: str, verdict: str) -> None:
    for provider in ("Postmark", "A new one"):
        assert classify_report(provider, kind, {"Type": "New"}, "", reason) == (verdict, "")


@pytest.mark.parametrize("raw", [None, [], "", {"event": {"event": 1}}, {"msys": []}, {"Type": []}])
def test_a_report_in_no_shape_we_know_is_taken_by_anymails_word_alone(raw: Any) -> None:
    assert classify_report("", "bounced", raw, "", "bounced") == ("hard", "")


def test_a_deferral_is_no_refusal_where_another_report_tells_the_end() -> None:
    raw: Any = {"event-data": {"reason": "greylisted", "severity": "temporary"}}
    assert classify_report("Mailgun", "deferred", raw, "", "other")[0] == "none"
    raw = {"event": "soft bounce"}
    assert classify_report("Mailtrap", "deferred", raw, "", "other") == ("soft", "soft bounce")


@pytest.mark.parametrize("word", ["not-spam", "virus", "auth-failure"])
def test_feedback_that_complains_of_nothing_is_no_complaint(word: str) -> None:
    raw = {"complaint": {"complaintFeedbackType": word}}
    assert classify_report("Amazon SES", "complained", raw, "", "spam")[0] != "complaint"
