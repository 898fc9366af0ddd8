"""How the log looks: a line for people, or one JSON object a line for what collects logs.

Both hide what is private in all they print: message, arguments, traceback and fields.
"""

from __future__ import annotations

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from config.log_privacy import hide_private, hide_private_within

LINE, JSON = "line", "json"
# One line for each edition, source and batch (digest/watch/activity_log.py).
ACTIVITY = "offprint.activity"


class PrivateLineFormatter(logging.Formatter):
    """`2026-04-22 07:00:01,250 INFO offprint.activity: …`, and a traceback below it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return hide_private(super().format(record))


class PrivateJsonFormatter(JsonFormatter):
    """One object a line: time (UTC), level, logger, message, exc_info, and the record's fields."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "timestamp": "time"},
            timestamp=True,
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Before it becomes JSON, so that nothing that is cut out can break a quotation mark."""
        # Django's own, which in words is the request's address with its query.
        log_data.pop("request", None)
        moment = {"time": log_data.pop("time").isoformat(timespec="milliseconds")}
        hidden = hide_private_within(log_data)
        assert isinstance(hidden, dict)
        return moment | hidden


FORMATTERS = {
    LINE: {"()": "config.logging_setup.PrivateLineFormatter"},
    JSON: {"()": "config.logging_setup.PrivateJsonFormatter"},
}


def build_logging(log_format: str, level: str, *, tells_activity: bool) -> dict[str, Any]:
    """Django's LOGGING; `tells_activity` says whether what each stage did gets its line.

    On a laptop it gets none: the commands that are typed there print what they did.
    """
    handler = {"class": "logging.StreamHandler", "formatter": log_format}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": FORMATTERS,
        "filters": {"brief": {"()": "config.error_text.DropTraceback"}},
        "handlers": {"console": handler, "brief": handler | {"filters": ["brief"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Any visitor can send what is refused; it is worth a line.
            "django.security": {"handlers": ["brief"], "propagate": False},
            **{name: {"level": "WARNING"} for name in ("django.server", "celery", "axes")},
            "waitress": {"level": "ERROR"},
            ACTIVITY: {"level": level if tells_activity else "WARNING"},
        },
    }


def build_gunicorn_logging(log_format: str) -> dict[str, Any]:
    """What gunicorn's `logconfig_dict` takes: its own two loggers in the same form."""
    names = ("gunicorn.error", "gunicorn.access")
    return {
        "formatters": FORMATTERS,
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            name: {"handlers": ["console"], "level": "INFO", "propagate": False} for name in names
        },
    }


def keep_django_logging(**_: object) -> None:
    """For Celery's signal `setup_logging`: where somebody listens, it sets up nothing itself."""
