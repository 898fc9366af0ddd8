"""The Celery application: `celery -A config worker` and `celery -A config beat`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery
from celery.signals import setup_logging, worker_init

from config.logging_setup import keep_django_logging
from config.site_ahead import load_site_ahead
from config.worker_end import EndInTime
from digest.memory import limit_arenas

app = Celery("offprint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(EndInTime)
# Workers and beat write the log as LOGGING in the settings says, and nothing beside it.
setup_logging.connect(keep_django_logging, dispatch_uid="config.logging")
# Before its processes begin, which share what was read and set then.
worker_init.connect(lambda **_: limit_arenas(), dispatch_uid="config.memory", weak=False)
worker_init.connect(load_site_ahead, dispatch_uid="config.site")
