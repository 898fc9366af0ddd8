"""Telling the operators that a promise does not hold, as `manage.py audit` would say it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from digest.deliver.audit import SERVED, audit
from digest.deliver.unserved import watch_unserved
from digest.watch.alarms import raise_alarm, resolve_alarm, select_lasting
from subscribers import forgiving_cache

KIND = "audit-broken"
# It reads every delivery there is: once a day, and each hour while something is broken.
EVERY_SECONDS = 23 * 3600.0
_KEY = "digest.audit"


def watch_promises(now: datetime) -> None:
    """Audit where that is due; raise the alarm, or end it. Safe to run twice.

    Readers without their mail are looked for each time, and have alarms of their own.
    """
    watch_unserved(now)
    is_lasting = select_lasting().filter(kind=KIND).exists()
    if forgiving_cache.read_value(_KEY) and not is_lasting:
        return
    # Before it begins: an audit that is ended for its length is not begun anew each hour.
    forgiving_cache.write_value(_KEY, "begun", EVERY_SECONDS)
    broken = [one for one in audit(now) if one.broken and one.promise != str(SERVED)]
    if not broken:
        resolve_alarm(KIND, now)
        return
    said = "; ".join(f"“{one.promise}” ({one.broken})" for one in broken)
    raise_alarm(
        KIND,
        _(
            "A promise does not hold: %(said)s. First hold the edition that leaves, on the admin's "
            "first page; then see manage.py audit."
        )
        % {"said": said},
        now,
    )
