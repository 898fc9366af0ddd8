"""Every address there is, with whatever can stand in it, its query and its body: never a fault.

The list of addresses is the resolver's, so a new one is swept without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.shelves import Shelves, fill_the_shelves

pytestmark = pytest.mark.django_db
# NUL, broken UTF-8, a lone surrogate, numbers beyond all columns, other digits, ends of lines, a
# way out of a folder, what a template or a query might take for its own, and far too much.
ODD = [
    "%00", "a%00b", "%FF%FE", "%ED%A0%80", "1" + "0" * 20, "-1", "0", "1e9", "%D9%A3", "NaN",
    "%0D%0AX-Evil:%20a", "..%2F..%2Fetc%2Fpasswd", "%7B%7B7*7%7D%7D", "'%20OR%201=1--",
    "%25s%25(a)s", "2026-02-30", "9999-W53", "0000-00", "~" + "A" * 48, "1.aaaa", "x" * 3_000,
    "%E2%80%AE",
]  # fmt: skip
NAMES = (
    "page", "q", "t", "topics", "followed", "instead", "sort", "limit", "cursor", "category",
    "topic", "near", "of", "since", "max_papers", "send_hour", "cadence", "timezone", "fresh",
    "saved", "next", "o", "paper", "pasted", "email", "wish",
    "action", "back", "before", "answer", "code", "remove",
)  # fmt: skip
BODIES = [
    ("application/x-www-form-urlencoded", b"&&=&%&%zz&=\x00&a"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"topics=\xff\xfe\x00"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"topics=a"),
    ("multipart/form-data", b"no boundary"),
    (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\n\xff\r\n--b",
    ),
    ("application/json", b'{"a": ' + b"[" * 5_000),
    ("application/json", b'{"email": 1e999, "topics": {"a": null}, "\\ud800": []}'),
    ("text/plain; charset=\xff".encode("latin-1").decode("latin-1"), b"\xed\xa0\x80\x00"),
    ("", b"\x00\xff"),
]
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get")
_PLACE = re.compile(r"<(?:(\w+):)?\w+>|\(\?P<\w+>(?:\[[^\]]*\]|[^()\[\]])*\)")


@pytest.fixture
def shelves(settings: Any) -> Shelves:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return fill_the_shelves()


@pytest.fixture
def stranger(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def list_routes(patterns: Sequence[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLPattern):
            yield route.replace("\\.", ".").replace("\\Z", "")
        else:
            yield from list_routes(pattern.url_patterns, route)


def fill_route(route: str, odd: str) -> str:
    """The route with this in each of its places; some match nothing then."""
    return f"/{_PLACE.sub(lambda _: odd, route)}"


def find_fault(answer: Any, what: str) -> list[str]:
    if answer.status_code >= 500 and not what.endswith("/readyz"):
        return [f"{what[:200]}: {answer.status_code}"]
    body = b"" if answer.streaming else answer.content
    is_ours = b"Traceback (most recent" not in body and "X-Evil" not in answer.headers
    return [] if is_ours else [f"{what[:200]}: a traceback, or a head of the stranger's"]


def sweep_routes(visitor: Client, odd: Sequence[str]) -> list[str]:
    faults = []
    for route in sorted(set(list_routes(get_resolver().url_patterns))):
        for one in odd if _PLACE.search(route) else odd[:1]:
            path = fill_route(route, one)
            faults += find_fault(visitor.get(path), f"GET {path}")
    return faults


def list_good(shelves: Shelves) -> list[str]:
    return sorted({urlsplit(address).path for address in shelves.all})


def sweep_queries(visitor: Client, paths: Sequence[str], queries: Sequence[str]) -> list[str]:
    faults = []
    for path in paths:
        for query in queries:
            answer = visitor.get(path, QUERY_STRING=query)
            is_ready = path == "/readyz"
            faults += [] if is_ready else find_fault(answer, f"GET {path}?{query}")
    return faults


def sweep_bodies(visitor: Client, paths: Sequence[str], bodies: Sequence[Any]) -> list[str]:
    faults = []
    for path in paths:
        for kind, body in bodies:
            answer = visitor.generic("POST", path, body, content_type=kind)
            faults += find_fault(answer, f"POST {kind} {path}")
    return faults


def sweep_methods(visitor: Client, paths: Sequence[str]) -> list[str]:
    faults = []
    for path in paths:
        for method in METHODS:
            faults += find_fault(visitor.generic(method, path, b"a=b"), f"{method} {path}")
    return faults


def list_queries(values: Sequence[str]) -> list[str]:
    """All names at once with each of these, doubled, with nothing, and what is no query at all."""
    each = ["&".join(f"{name}={value}" for name in NAMES) for value in values]
    doubled = "&".join(f"{name}=a&{name}=%00&{name}" for name in NAMES)
    return [*each, doubled, "&".join(f"{name}=" for name in NAMES), "&&==&%&%zz&[]=1&a[b]=c&\xff"]


def test_every_route_answers_whatever_stands_in_it(stranger: Client, shelves: Shelves) -> None:
    assert shelves
    routes = set(list_routes(get_resolver().url_patterns))
    assert len(routes) > 200
    assert sweep_routes(stranger, ODD[::4]) == []


def test_every_page_answers_whatever_stands_in_its_query(
    stranger: Client, shelves: Shelves
) -> None:
    paths = list_good(shelves)
    assert len(paths) > 50
    assert (
        sweep_queries(stranger, paths, list_queries(["%00", "1" + "0" * 20, "-1", "%ED%A0%80"]))
        == []
    )


def test_every_page_answers_whatever_is_posted_and_however(
    stranger: Client, shelves: Shelves
) -> None:
    paths = list_good(shelves)
    assert sweep_methods(stranger, paths[::2]) == []
    assert sweep_bodies(stranger, paths, BODIES[::2]) == []


@pytest.mark.thorough
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:20])
def test_all_of_it_with_each_of_these(stranger: Client, shelves: Shelves, odd: str) -> None:
    """Each name once by itself too: with whichever of these has its turn."""
    paths, turn = list_good(shelves), ODD.index(odd)
    faults = sweep_routes(stranger, [odd])
    faults += sweep_queries(stranger, paths, ["&".join(f"{name}={odd}" for name in NAMES)])
    alone = [f"{name}=a&{name}={odd}" for name in NAMES[turn :: len(ODD)]]
    faults += sweep_queries(stranger, paths, alone)
    form = "&".join(f"{name}={odd}" for name in NAMES).encode()
    assert faults + sweep_bodies(stranger, paths, [(BODIES[0][0], form)]) == []


@pytest.mark.thorough
@pytest.mark.parametrize("odd", ODD[::5], ids=lambda odd: odd[:20])
def test_every_route_answers_staff_whatever_stands_in_it(shelves: Shelves, odd: str) -> None:
    assert shelves
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("ada", "", "x"))
    staff.raise_request_exception = False
    assert sweep_routes(staff, [odd]) == []


@pytest.mark.thorough
def test_every_page_answers_every_body_and_method(stranger: Client, shelves: Shelves) -> None:
    paths = list_good(shelves)
    assert sweep_bodies(stranger, paths, BODIES) + sweep_methods(stranger, paths) == []
