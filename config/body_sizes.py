"""How long a body may be, by the page that takes it.

The web server asks before Django is there (config/web_worker.py), so nothing of it is imported.
"""

from __future__ import annotations

# Fifty topics of 200 characters, each written as nine bytes, and what else is on a form.
MOST_BYTES = 256_000
# A bibliography of some hundred entries with their abstracts is pasted whole.
LARGER = {"/interests/": 2_500_000}
# Staff have to say who they are.
STAFF, STAFF_BYTES = "/admin/", 10_000_000
# Providers report many events at once.
WEBHOOKS, WEBHOOK_BYTES = "/anymail/", 10_000_000


def find_most_bytes(path: str) -> int:
    """How long a body may be that is posted to this path."""
    if path.startswith(WEBHOOKS):
        return WEBHOOK_BYTES
    return STAFF_BYTES if path.startswith(STAFF) else LARGER.get(path, MOST_BYTES)
