"""How many calls wait in each queue. Without the package for metrics, which not all install."""

from __future__ import annotations

from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

from subscribers import forgiving_cache


def read_queue_lengths() -> dict[str, int]:
    """By the names of the queues that tasks are sent to; {} where the broker does not answer."""
    lengths = {}
    try:
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            for name in current_app.amqp.queues:
                lengths[name] = _read_length(channel, name)
    except (OperationalError, *forgiving_cache.UNREACHABLE):
        return {}
    return lengths


def _read_length(channel: Any, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except channel.connection.channel_errors:
        return 0  # Redis drops a queue with its last call
