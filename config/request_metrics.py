"""How many requests each page answers and in what time, for Prometheus.

Gunicorn's workers count each for itself into files of one folder, and its master serves the sums on
METRICS_PORT: a port of its own, which no visitor reaches. What is in the database and in Redis is
told by `manage.py metrics` (digest/watch/metrics.py).
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse

OWN_REQUEST = "offprint.own_request"  # as in subscribers/limits/rate_limits.py
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for it
logger = logging.getLogger("gunicorn.error")


def prepare_folder() -> None:
    """Name a new folder for the counts; before prometheus_client is imported, which looks once."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="offprint-metrics-")


def serve_sums(host: str, port: int) -> None:
    """Serve what all workers counted, in a thread; where that fails the site goes on without."""
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 (see above)
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=os.environ[FOLDER])  # type: ignore[no-untyped-call]
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        logger.error("No metrics of requests: %s:%s cannot be listened on: %s", host, port, error)


def remove_folder() -> None:
    """Delete the counts of this run."""
    folder = Path(os.environ[FOLDER])
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    folder.rmdir()


class RequestMetricsMiddleware:
    """Counts each request by its view, method and status, and how long it took in seconds.

    By the view's name, never by the address: addresses hold what subscribers alone may know.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from config.request_counts import REQUESTS, SECONDS  # noqa: PLC0415 (after prepare_folder)

        self._get_response, self._requests, self._seconds = get_response, REQUESTS, SECONDS

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self._get_response(request)
        if OWN_REQUEST in request.META:
            return response  # no visitor asked (digest/web/warm_pages.py)
        view = request.resolver_match.view_name if request.resolver_match else "unresolved"
        method = request.method if request.method in _METHODS else "other"
        self._requests.labels(view, method, response.status_code).inc()
        self._seconds.labels(view, method).observe(time.perf_counter() - began)
        return response


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
