"""What is read without Django is a plain request; all else is left to whoever knows more."""

from __future__ import annotations

import pytest

from config.page_request import read_page_request

HOST = "Host: localhost\r\n"


def write_request(*heads: str, path: str = "/paper/arxiv:2604.1/") -> bytes:
    lines = "".join(f"{head}\r\n" for head in heads)
    return f"GET {path} HTTP/1.1\r\n{HOST}{lines}\r\n".encode()


def test_a_plain_request_is_read_with_its_heads() -> None:
    data = write_request("accept-encoding:\tgzip ", path="/papers/2026-04-22/?sort=newest&page=2")
    request = read_page_request(data, "sessionid")
    assert request is not None
    assert request.path_info == "/papers/2026-04-22/"
    assert request.META["QUERY_STRING"] == "sort=newest&page=2"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert request.get_host() == "localhost"


ODD = {
    "another method": b"HEAD " + write_request()[4:],
    "an older protocol": write_request().replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a session": write_request("Cookie: a=b; sessionid=x"),
    "a proof of identity": write_request("Authorization: Basic eDp5"),
    "a body": write_request("Content-Length: 0"),
    "a last request": write_request("Connection: close"),
    "a head twice": write_request("Host: elsewhere.example"),
    "a head over two lines": write_request("Accept: a,", " b"),
    "a head with a low line": write_request("X_Forwarded_For: 192.0.2.1"),
    "a lone line feed": write_request("Accept: a\nCookie: b"),
    "letters of another alphabet": write_request("Accept: é"),
    "no host": write_request().replace(HOST.encode(), b"Accept: a\r\n"),
    "signs that are decoded": write_request(path="/paper/arxiv:2604.%31/"),
    "a head that is too long": write_request(f"Accept: {'a' * 9000}"),
}


@pytest.mark.parametrize("what", ODD)
def test_whatever_is_odd_goes_the_ordinary_way(what: str) -> None:
    assert read_page_request(ODD[what], "sessionid") is None


def test_no_request_takes_longer_than_its_length() -> None:
    """Blanks that could be read in two ways end in a sign that fits neither."""
    assert read_page_request(write_request(f"Accept: {' ' * 7_000}é"), "sessionid") is None
