"""A worker has read the site before anybody waits for it."""

from __future__ import annotations

import subprocess
import sys

_START = """
import sys
import config.celery
from celery.signals import worker_init
from django.db import connection

assert "config.urls" not in sys.modules
worker_init.send(sender=None)
from django.urls import get_resolver
assert "config.urls" in sys.modules and get_resolver()._populated
assert connection.connection is None
print("read")
"""


def test_the_first_edition_of_a_worker_waits_for_no_address_of_the_site() -> None:
    """Nor have its processes one connection to the database among them."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _START], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "read", done.stderr
