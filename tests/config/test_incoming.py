"""A request is whole, late, or refused, however its bytes come in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.incoming import BODY_SECONDS, HEAD_SECONDS, LONG_HEAD, NO_LENGTH, IncomingRequest

POST = b"POST /interests/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"

ROOT = Path(__file__).parents[2]


def test_the_web_servers_worker_needs_no_models() -> None:
    """gunicorn loads it before there is a site: whatever asks for a model ends every process."""
    done = subprocess.run(
        [sys.executable, "-c", "import config.web_worker"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_it_is_whole_with_its_last_byte_and_what_follows_is_the_next() -> None:
    for cut in range(1, len(POST)):
        incoming = IncomingRequest(0.0, POST[:cut])
        assert not incoming.is_whole
        incoming.add(POST[cut:] + b"GET", 0.0)
        assert incoming.is_whole
        assert incoming.split() == (POST, b"GET")


def test_an_empty_line_within_a_body_ends_no_head() -> None:
    body = b"a\r\n\r\nContent-Length: 99\r\n\r\nb"
    head = b"POST /interests/ HTTP/1.1\r\nHost: a\r\nContent-Length: 28\r\n\r\n"
    assert len(body) == 28
    incoming = IncomingRequest(0.0, head)
    incoming.add(body[:20], 0.0)
    assert not incoming.is_whole
    incoming.add(body[20:] + b"GET", 0.0)
    assert (incoming.is_whole, incoming.refusal) == (True, b"")
    assert incoming.split() == (head + body, b"GET")


def test_head_and_body_have_a_time_each_and_a_large_body_more() -> None:
    incoming = IncomingRequest(100.0)
    assert not incoming.is_late(100.0 + HEAD_SECONDS)
    assert incoming.is_late(100.1 + HEAD_SECONDS)
    assert incoming.say_late() == b""
    incoming.begin_at(200.0)
    assert not incoming.is_late(200.0 + HEAD_SECONDS)
    assert incoming.is_late(200.1 + HEAD_SECONDS)
    incoming.add(b"POST /interests/ HTTP/1.1\r\nContent-Length: 2500000\r\n\r\n", 205.0)
    assert not incoming.is_late(205.0 + BODY_SECONDS + 49)
    assert incoming.is_late(205.0 + BODY_SECONDS + 51)
    assert incoming.say_late().startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("head", "leaves_body"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 256001\r\n\r\n", True),
        (b"POST /anymail/x/ HTTP/1.1\r\nContent-Length: 10000001\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999999999\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nX: content-length\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\n\r\n", False),
        (b"GET /\xff HTTP/1.1\r\n\r\n", False),
        (b"\r\n\r\n", False),
    ],
)
def test_no_body_is_waited_for_that_is_refused_anyway(head: bytes, leaves_body: bool) -> None:
    incoming = IncomingRequest(0.0, head)
    assert incoming.is_whole
    assert incoming.leaves_body == leaves_body


def test_what_never_will_be_a_request_is_refused() -> None:
    assert IncomingRequest(0.0, b"x" * 65_537).refusal == LONG_HEAD
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert IncomingRequest(0.0, chunked).refusal == NO_LENGTH


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 4\r\ncontent-length: 4\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length:\r\n 4\r\n",
        b"X: y\nContent-Length: 4\n\r\n",
        b"Content-Length : 4\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n",
    ],
)
def test_a_length_that_could_be_read_in_two_ways_is_refused(lengths: bytes) -> None:
    incoming = IncomingRequest(0.0, b"POST / HTTP/1.1\r\n" + lengths + b"\r\n")
    assert incoming.refusal.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "target", [b"/%61dmin/x/", b"http://localhost/admin/x/", b"/admin/x/?a=b", b"/interests/"]
)
def test_how_long_a_body_may_be_is_asked_of_the_page_that_the_site_will_see(target: bytes) -> None:
    lines = b"Host: localhost\r\nContent-Length: 0000000000002500000\r\n\r\n"
    incoming = IncomingRequest(0.0, b"POST " + target + b" HTTP/1.1\r\n" + lines)
    assert not incoming.is_whole
    assert not incoming.leaves_body


def test_a_client_that_asks_whether_to_go_on_is_told_once() -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    incoming = IncomingRequest(0.0, head)
    assert incoming.wants_to_be_asked()
    assert not incoming.wants_to_be_asked()
    assert not IncomingRequest(0.0, head + b"four").wants_to_be_asked()
