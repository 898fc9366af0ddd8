"""What the log says of an error that is none of ours."""

from __future__ import annotations

import logging
import sys

from config.error_text import DropTraceback


def test_what_a_visitor_can_cause_leaves_its_one_line() -> None:
    log = logging.getLogger("django.security")
    try:
        raise ValueError("too many fields")
    except ValueError:
        record = log.makeRecord(log.name, 30, "", 0, "Bad request", (), sys.exc_info())
    assert DropTraceback().filter(record)
    assert logging.Formatter().format(record) == "Bad request"
