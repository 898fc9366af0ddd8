"""A provider on loopback that takes every mail, in Postmark's shape: python -m bench.sink DIR

It runs in a process of its own, so that what it costs is counted nowhere. Its first line of output
is its port, and it ends with its standard input, so that it never outlives whoever started it.
Besides mails it takes GET /count, and GET of the lists of papers in the folder DIR.
https://postmarkapp.com/developer/user-guide/send-email-with-api/batch-emails
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 60


@dataclass
class Counts:
    """What came in so far."""

    calls: int = 0
    mails: int = 0
    bytes: int = 0


class Sink(asyncio.Protocol):
    """One connection, kept open for as many requests as the client likes."""

    def __init__(self, counts: Counts, folder: Path) -> None:
        self._counts, self._folder = counts, folder
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1").lower()
            size = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
            if len(self._buffer) < end + 4 + size:
                return
            body = bytes(self._buffer[end + 4 : end + 4 + size])
            method, path, *_ = self._buffer[:end].decode("latin-1").split(" ", 2)
            del self._buffer[: end + 4 + size]
            self._answer(method, path, body)

    def _answer(self, method: str, path: str, body: bytes) -> None:
        said = self._take_mails(path, body) if method == "POST" else self._read(path)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\nContent-Type: text/plain\r\n\r\n"
        self._transport.write(head.encode() + said)  # type: ignore[attr-defined]

    def _take_mails(self, path: str, body: bytes) -> bytes:
        counts, is_batch = self._counts, path.endswith("/batch")
        mails = json.loads(body) if is_batch else [json.loads(body)]
        first = counts.mails
        counts.calls, counts.bytes = counts.calls + 1, counts.bytes + len(body)
        counts.mails += len(mails)
        answers = [make_answer(mail, first + n) for n, mail in enumerate(mails)]
        return json.dumps(answers if is_batch else answers[0]).encode()

    def _read(self, path: str) -> bytes:
        if path == "/count":
            return json.dumps(vars(self._counts)).encode()
        return (self._folder / Path(path.partition("?")[0]).name).read_bytes()


def make_answer(mail: dict[str, Any], number: int) -> dict[str, Any]:
    """What Postmark says of a mail it took."""
    return {
        "ErrorCode": 0,
        "Message": "OK",
        "MessageID": f"{number:036}",
        "To": mail["To"],
        "SubmittedAt": "2026-06-10T00:00:00Z",
    }


async def serve(folder: Path) -> None:
    counts = Counts()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(counts, folder), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    await server.serve_forever()


def end_with_input() -> None:
    """Wait until whoever started us is gone, and end."""
    sys.stdin.read()
    os._exit(0)


@contextmanager
def run_sink(folder: Path) -> Iterator[str]:
    """The address of a sink that runs until the block is left."""
    command = [sys.executable, "-m", "bench.sink", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def read_counts(address: str) -> Counts:
    with urllib.request.urlopen(f"{address}count", timeout=STOP_SECONDS) as answer:
        return Counts(**json.load(answer))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
