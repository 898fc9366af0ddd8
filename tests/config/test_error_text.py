"""No link of a subscriber stands in a log."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings

from config.error_text import HideTokens
from subscribers import tokens
from tests.factories import NOW


@pytest.mark.parametrize(
    "token",
    [
        tokens.sign(tokens.PREFERENCES, 8),
        tokens.sign_dated(tokens.ACCOUNT, 8, NOW),
        tokens.sign_move(8, NOW, "ada@example.org"),
    ],
)
def test_no_link_of_a_reader_stands_in_the_log(token: str) -> None:
    log = logging.getLogger("django.request")
    record = log.makeRecord(log.name, 30, "", 0, "%s: %s", ("Bad", f"/any/{token}/html/"), None)
    for handler in ("console", "brief"):
        assert {"()": "config.error_text.HideTokens"} in _filters(handler)
    assert HideTokens().filter(record)
    assert record.getMessage() == "Bad: /any/…/html/"


def _filters(handler: str) -> list[object]:
    kept = settings.LOGGING["filters"]
    return [kept[name] for name in settings.LOGGING["handlers"][handler]["filters"]]
