"""No bytes make two requests of what a proxy takes for one, by either of the web servers."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waitress import create_server, wasyncore

from digest.management import patient_channels
from tests.config.request_shapes import SMUGGLED, UNUSUAL
from tests.config.test_web_worker import run_gunicorn

SERVERS = ["gunicorn", "waitress"]
# waitress takes these for what they are meant to be, as the one request they are.
TAKEN_BY_WAITRESS = {
    "the preface of HTTP/2",
    "HTTP/0.9",
    "a huge line",
    "a huge header",
    "too many headers",
}
# And answers only the first of these, and closes.
CUT_BY_WAITRESS = {"a version yet to come"}


def answer_all(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    said = b"%d bytes of %s." % (len(body), environ["PATH_INFO"].encode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", f"{len(said)}")])
    return [said]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    channels: dict[int, Any] = {}
    options = patient_channels.OPTIONS | {"map": channels, "ident": None}
    server = create_server(answer_all, host="127.0.0.1", port=0, threads=2, **options)
    server.channel_class = patient_channels.PlainChannel
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            wasyncore.poll2(0.05, channels)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    folder: Path = tmp_path_factory.mktemp("shapes")
    with run_gunicorn(folder) as port:
        yield {"gunicorn": port, "waitress": int(server.effective_port)}
    is_over.set()
    thread.join()
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(channels)


def talk(port: int, sent: bytes) -> bytes:
    """Everything that is answered to these bytes and the end behind them."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        try:
            while data := line.recv(65_536):
                answer += data
        except ConnectionResetError:
            pass  # it was not read to its end, after the answer
    return answer


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", SMUGGLED)
def test_what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered(
    name: str, server: str, ports: dict[str, int]
) -> None:
    if server == "waitress" and name in TAKEN_BY_WAITRESS:
        return
    answer = talk(ports[server], SMUGGLED[name])
    assert re.match(rb"HTTP/1\.[01] (?:400|411|413|414|431|501) ", answer)
    assert b"/hidden" not in answer
    assert len(re.findall(rb"HTTP/1\.\d \d{3} ", answer)) == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_only_unusual_is_answered_once_and_in_its_order(
    name: str, server: str, ports: dict[str, int]
) -> None:
    sent, paths = UNUSUAL[name]
    answered = re.findall(rb"bytes of ([^.]*)\.", talk(ports[server], sent))
    wanted = paths[:1] if server == "waitress" and name in CUT_BY_WAITRESS else paths
    assert answered == list(wanted)
