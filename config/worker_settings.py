"""How Celery works for us: its queues, when beat calls, and what no task can do to another.

Tasks are wake-up calls: what there is to do stands in the database. So a call that nobody heard in
time is dropped, one whose worker died is heard again, and each may come twice.
"""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue

# The first named is looked into first: somebody who signs up waits for the letter.
QUEUES = ("letters", "deliver", "compose", "match", "ingest")
ROUTES = {
    "subscribers.tasks.*": "letters",
    # Not behind what may be held up: it is this that says so.
    "digest.tasks.check_standing": "letters",
    "digest.tasks.count_figures": "letters",
    "digest.tasks.deliver_planned": "deliver",
    "digest.tasks.settle_doubts": "deliver",
    "digest.tasks.sweep": "deliver",
    "digest.tasks.forget_old": "deliver",
    "digest.tasks.watch_promises": "ingest",
    "digest.tasks.compose_due": "compose",
    "digest.tasks.first_digest": "compose",
    "digest.tasks.deliver_first": "deliver",
    "digest.tasks.score_and_match": "match",
    "digest.tasks.ingest_due": "ingest",
    "digest.tasks.post_webhooks": "ingest",
    "digest.tasks.run_list_imports": "ingest",
}
MINUTE = 60.0
EVERY_SECONDS = {
    "digest.tasks.check_standing": MINUTE,
    "digest.tasks.count_figures": MINUTE,
    "digest.tasks.ingest_due": MINUTE,
    "digest.tasks.score_and_match": MINUTE,
    "digest.tasks.compose_due": MINUTE,
    "digest.tasks.deliver_planned": 15.0,
    "digest.tasks.sweep": MINUTE,
    "digest.tasks.settle_doubts": MINUTE,
    "digest.tasks.post_webhooks": 15.0,
    "digest.tasks.run_list_imports": 15.0,
    "subscribers.tasks.send_pending_confirmations": MINUTE,
    "subscribers.tasks.send_asked_links": MINUTE,
    "subscribers.tasks.forget_unconfirmed": 60 * MINUTE,
    "digest.tasks.forget_old": 60 * MINUTE,
    "digest.tasks.watch_promises": 60 * MINUTE,
}
ANSWER_EVERY = 30.0  # seconds between two calls that ask whether a queue is still looked into
EARLIER = 0.9  # a call that was not heard by then is dropped: the next one does the same work

# A task that is still at it after ten minutes hangs: the longest, an ingest, ends each source after
# half a minute and takes the rest up at the next call.
SOFT_SECONDS, HARD_SECONDS = 600, 660
VISIBLE_AGAIN_SECONDS = 3600  # when Redis hands a call out again: above all limits
CHILD_KILOBYTES = 600_000  # a process that has grown beyond this is replaced after its task


def make_schedule() -> dict[str, dict[str, Any]]:
    """What beat calls, and how often; one call for each queue only asks for an answer."""
    calls = {
        name: {"task": name, "schedule": seconds, "options": {"expires": EARLIER * seconds}}
        for name, seconds in EVERY_SECONDS.items()
    }
    for queue in QUEUES:
        options = {"queue": queue, "expires": EARLIER * ANSWER_EVERY}
        calls[f"answer from {queue}"] = {
            "task": "digest.tasks.answer",
            "args": (queue,),
            "schedule": ANSWER_EVERY,
            "options": options,
        }
    return calls


def make_worker_settings(broker_url: str) -> dict[str, Any]:
    """Django's settings for Celery, CELERY_ and all."""
    return {
        "CELERY_BROKER_URL": broker_url,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        # A page never waits long for a broker that is down: the sweeps find what it could not call
        # for.
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "max_retries": 1,
            "interval_start": 0,
            "socket_connect_timeout": 2,
            "socket_timeout": 10,  # a Redis that hangs is one that is away
            "socket_keepalive": True,
            "visibility_timeout": VISIBLE_AGAIN_SECONDS,
            "queue_order_strategy": "priority",
        },
        "CELERY_TASK_QUEUES": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        "CELERY_TASK_DEFAULT_QUEUE": QUEUES[-1],
        "CELERY_TASK_ROUTES": {name: {"queue": queue} for name, queue in ROUTES.items()},
        "CELERY_BEAT_SCHEDULE": make_schedule(),
        "CELERY_BEAT_SCHEDULER": "config.single_beat.SingleScheduler",
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_SOFT_TIME_LIMIT": SOFT_SECONDS,
        "CELERY_TASK_TIME_LIMIT": HARD_SECONDS,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD": CHILD_KILOBYTES,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": False,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_TIMEZONE": "UTC",
    }
