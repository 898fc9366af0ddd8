"""How fast a provider may be called: one pace for all workers, so that it never has to say no.

What the providers' documents allow stands in PACES; settings go before it. The next moment that is
free is a row in the database, moved on by whoever takes it, by the database's own clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, FloatField, Func, Q, Value
from django.db.models.functions import Greatest, Least

from digest.models import ProviderPace

# A provider counts what arrives, and the way there takes now longer, now shorter.
MARGIN = 1.02
# So late a turn may be taken and the next one still keeps its own time.
CAUGHT_UP_SECONDS = 0.005
# A call leaves up to so long after its turn was taken: what has to be written down before takes now
# longer, now shorter, and calls shall leave as evenly as turns are taken.
LEAD_SECONDS = 0.1
LONGEST_LATE_SECONDS = 1.0  # more is no thread that woke late
LONGEST_WAIT_SECONDS = 3600.0  # nobody waits so long for a turn: a clock was set back


@dataclass(frozen=True)
class Pace:
    """What one account allows; 0 where it says nothing."""

    calls_per_second: float = 0.0
    messages_per_second: float = 0.0
    connections: int = 0  # calls under way at once

    def space_calls(self, messages: int) -> float:
        """Seconds from the begin of a call with so many messages to that of the next one."""
        by_calls = 1 / self.calls_per_second if self.calls_per_second else 0.0
        by_messages = messages / self.messages_per_second if self.messages_per_second else 0.0
        return max(by_calls, by_messages) * MARGIN

    def find_lead(self, messages: int) -> float:
        """Seconds from the turn of a call with so many messages to its leaving."""
        return min(LEAD_SECONDS, self.space_calls(messages))


# By anymail's esp_name. What is not here publishes no number, or has one for each account, as
# Amazon does:
# https://docs.aws.amazon.com/ses/latest/dg/quotas.html
PACES = {
    # https://resend.com/docs/api-reference/rate-limit
    "Resend": Pace(calls_per_second=2),
    # https://developers.brevo.com/docs/api-limits
    "Brevo": Pace(calls_per_second=1000),
    # https://developers.mailersend.com/general#rate-limits
    "MailerSend": Pace(calls_per_second=2),
}


class DatabaseSeconds(Func):
    """Seconds since 1970 by the database's clock, at this moment and not at the transaction's."""

    template = "(julianday('now') - 2440587.5) * 86400.0"
    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXTRACT(EPOCH FROM clock_timestamp())::float8"
        return self.as_sql(compiler, connection, template=template, **context)


def read_pace(esp_name: str) -> Pace:
    """The pace for a provider: what the settings say, else what it publishes."""
    known = PACES.get(esp_name, Pace())
    return Pace(
        settings.DELIVER_CALLS_PER_SECOND or known.calls_per_second,
        settings.DELIVER_MESSAGES_PER_SECOND or known.messages_per_second,
        settings.DELIVER_CONNECTIONS or known.connections,
    )


def take_turn(provider: str, pace: Pace, messages: int) -> float:
    """Take the next call's turn for so many messages, if it has come.

    0.0 where it is ours now; else the seconds until it may be, and then it is asked for anew.
    """
    seconds = pace.space_calls(messages)
    if not seconds:
        return 0.0
    now = DatabaseSeconds()
    rows = ProviderPace.objects.filter(provider=provider)
    is_free = Q(free_at__lte=now) | Q(free_at__gt=now + Value(LONGEST_WAIT_SECONDS))
    earliest = now - Value(CAUGHT_UP_SECONDS)
    begun_at = Greatest(Least(F("free_at"), now), earliest)
    if rows.filter(is_free).update(free_at=begun_at + Value(seconds)):
        return 0.0
    wait = rows.annotate(wait=F("free_at") - now).values_list("wait", flat=True).first()
    if wait is None:
        ProviderPace.objects.get_or_create(provider=provider, defaults={"free_at": 0.0})
        return take_turn(provider, pace, messages)
    return max(0.001, float(wait))


def put_off_turns(provider: str, pace: Pace, messages: int, late_by: float) -> None:
    """Let the turns to come keep their distance from a call that left so many seconds late.

    A busy machine now and then wakes a thread late, and the call after the next would come too
    early for a provider that counts what arrives within a second. A pace of many calls a second
    has room for that.
    """
    if late_by > CAUGHT_UP_SECONDS and pace.space_calls(messages) >= LEAD_SECONDS:
        rows = ProviderPace.objects.filter(provider=provider)
        rows.update(free_at=F("free_at") + Value(min(late_by, LONGEST_LATE_SECONDS)))
