"""What gunicorn reads from the folder it is started in; the command line has the last word."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import request_metrics
from config.file_limit import make_room
from config.lanes import LANES
from config.logging_setup import build_gunicorn_logging
from config.slow_readers import MOST_SLOW

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    has_metrics = bool(settings.METRICS_PORT)
except ImproperlyConfigured as error:
    sys.exit(str(error))

# A thread more than all lanes hold (config/lanes.py), so that /readyz always has one, and as many
# as wait for slow readers (config/slow_readers.py). Each keeps a connection to the database.
workers, threads = 2, sum(lane.most for lane in LANES) + 1 + MOST_SLOW
worker_connections = make_room(threads)
# Threads get whole requests only, so that slow clients hold none (config/web_worker.py).
worker_class = "config.web_worker.PatientWorker"
sendfile = False  # it would wait for a slow reader without an end
limit_request_line = 8190  # bytes; the most it takes, for shared sets of topics (/subscribe/?t=…)
# By default a proxy on this machine may say in SCRIPT_NAME and PATH_INFO which page is asked for,
# and so may whoever it lets through with such a head.
forwarder_headers = ""
control_socket_disable = True  # nobody asks it for anything, so it is one door less
logconfig_dict = build_gunicorn_logging(settings.LOG_FORMAT)
# Method, path, status, bytes and seconds: no visitor's address, and no query, which may hold one.
access_log_format = "%(m)s %(U)s %(s)s %(B)s %(L)s"

if has_metrics:
    request_metrics.prepare_folder()


def when_ready(_server: Any) -> None:
    """The master serves the metrics of all its workers, on a port of their own."""
    if has_metrics:
        request_metrics.serve_sums(settings.METRICS_HOST, settings.METRICS_PORT)


def on_exit(_server: Any) -> None:
    if has_metrics:
        request_metrics.remove_folder()


def post_worker_init(worker: Any) -> None:
    """Each worker reads the papers and renders the first pages, while it already answers."""
    from django.utils import timezone  # noqa: PLC0415 (the worker's own, after it has settings)

    from config.kept_pages import start_answering  # noqa: PLC0415
    from digest.match.warm_up import start_warm_up  # noqa: PLC0415
    from digest.web.warm_pages import start_keeping_warm  # noqa: PLC0415

    start_warm_up(timezone.now())
    start_keeping_warm()
    start_answering(worker)
