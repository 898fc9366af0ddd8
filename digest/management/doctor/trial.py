"""A mail sent for real, and its report awaited: the one look that nothing else can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.outcomes import Outcome
from digest.deliver.provider.send import Provider
from digest.management.doctor.provider import NO_REPORTS, is_provider, name_provider
from digest.watch import trial_mail
from subscribers.models import Suppression

WAIT_SECONDS = 120
_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Trial:
    """What became of it, in a sentence or two."""

    is_good: bool
    said: str


def send_trial(
    address: str, wait_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> Trial:
    """Send a mail to `address` and wait so long for what the provider reports of it."""
    if Suppression.objects.about(address).exists():
        return Trial(False, f"{address} is suppressed, so nothing was sent: name another address.")
    key = str(uuid4())
    trial_mail.expect_report(address)
    with Provider() as provider:
        [result] = provider.send_messages([_build_message(address, key)])
    if result.outcome is Outcome.UNKNOWN:
        return Trial(
            False,
            "Nobody knows whether the test mail left: the call to your provider got no answer that "
            f"tells ({result.error}). Look into the mailbox and at your provider, then try again.",
        )
    if result.outcome is not Outcome.SENT:
        return Trial(False, f"The test mail did not leave ({result.outcome.value}): {result.error}")
    if reason := _find_reason_not_to_wait():
        return Trial(True, f"The test mail was handed over. {reason}")
    return _await_report(address, result.message_id, key, wait_seconds, sleep)


def _build_message(address: str, key: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject="A test mail of Offprint",
        body=f"{settings.SITE_URL} can send mail. Nothing need be done.\n",
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.metadata = {"delivery": key}  # type: ignore[attr-defined]
    return message


def _find_reason_not_to_wait() -> str:
    """Why no report can be heard here; "" where one can."""
    if not is_provider():
        return "No report of it comes: that takes an email provider."
    if (name := name_provider()) in NO_REPORTS:
        return f"No report of it comes: {NO_REPORTS[name]} sends none."
    if not settings.REDIS_URL:
        return "Its report reaches another process, and without REDIS_URL is not heard here."
    return ""


def _await_report(
    address: str,
    message_id: str,
    key: str,
    wait_seconds: float,
    sleep: Callable[[float], None],
) -> Trial:
    ends_at = time.monotonic() + wait_seconds
    while not (said := trial_mail.read_report(address, message_id, key)):
        if time.monotonic() >= ends_at:
            return Trial(
                False,
                f"The test mail was handed over, but within {wait_seconds:.0f} seconds nothing was "
                "reported of it. Look at the webhook's address, name:password and events at your "
                f"provider: {settings.SITE_URL}/anymail/{name_provider()}/tracking/",
            )
        sleep(_LOOK_SECONDS)
    return Trial(said in trial_mail.GOOD, f"The test mail was handed over and reported as {said}.")
