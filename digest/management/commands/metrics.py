from __future__ import annotations

import logging
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve the service's metrics for Prometheus on a port of their own, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=settings.METRICS_PORT, help="Instead of METRICS_PORT."
        )
        parser.add_argument("--once", action="store_true", help="Print them and end.")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            from prometheus_client import CollectorRegistry  # noqa: PLC0415 (may be missing)

            from digest.watch.metrics import ServiceCollector  # noqa: PLC0415 (imports it too)
        except ImportError as error:
            raise CommandError(
                "The package prometheus-client is not there: pip install prometheus-client."
            ) from error
        registry = CollectorRegistry()
        registry.register(ServiceCollector())
        if options["once"]:
            self._print_once(registry)
        else:
            self._serve(registry, options["port"])

    def _print_once(self, registry: Any) -> None:
        from prometheus_client import generate_latest  # noqa: PLC0415

        self.stdout.write(generate_latest(registry).decode())

    def _serve(self, registry: Any, port: int) -> None:
        from prometheus_client import start_http_server  # noqa: PLC0415

        if not 0 < port <= 65535:
            raise CommandError("No port: set METRICS_PORT, or write --port 9100.")
        host = settings.METRICS_HOST
        try:
            server, thread = start_http_server(port, addr=host, registry=registry)
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be listened on ({error.strerror}): "
                "choose another one with METRICS_PORT or --port."
            ) from error
        logger.info("Metrics on http://%s:%s/metrics. Ctrl-C stops them.", host, port)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            server.shutdown()
            thread.join()
