"""A small web server on loopback whose answers, and whose faults, each test writes itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What one path answers; `cut_to` bytes of the body are sent when it is set."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_to: int | None = None
    says_length: bool = True
    pause_seconds: float = 0.0  # before each byte, of the head as well
    hangs: bool = False


class WebServer:
    """Answers by path; a list of answers is given one after another, the last one for ever."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.answers: dict[str, list[Answer]] = {}
        self.log: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def give(self, path: str, *answers: Answer | bytes) -> str:
        """Set what a path answers; returns its address."""
        self.answers[path] = [Answer(a) if isinstance(a, bytes) else a for a in answers]
        return self.url + path

    def requests(self, path: str) -> list[dict[str, str]]:
        """The headers of every request for a path, without its query."""
        return [headers for asked, headers in self.log if asked.partition("?")[0] == path]

    def next_answer(self, target: str) -> Answer:
        left = self.answers.get(target) or self.answers.get(target.partition("?")[0])
        if not left:
            return Answer(b"not found", 404)
        return left.pop(0) if len(left) > 1 else left[0]


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.log.append((self.path, dict(self.headers.items())))
            answer = server.next_answer(self.path)
            if answer.hangs:
                server.over.wait()
                return
            self.close_connection = True
            self._write(answer)

        def _write(self, answer: Answer) -> None:
            length = {"Content-Length": str(len(answer.body))} if answer.says_length else {}
            headers = {"Connection": "close", **length, **answer.headers}
            lines = [f"HTTP/1.1 {answer.status} OK", *(f"{k}: {v}" for k, v in headers.items())]
            head = "\r\n".join([*lines, "", ""]).encode()
            body = answer.body if answer.cut_to is None else answer.body[: answer.cut_to]
            if not answer.pause_seconds:
                self.wfile.write(head + body)
                return
            for byte in head + body:
                if server.over.is_set():
                    return
                self.wfile.write(bytes([byte]))
                time.sleep(answer.pause_seconds)

        def log_message(self, *args: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client hung up, which some tests are about
                super().handle()

    return Handler


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A server for the length of a block, on any free port of this machine."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    httpd.daemon_threads = True
    server = WebServer(httpd.server_address[1])
    httpd.RequestHandlerClass = _handler(server)
    thread: threading.Thread = threading.Thread(target=_serve(httpd), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _serve(httpd: ThreadingHTTPServer) -> Callable[[], None]:
    return lambda: httpd.serve_forever(poll_interval=0.02)
