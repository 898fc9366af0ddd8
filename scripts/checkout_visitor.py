"""A visitor of one checkout's site: opens pages, presses buttons, follows links; keeps answers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from checkout_site import Record, count_queries, keep, say, wait
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from web_page import FormReader, read_links

# How many pages of a kind are opened, and how many of those that one page links to.
_MOST, _MOST_IN_ADMIN, _MOST_OF_A_PAGE = 12, 3, 6
_MOST_OF_KIND = {"paper": 30, "topics": 30, "papers": 60, "feeds": 24, "static": 40, "outbox": 6}
_SHORT = {"paper", "search?"}  # of these a page links to dozens that are alike
_ENDS = ("add", "change", "delete", "history", "password")


@dataclass(frozen=True)
class Answer:
    """What came back; `path` is what was asked."""

    path: str
    status: int
    kind: str
    body: str


class Visitor:
    """One browser, with a user signed in or none."""

    def __init__(self, record: Record, user: User | None = None) -> None:
        self._record = record
        self._client = Client(
            raise_request_exception=False, SERVER_NAME="localhost", SERVER_PORT="8000"
        )
        if user:
            self._client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    def open(self, address: str, note: str = "") -> Answer:
        return self.ask("GET", address, note=note)

    def ask(
        self, method: str, address: str, fields: Any = None, note: str = "", **headers: str
    ) -> Answer:
        path = _path_of(address)
        ask = getattr(self._client, method.lower())
        with count_queries(self._record):
            response = ask(path, {} if fields is None else fields, headers=headers)
            body = b"".join(response) if response.streaming else response.content
        said = [(name, value) for name, value in response.headers.items()]
        said += [("Set-Cookie", name) for name in sorted(response.cookies)]
        text = body.decode("utf-8", "surrogateescape")
        key = f"{note} {method} {path}".strip()
        if headers:
            key += f" {headers}"
        page = {"path": path, "status": response.status_code, "headers": said, "body": text}
        keep(self._record.pages, key, page)
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if method == "POST" and (location := response.headers.get("Location")):
            return self.open(urljoin(path, location), note)
        return Answer(path, response.status_code, kind, text)

    def press(self, answer: Answer, text: str, note: str = "", **typed: str | None) -> Answer:
        """Fill in the form of this button, as slowly as people do, and press it.

        None takes a tick away. Where there is no such button, that is what is kept.
        """
        found = FormReader(answer.body).find_button(text)
        if found is None:
            say(f"{answer.path} has no button “{text}”")
            missing = {"path": answer.path, "status": 0, "headers": [], "body": "No such button."}
            keep(self._record.pages, f"{note} PRESS {answer.path} {text}", missing)
            return answer
        form, button = found
        wait(10)
        fields = form.fields | {name: [value] for name, value in typed.items() if value is not None}
        fields = {n: values for n, values in fields.items() if typed.get(n, "") is not None}
        if button.name:
            fields[button.name] = [button.value]
        sent = self.ask("POST", urljoin(answer.path, form.action), fields, note)
        self._record.settle()
        return sent

    def crawl(self, addresses: Iterable[str], links: Iterable[str] = ()) -> int:
        """Open these addresses, some of the links, and so on with what they link to: how many."""
        waiting = deque((_path_of(address), "") for address in addresses)
        waiting.extend((_path_of(link), _kind_of(_path_of(link))) for link in dict.fromkeys(links))
        seen, counts = {path for path, _ in waiting}, Counter[str]()
        while waiting:
            path, kind = waiting.popleft()
            if kind and counts[kind] >= _most_of(kind):
                continue
            counts[kind] += 1
            if counts.total() % 100 == 0:
                say(f"{counts.total()} pages opened")
            of_page = Counter[str]()
            for link in _find_links(self.open(path)):
                kind = _kind_of(link)
                of_page[kind] += 1
                if link not in seen and (kind not in _SHORT or of_page[kind] <= _MOST_OF_A_PAGE):
                    seen.add(link)
                    waiting.append((link, kind))
        return counts.total()


def _path_of(address: str) -> str:
    return urldefrag(address.removeprefix(settings.SITE_URL)).url


def _find_links(answer: Answer) -> list[str]:
    """Where a page of ours leads to on our own site, each once, in their order."""
    if answer.kind != "text/html":
        return []
    here = settings.SITE_URL + answer.path
    links = [urljoin(here, link) for link in read_links(answer.body)]
    ours = [_path_of(link) for link in links if link.startswith(f"{settings.SITE_URL}/")]
    return list(dict.fromkeys(ours))


def _most_of(kind: str) -> int:
    if kind.startswith("admin/"):
        # A form with a filter to come back to is the same as without.
        return 0 if kind.endswith(tuple(f"/{end}?" for end in _ENDS)) else _MOST_IN_ADMIN
    return _MOST_OF_KIND.get(kind, _MOST)


def _kind_of(path: str) -> str:
    """The part of the site a page belongs to: paper, search?, admin/digest/paper/change."""
    parts = urlsplit(path)
    names = parts.path.strip("/").split("/")
    mark = "?" if parts.query else ""
    if names[0] == "admin":
        end = names[-1] if names[-1] in _ENDS else ""
        return f"{'/'.join(names[:3])}/{end}{mark}"
    if names[0] in ("feedback", "reading-list"):
        return f"{names[0]}/{names[2] if len(names) > 2 else ''}{mark}"
    if names[0] == "api":
        return f"{'/'.join(names[:3])}{mark}"
    return f"{names[0]}{mark}"
