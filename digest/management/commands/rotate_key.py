"""manage.py rotate_key: a new signing key, with which links that were sent stay valid."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

KEPT = (
    "The key in {path} is new, and the earlier one stands below it. Start every process anew. "
    "Links in mails that were sent stay valid; whoever signed in has to sign in again."
)
PRINTED = """Write these three into .env, or wherever the settings come from, on every machine:

SECRET_KEY={new}
SECRET_KEY_FALLBACKS={before}
MAILBOX_KEY={mailbox_key}

Then start every process anew. Links in mails that were sent stay valid, those to unsubscribe too,
and new mails are signed with the new key. Whoever signed in has to sign in again.
Take a key out of SECRET_KEY_FALLBACKS only where somebody else may know it: every link that it
signed is dead then, those to unsubscribe too. MAILBOX_KEY stays as it is for ever: under it the
mailboxes are known that are mailed no more."""


class Command(BaseCommand):
    help = (
        "Make a new SECRET_KEY. Where it is kept in a file it is replaced; where it comes from the "
        "environment, what to write there is printed. Links that were sent stay valid."
    )

    def handle(self, **_: Any) -> None:
        new = secrets.token_urlsafe(50)
        known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        path = settings.VAR_DIR / "secret_key"
        if os.environ.get("SECRET_KEY") or not path.exists():
            self.stdout.write(
                PRINTED.format(new=new, before=",".join(known), mailbox_key=settings.MAILBOX_KEY)
            )
            return
        path.chmod(0o600)
        path.write_text("\n".join([new, *known]))
        self.stdout.write(KEPT.format(path=path))
