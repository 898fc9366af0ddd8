"""Requests whose address, host or heads are odd: each gets an answer, and none is a fault."""

from __future__ import annotations

import re
import socket

SECONDS = 30.0
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
_PATHS = {
    "broken UTF-8": b"/paper/%ff%fe/",
    "raw bytes that are no UTF-8": b"/search?q=\xff\xfe",
    "an overlong dot": b"/%c0%ae%c0%ae/%c0%afetc/passwd",
    "half of a pair": b"/topics/%ed%a0%80/",
    "a letter behind the last": b"/topics/%f4%90%80%80/",
    "NUL": b"/papers/%00/",
    "NUL in a question": b"/search?q=a%00b",
    "a percent sign alone": b"/paper/%/%zz?q=%",
    "up and out": b"/static/../../../../etc/passwd",
    "up and out, coded": b"/static/%2e%2e/%2e%2e/etc/passwd",
    "up and out, coded twice": b"/static/%252e%252e%252fetc/passwd",
    "up and out, the other way": b"/static/..\\..\\etc\\passwd",
    "two slashes": b"//evil.example/%2e%2e",
    "a line end": b"/search?q=%0d%0aSet-Cookie:%20a=b",
    "a line end in a path": b"/papers%0d%0aX-Evil:%201/",
    "a long path": b"/paper/" + b"a" * 7_000 + b"/",
    "a long question": b"/search?q=" + b"%f0%9f%98%80" * 600,
    "a thousand questions": b"/search?" + b"&".join([b"q=%d" % n for n in range(900)]),
    "another's whole address": b"http://evil.example/subscribe/",
    "our whole address": b"http://localhost/subscribe/",
    "a star": b"*",
    "no slash": b"subscribe/",
    "a fragment": b"/#/../admin/",
}
_HOSTS = {
    "another host": b"evil.example",
    "a port that is none": b"localhost:99999999",
    "a port of letters": b"localhost:http",
    "user info": b"localhost@evil.example",
    "a host of bytes": b"\xff\xfe",
    "a host with a slash": b"localhost/evil.example",
    "two hosts in one": b"localhost, evil.example",
    "an address in brackets": b"[::1]:80",
    "half of brackets": b"[::1",
    "a dot behind": b"localhost.",
    "nothing": b"",
    "a very long one": b"a." * 3_000,
}
_HEADS = {
    "two hosts": b"Host: localhost\r\nHost: evil.example\r\n",
    "no host": b"",
    "a head of 7 kB": b"Host: localhost\r\nX-Long: " + b"a" * 7_000 + b"\r\n",
    "a head of 60 kB": b"Host: localhost\r\nX-Long: " + b"a" * 60_000 + b"\r\n",
    "a thousand heads": b"Host: localhost\r\n" + b"".join([b"X-%d: y\r\n" % n for n in range(999)]),
    "a cookie that is none": b"Host: localhost\r\nCookie: sessionid=\xff; =; csrftoken=\r\n",
    "two cookies": b"Host: localhost\r\nCookie: sessionid=a\r\nCookie: sessionid=b\r\n",
    "a date that is none": b'Host: localhost\r\nIf-Modified-Since: \xff\r\nIf-None-Match: "\r\n',
    "addresses that are none": b"Host: localhost\r\nX-Forwarded-For: \xff, ::%%, 999.1.1.1,,\r\n",
    "a language that is none": b"Host: localhost\r\nAccept-Language: " + b"a-" * 900 + b"\r\n",
    "a range": b"Host: localhost\r\nRange: bytes=0-0,1-1,-1,9999999999-\r\n",
    "a method to be put in its place": b"Host: localhost\r\nX-HTTP-Method-Override: DELETE\r\n",
    "a script's name": b"Host: localhost\r\nSCRIPT_NAME: /admin\r\nX-Script-Name: /admin\r\n",
    "another page": b"Host: localhost\r\nPATH_INFO: /outbox/\r\n",
    "a scheme of the stranger's": b"Host: localhost\r\nX-Forwarded-Proto: javascript\r\n",
    "a host of the stranger's": b"Host: localhost\r\nX-Forwarded-Host: evil.example\r\n",
}


def list_odd_requests() -> dict[str, bytes]:
    """The bytes of each, by what is odd; of HTTP/1.0 and 1.1, on a connection that ends."""
    end = b"Connection: close\r\n\r\n"
    local = b"Host: localhost\r\n"
    requests = dict[str, bytes]()
    for version in (b"1.1", b"1.0"):
        last = b" HTTP/" + version + b"\r\n"
        of = f" (HTTP/{version.decode()})"
        for name, path in _PATHS.items():
            requests[name + of] = b"GET " + path + last + local + end
        for name, host in _HOSTS.items():
            requests[name + of] = b"GET /subscribe/" + last + b"Host: " + host + b"\r\n" + end
        for name, heads in _HEADS.items():
            requests[name + of] = b"GET /subscribe/" + last + heads + end
    for method in (b"TRACE", b"CONNECT", b"PROPFIND", b"get", b"G" * 40, b"\xff"):
        requests[f"the method {method!r}"] = method + b" / HTTP/1.1\r\n" + local + end
    return requests


def ask_oddly(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and whole answer; 0 where the connection ended without one."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line:
        try:
            line.sendall(request)
            while data := line.recv(65_536):
                answer += data
        except ConnectionError:
            pass  # closed before all of it was read, perhaps after an answer
    found = _STATUS.match(answer)
    return int(found[1]) if found else 0, answer


def find_faults(port: int) -> list[str]:
    """Whatever was answered as a fault of ours, or gave the stranger's words back as a head."""
    faults = []
    for name, request in list_odd_requests().items():
        status, answer = ask_oddly(port, request)
        head = answer.partition(b"\r\n\r\n")[0].lower()
        is_foreign = b"evil.example" in head or b"x-evil" in head or b"set-cookie: a=b" in head
        if status >= 500 or is_foreign or b"root:x:0" in answer:
            faults.append(f"{name}: {status}")
    return faults
