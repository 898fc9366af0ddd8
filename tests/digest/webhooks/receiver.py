"""A receiver of webhooks on loopback, which answers as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from digest.models import Webhook
from tests.factories import NOW


@dataclass
class Receiver:
    url: str = ""
    status: int = 204
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def receive() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.heads.append(dict(self.headers))
            receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(receiver.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?key=hush"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_webhook(url: str = "https://crm.example.org/hook", **fields: Any) -> Webhook:
    known = {"name": "CRM", "kinds": list(Webhook.Kind.values), "created_at": NOW}
    return Webhook.objects.create(url=url, **(known | fields))
