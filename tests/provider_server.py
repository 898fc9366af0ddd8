"""An email provider on loopback: speaks as five of them do, and misbehaves.

It plays Postmark, Resend, Brevo, Mailgun and Amazon SES, and remembers every message it accepted.
`faults` says what the next calls meet, one after the other; then `chances`, drawn with a seed; what
meets no fault is accepted.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from base64 import b64decode
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit
from uuid import uuid4

# What a call may meet instead of a good answer: a status, with which nothing is accepted, or
# "drop before". With these it is accepted: drop, garbage, short, nameless, rows, slow, trickle.
STATUSES = {name: int(name) for name in ("500", "503", "429", "401", "403", "422", "409")}

# Mailgun takes a form, as a query or in parts.
FORM_KEY = re.compile(r"v(?::|%3A)delivery\W+([0-9a-f-]{36})")
FORM_TO = re.compile(r'(?:name="to"\r\n\r\n|(?:^|&)to=)([^\r\n&]+)')


@dataclass
class Call:
    """One request as it came; `peer` is the connection it came over."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its messages; one where it is not a batch."""
        body = json.loads(self.body)
        return body if isinstance(body, list) else [body]


@dataclass
class Book:
    """What the provider met and what it does next."""

    calls: list[Call] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    read: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # with their keys
    counted: Counter[str] = field(default_factory=Counter)  # the same by their keys
    faults: deque[str] = field(default_factory=deque)
    chances: dict[str, float] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)  # address -> Postmark's ErrorCode
    retry_after: str = "7"
    latency: float = 0.0  # seconds that every call takes
    allowed_per_second: int = 0  # calls in any second; more get a 429
    refused_as_too_fast: int = 0
    begun: deque[float] = field(default_factory=deque)  # when those of the last second came
    page_size: int = 2  # mails on a page of Resend's list
    meeting: int = 0  # calls that wait for each other before any is answered
    searched: list[str] = field(default_factory=list)  # the paths of all searches
    search_meeting: int = 0  # after the first, so many searches wait for each other
    accepted_at: str = "2026-04-22T12:00:05+00:00"  # what searches say of every message
    search_status: int = 200
    known: dict[str, tuple[bytes, Any]] = field(default_factory=dict)  # key -> bytes, answer
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    lock: Any = field(default_factory=threading.RLock)

    @property
    def keys(self) -> list[str]:
        """The delivery's key of every accepted message, in their order."""
        return [key for key, _ in self.keyed]

    @property
    def keyed(self) -> list[tuple[str, dict[str, Any]]]:
        """Each accepted message with its key, read once: a campaign has a hundred thousand."""
        with self.lock:
            self._read_news()
            return self.read.copy()

    def count_key(self, key: str) -> int:
        """How many messages with this key were accepted."""
        with self.lock:
            self._read_news()
            return self.counted[key]

    def _read_news(self) -> None:
        news = [(delivery_key(row), row) for row in self.accepted[len(self.read) :]]
        self.read.extend(news)
        self.counted.update(key for key, _ in news)

    def next_fault(self) -> str:
        if self.allowed_per_second and self._is_too_fast():
            self.refused_as_too_fast += 1
            return "429"
        if self.faults:
            return self.faults.popleft()
        for fault, chance in self.chances.items():
            if self.dice.random() < chance:
                return fault
        return ""

    def _is_too_fast(self) -> bool:
        """Whether as many as are allowed came within the second that ends now."""
        now = time.monotonic()
        while self.begun and self.begun[0] <= now - 1:
            self.begun.popleft()
        if len(self.begun) >= self.allowed_per_second:
            return True
        self.begun.append(now)
        return False


def delivery_key(row: dict[str, Any]) -> str:
    """Our key in a message, wherever anymail puts it for this provider."""
    if "v:delivery" in row:
        return str(row["v:delivery"])
    headers = row.get("headers", {})
    metadata = row.get("Metadata") or headers.get("X-Metadata") or headers.get("X-Mailin-custom")
    found: str = (json.loads(metadata) if isinstance(metadata, str) else metadata)["delivery"]
    return found


def address_of(row: dict[str, Any]) -> str:
    to = row.get("To") or row["to"][0]
    return str(to["email"] if isinstance(to, dict) else to)


def find_accepted(path: str, asked: dict[str, str], book: Book) -> dict[str, Any]:
    """What a provider's search answers; the message ids are made of our keys."""
    if path == "/messages/outbound" and "metadata_delivery" not in asked:
        return list_postmark(asked, book)
    if path == "/messages/outbound":
        key = asked["metadata_delivery"]
        row = {"MessageID": f"found-{key}", "Metadata": {"delivery": key}}
        rows = [row] * book.count_key(key)
        return {"TotalCount": len(rows), "Messages": rows}
    keys = book.keyed
    if path == "/smtp/statistics/events":
        return list_brevo(asked, book)
    if path.endswith("/events"):
        of = [(key, row) for key, row in keys if asked.get("recipient", "") in (row["to"] or "")]
        ids = [(key, {"headers": {"message-id": f"found-{key}"}}) for key, _ in of]
        return {"items": [{"user-variables": {"delivery": k}, "message": m} for k, m in ids]}
    sent = [(f"found-{key}", address_of(row), row["subject"], row.get("from")) for key, row in keys]
    if path == "/smtp/emails":
        names = ("messageId", "email", "subject", "date")
        own = [mail[:3] for mail in sent if mail[1] == asked["email"]]
        listed = [dict(zip(names, (*mail, book.accepted_at), strict=True)) for mail in own]
        return {"transactionalEmails": listed, "count": len(listed)} if listed else {}
    first = next((n + 1 for n, one in enumerate(sent) if one[0] == asked.get("after")), 0)
    names = ("id", "to", "subject", "from", "created_at")
    page = [
        (i, [to], said, sender, book.accepted_at)
        for i, to, said, sender in sent[first : first + book.page_size]
    ]
    data = [dict(zip(names, row, strict=True)) for row in page]
    return {"object": "list", "has_more": first + book.page_size < len(sent), "data": data}


def list_brevo(asked: dict[str, str], book: Book) -> dict[str, Any]:
    """The events of all messages, the newest first."""
    first, count = int(asked["offset"]), int(asked["limit"])
    names = ("messageId", "email", "subject", "date", "from")
    rows = [
        (f"found-{delivery_key(row)}", address_of(row), row["subject"], book.accepted_at, sender)
        for row in reversed(book.accepted)
        for sender in [row.get("sender", {}).get("email", "")]
    ]
    listed = [dict(zip(names, row, strict=True)) for row in rows[first : first + count]]
    return {"events": listed} if listed else {}


def list_postmark(asked: dict[str, str], book: Book) -> dict[str, Any]:
    """All messages, the newest first; as Postmark lists them."""
    first, count = int(asked["offset"]), int(asked["count"])
    newest = list(reversed(book.accepted))
    rows = [
        {
            "MessageID": f"found-{delivery_key(row)}",
            "Recipients": [address_of(row)],
            "ReceivedAt": book.accepted_at,
            "Subject": row["Subject"],
            "Metadata": {"delivery": delivery_key(row)},
        }
        for row in newest[first : first + count]
    ]
    return {"TotalCount": len(newest), "Messages": rows}


class Desk(BaseHTTPRequestHandler):
    """One connection to the provider."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """What was accepted, as each provider's search tells it."""
        book, address = self.server.book, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        with book.lock:
            book.searched.append(self.path)
            found = find_accepted(address.path, asked, book)
            number = len(book.searched) - 1
        time.sleep(book.latency)
        while 0 < number < len(book.searched) <= min(number, book.search_meeting):
            time.sleep(0.005)
        self._say(book.search_status, found if book.search_status == 200 else {})

    def do_POST(self) -> None:
        body = self.rfile.read(length := int(self.headers["Content-Length"]))
        if len(body) < length:  # whoever called died in the middle of it
            self.close_connection = True
            return
        call = Call(self.path, dict(self.headers), body, self.client_address[1])
        book = self.server.book
        with book.lock:
            book.calls.append(call)
            fault = book.next_fault()
            status, answer = (200, None) if fault in STATUSES else self._answer(call, fault)
        time.sleep(book.latency)
        while len(book.calls) < book.meeting:
            time.sleep(0.005)
        if fault == "slow":  # until nobody waits for the answer any more
            self.connection.recv(1)
        if fault in ("drop", "drop before"):
            self._drop()
        elif fault == "trickle":
            self._trickle()
        elif fault in STATUSES:
            self._say(STATUSES[fault], {"message": f"fault {fault}"})
        elif fault == "garbage":
            self._say(200, None)
        else:
            self._say(status, answer)

    def _answer(self, call: Call, fault: str) -> tuple[int, Any]:
        """Accept what can be accepted, and what to say to it."""
        if fault == "drop before":
            return 200, None
        if "form" in call.headers["Content-Type"]:
            said = call.body.decode()
            found, to = FORM_KEY.search(said), FORM_TO.search(said)
            row = {"v:delivery": found and found[1], "to": to and unquote_plus(to[1])}
            self.server.book.accepted.append(row)
            return 200, {"id": f"<{uuid4()}@mailgun.example>", "message": "Queued."}
        if call.path.startswith("/v2/email/"):
            self.server.book.accepted.append(_read_amazon_row(call))
            return 200, {"MessageId": f"{uuid4()}"}
        key = call.headers.get("Idempotency-Key")
        key = key or call.rows[0].get("headers", {}).get("idempotencyKey")
        if key in self.server.book.known:
            body, answer = self.server.book.known[key]
            return (
                (200, answer)
                if body == call.body
                else (409, {"name": "invalid_idempotent_request"})
            )
        status, answer = self._accept(call, fault)
        if key and status in (200, 201):
            self.server.book.known[key] = (call.body, answer)
        return status, answer

    def _accept(self, call: Call, fault: str) -> tuple[int, Any]:
        book = self.server.book
        is_postmark = "X-Postmark-Server-Token" in call.headers
        refused = {address_of(row): book.refused.get(address_of(row), 0) for row in call.rows}
        if any(refused.values()) and not is_postmark:
            return 422, {"name": "validation_error", "message": "Invalid `to` field."}
        good = [row for row in call.rows if not refused[address_of(row)]]
        book.accepted += good
        if call.path == "/smtp/email":
            return 201, {"messageId": f"<{uuid4()}@brevo.example>"}
        if is_postmark:
            rows = [_postmark_row(row, refused[address_of(row)], fault) for row in call.rows]
            rows = rows[:-1] if fault == "short" else rows
            return 200, rows if call.path.endswith("batch") else rows[0]
        rows = [{"id": str(uuid4())} for _ in call.rows][: -1 if fault == "short" else None]
        return 200, {"data": rows} if call.path.endswith("batch") else rows[0]

    def _say(self, status: int, answer: Any) -> None:
        body = b"<html>oops" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status in (429, 503):
            self.send_header("Retry-After", self.server.book.retry_after)
        self.end_headers()
        self.wfile.write(body)

    def _trickle(self) -> None:
        """Say something every moment, and never all of it."""
        self.close_connection = True
        with suppress(ConnectionError):
            for byte in chain(b"HTTP/1.1 200 OK\r\nX-Slow: ", repeat(ord("x"))):
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        pass


def _read_amazon_row(call: Call) -> dict[str, Any]:
    raw = message_from_bytes(b64decode(call.rows[0]["Content"]["Raw"]["Data"]))
    return {"v:delivery": json.loads(raw["X-Metadata"])["delivery"]}


def _postmark_row(row: dict[str, Any], code: int, fault: str) -> dict[str, Any] | str:
    if fault == "rows":
        return "what is this"
    if code:
        return {"ErrorCode": code, "Message": f"Refused with code {code}."}
    named = {} if fault == "nameless" else {"MessageID": str(uuid4())}
    return {"ErrorCode": 0, "Message": "OK", "To": row["To"], **named}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    book: Book

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, *_: Any) -> None:
        pass  # a client that went away, killed or not


@contextmanager
def provider_server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Desk) as server:
        server.book = Book()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
