"""The Celery application: `celery -A config worker` and `celery -A config beat`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# SIGTERM ends a worker as SIGQUIT would: within a limited time (config/worker_settings.py).
# https://docs.celeryq.dev/en/stable/userguide/workers.html#worker-remap-sigterm
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

from celery import Celery

app = Celery("offprint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
