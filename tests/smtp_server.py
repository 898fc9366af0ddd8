"""A mail server on loopback that remembers what it took, and misbehaves at a chosen place."""

from __future__ import annotations

import random
import socketserver
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

LOST = ("drop", "trickle", "half")  # nobody hears whether the mail was taken


class Session(socketserver.StreamRequestHandler):
    """One connection. The next of the server's `faults` meets each mail that begins.

    A fault is where and what: "MAIL 550", "RCPT 450", "DATA drop", "END 421", "END drop". What
    "trickle" answers comes in bytes that never become a line, and "half" breaks off in its code;
    both take the mail, where it came that far.
    """

    server: SmtpServer

    def handle(self) -> None:
        self.server.connections += 1
        self._say(self.server.greeting)
        fault = ""
        while line := self.rfile.readline():
            word = line.decode().split()[0].upper() if line.strip() else ""
            if word == "QUIT":
                return self._say(self.server.goodbye)
            if word == "MAIL":
                fault = self.server.draw_fault()
            if self._meets(fault, word):
                return None
            if word == "DATA" and not fault.startswith("DATA"):
                body = self._read_mail()
                if not fault.startswith("END") or fault.endswith(LOST):
                    self.server.accepted.append(body)
                if self._meets(fault, "END"):
                    return None
                if not fault.startswith("END"):
                    self._say("250 Taken")
            elif not fault.startswith(f"{word} "):
                self._say("250 OK")
        return None

    def _meets(self, fault: str, word: str) -> bool:
        """Answer with the fault if this is its place; True where the line is to be dropped."""
        place, _, what = fault.partition(" ")
        if place != word:
            return False
        if what == "half":
            self.wfile.write(b"25")
        elif what != "drop":
            self._say(what if what == "trickle" else f"{what} fault")
        return what in (*LOST, "421")

    def _trickle(self) -> None:
        with suppress(ConnectionError):
            while True:
                self.wfile.write(b"2")
                time.sleep(0.02)

    def _read_mail(self) -> bytes:
        self._say("354 Go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        if words == "trickle":
            return self._trickle()
        return self._send(words)

    def _send(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.accepted: list[bytes] = []
        self.faults: deque[str] = deque()
        self.chances: dict[str, float] = {}  # drawn with a seed once `faults` is empty
        self.mails_begun = 0
        self._dice = random.Random(1)
        self.greeting = "220 ready"
        self.goodbye = "221 Bye"
        self.connections = 0

    def draw_fault(self) -> str:
        self.mails_begun += 1
        if self.faults:
            return self.faults.popleft()
        for fault, chance in self.chances.items():
            if self._dice.random() < chance:
                return fault
        return ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, *_: Any) -> None:
        pass


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
