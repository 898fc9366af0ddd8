"""What can only be seen from outside: DNS, and the site's own certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from digest.management.doctor.dns_records import check_dns
from digest.management.doctor.symptom import Symptom
from digest.watch.certificate import CannotAsk, describe_certificate


def check_outside(now: datetime) -> Iterator[Symptom]:
    """Asks name servers and the site itself, each for some seconds at most."""
    yield from check_dns()
    if not settings.SITE_IS_LOCAL:
        yield from check_certificate(now)


def check_certificate(now: datetime) -> Iterator[Symptom]:
    try:
        problem = describe_certificate(settings.SITE_URL, now)
    except CannotAsk as error:
        yield Symptom(
            f"{settings.SITE_URL} cannot be reached from here ({error}).",
            "Look whether the proxy runs and its ports are open; where this machine may not reach "
            "its own public address, look from another one.",
        )
        return
    if problem:
        found, _, remedy = problem.partition(". First ")
        yield Symptom(f"{found}.", f"First {remedy}", breaks_mail=True)
