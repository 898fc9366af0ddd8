"""Requests in odd and hostile shapes, and what must come of each.

`/hidden` is what a smuggler wants to have answered: to a proxy it is part of another's request.
"""

from __future__ import annotations

HOST = b"Host: localhost\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def post(lines: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST / HTTP/" + version + b"\r\n" + HOST + lines + b"\r\n" + body


def get(lines: bytes = b"", path: bytes = b"/", version: bytes = b"1.1") -> bytes:
    return b"GET " + path + b" HTTP/" + version + b"\r\n" + HOST + lines + b"\r\n"


SMUGGLED = {
    "length and chunks": post(
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nG" + HIDDEN
    ),
    "chunks and length": post(
        b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", b"0\r\n\r\nG" + HIDDEN
    ),
    "chunks": post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "chunks with an extension": post(
        b"Transfer-Encoding: chunked\r\n", b"1;a=b\nGET\r\nx\r\n0\r\n\r\n" + HIDDEN
    ),
    "chunks with a negative size": post(b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n" + HIDDEN),
    "chunks with a huge size": post(
        b"Transfer-Encoding: chunked\r\n", b"f" * 40 + b"\r\n\r\n" + HIDDEN
    ),
    "chunks with trailers": post(
        b"Transfer-Encoding: chunked\r\n", b"0\r\nContent-Length: 3\r\n\r\n" + HIDDEN
    ),
    "coding in capitals": post(b"TRANSFER-ENCODING: CHUNKED\r\n", b"0\r\n\r\n" + HIDDEN),
    "coding behind a tab": post(b"Transfer-Encoding:\tchunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "coding before a blank": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "coding that is folded": post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "coding in a folded line": post(
        b"X: y\r\n Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "coding behind a bare line feed": post(
        b"X: y\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "coding behind a bare carriage return": post(
        b"X: y\rTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "an unknown coding": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "two codings": post(
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "coding of the protocol before": post(
        b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", b"0\r\n\r\n" + HIDDEN, b"1.0"
    ),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: 77\r\n", HIDDEN),
    "two lengths that agree": post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc" + HIDDEN),
    "two lengths in a line": post(b"Content-Length: 3, 3\r\n", b"abc" + HIDDEN),
    "a length with a plus": post(b"Content-Length: +3\r\n", b"abc" + HIDDEN),
    "a negative length": post(b"Content-Length: -3\r\n", b"abc" + HIDDEN),
    "a length in hexadecimal": post(b"Content-Length: 0x3\r\n", b"abc" + HIDDEN),
    "a length with an underscore": post(b"Content-Length: 1_0\r\n", b"0123456789" + HIDDEN),
    "a length in another digit": post(b"Content-Length: \xb2\r\n", b"ab" + HIDDEN),
    "an empty length": post(b"Content-Length:\r\n", HIDDEN),
    "a length before a blank": post(b"Content-Length : 3\r\n", b"abc" + HIDDEN),
    "a length that is folded": post(b"Content-Length:\r\n 3\r\n", b"abc" + HIDDEN),
    "a length behind a bare line feed": post(b"X: y\nContent-Length: 3\r\n", b"abc" + HIDDEN),
    "a length behind a NUL": post(b"X: y\0\r\nContent-Length: 3\r\n", b"abc" + HIDDEN),
    "a length that no number holds": post(b"Content-Length: " + b"9" * 400 + b"\r\n", HIDDEN),
    "a name that holds a NUL": post(b"Content-Length\0: 3\r\n", b"abc" + HIDDEN),
    "a first line that is folded": b"POST / HTTP/1.1\r\n Content-Length: 3\r\n\r\nabc" + HIDDEN,
    "no lines but line feeds": b"GET / HTTP/1.1\nHost: localhost\n\n\r\n\r\n" + HIDDEN,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "three blanks": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "HTTP/0.9": b"GET /\r\n\r\n" + HIDDEN,
    "a huge line": get(path=b"/" + b"a" * 60_000) + HIDDEN,
    "a huge header": get(b"X: " + b"a" * 50_000 + b"\r\n") + HIDDEN,
    "too many headers": get(b"".join(b"X%d: y\r\n" % n for n in range(500))) + HIDDEN,
}
# What is right, if unusual: each request is answered once, in its order.
UNUSUAL = {
    "pipelined": (get() + NEXT, (b"/", b"/next")),
    "a body that nobody reads": (get(b"Content-Length: 3\r\n") + b"abc" + NEXT, (b"/", b"/next")),
    "a body, then another": (post(b"Content-Length: 3\r\n", b"abc") + NEXT, (b"/", b"/next")),
    "a length with zeros before it": (
        post(b"Content-Length: 0003\r\n", b"abc") + NEXT,
        (b"/", b"/next"),
    ),
    "a name with an underscore": (
        post(b"Content-Length: 3\r\nTransfer_Encoding: chunked\r\n", b"abc") + NEXT,
        (b"/", b"/next"),
    ),
    "HTTP/1.0 kept alive": (
        get(b"Connection: keep-alive\r\n", version=b"1.0") + NEXT,
        (b"/", b"/next"),
    ),
    "HTTP/1.0": (get(version=b"1.0") + NEXT, (b"/",)),
    "a version yet to come": (get(version=b"1.9") + NEXT, (b"/", b"/next")),
    "an upgrade": (
        get(b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n") + NEXT,
        (b"/", b"/next"),
    ),
    "half of it, then the end": (get() + b"GET /half", (b"/",)),
    "asked before the body": (
        post(b"Content-Length: 3\r\nExpect: 100-continue\r\n", b"abc") + NEXT,
        (b"/", b"/next"),
    ),
}
