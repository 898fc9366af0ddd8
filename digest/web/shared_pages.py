"""Which pages are the same for everybody, and until when one that was rendered may be shown.

A page is kept with its state: the version of what pages show (digest/models/page_version.py), the
day, and this release. It is shown as long as nothing of that has changed; nobody has to remember
to drop it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import patch_cache_control

from digest.flight.site_links import asks_status_alone
from digest.models.page_triggers import list_missing_triggers
from digest.models.page_version import read_page_version
from digest.web.packed_page import PackedPage
from digest.web.page_store import PageStore, answer_store, page_store
from subscribers import tokens
from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.site_look import read_look

View = Callable[..., HttpResponse]
# Stands in a rendered page where its form's stamp goes. Nobody outside can know it, so that no
# text that is shown has it.
STAMP_SLOT = f"stamp-{token_hex(16)}"
_PARAMETERS = {"sort", "page"}  # all that such a page reads of its query
_MOST_PAGE_DIGITS = 6
ANSWER_SECONDS = 60
_MOST_ANSWER_QUERY = 1_000  # characters
_SORTS = {"trend", "newest"}
logger = logging.getLogger(__name__)


def same_for_all(view: View) -> View:
    """For views whose page shows only what is public, and depends on no more than `_PARAMETERS`.

    The forms on it have STAMP_SLOT for their stamp (`listing.make_shared_sign_up_form`).
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            parts = response.content.split(STAMP_SLOT.encode())
            response.shared_parts = parts  # type: ignore[attr-defined]
            response.content = make_stamp().encode().join(parts)
            if len(parts) > 1 or "Cache-Control" not in response:
                # Private, since no two visitors get the same stamp; and asked anew each time, since
                # what is shown may change at any moment.
                patch_cache_control(response, private=True, no_cache=True)
        return response

    shown.is_same_for_all = True  # type: ignore[attr-defined]
    return shown


def same_for_a_minute(view: View) -> View:
    """The same for views that answer what anybody may ask in words of their own: search, the API.

    Their answers are kept apart, so that many different questions push no page out; in this process
    alone, since what somebody looked for is nobody else's to keep; and for ANSWER_SECONDS at most.
    """
    shown = same_for_all(view)
    shown.is_answer = True  # type: ignore[attr-defined]
    return shown


def make_stamp() -> str:
    return tokens.sign_stamp(timezone.now())


class Place(NamedTuple):
    """Where a page may be kept: under which address, and whether among the answers."""

    address: str
    is_answer: bool = False

    def find_shelf(self, state: str) -> tuple[PageStore, str]:
        """The store, and the state under which what is rendered now is kept there."""
        if not self.is_answer:
            return page_store, state
        return answer_store, f"{state} {monotonic() // ANSWER_SECONDS}"


def find_place(request: HttpRequest) -> Place | None:
    """The place where the page may be kept; None where it may not be shared.

    Whoever is signed in, or could be, gets a page of their own; one that nobody sees is not whole.
    """
    if request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    if "HTTP_AUTHORIZATION" in request.META or asks_status_alone(request):
        return None
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    if not getattr(match.func, "is_same_for_all", False):
        return None
    is_answer = getattr(match.func, "is_answer", False)
    if is_answer and len(request.META.get("QUERY_STRING", "")) > _MOST_ANSWER_QUERY:
        return None
    if not is_answer and not _has_known_query(request):
        return None
    request.resolver_match = match
    return Place(make_address(request), is_answer)


def make_address(request: HttpRequest) -> str:
    """The address under which the page of a request is kept, if it is."""
    return f"{request.path_info}?{request.META.get('QUERY_STRING', '')}"


def _has_known_query(request: HttpRequest) -> bool:
    """Whether the query is empty or says only what such a page reads, each at most once."""
    if not request.META.get("QUERY_STRING"):
        return True
    values = {name: request.GET.getlist(name) for name in request.GET}
    if not values.keys() <= _PARAMETERS or any(len(value) > 1 for value in values.values()):
        return False
    page, sort = values.get("page", ["1"])[0], values.get("sort", ["trend"])[0]
    is_page = page.isascii() and page.isdecimal() and len(page) <= _MOST_PAGE_DIGITS
    return is_page and sort in _SORTS


def read_state() -> str | None:
    """The state of all that shared pages show; None where nobody can say: then none is shared."""
    try:
        if not _has_triggers():
            return None
        version = read_page_version()
    except DatabaseError:
        return None
    day = timezone.now().date()
    site = f"{keeps_mail_here()} {read_look().stamp} {_read_release()}"
    return f"{version} {day} {settings.SITE_URL} {site}"


_guarded: set[str] = set()  # databases that were seen to have their triggers


def _has_triggers() -> bool:
    """Whether the database notes what changes; looked at until it does."""
    name = str(connection.settings_dict["NAME"])
    if name not in _guarded:
        if missing := list_missing_triggers(connection):
            logger.warning("Pages are not kept: the database lacks %s. Migrate it.", missing[0])
            return False
        _guarded.add(name)
    return True


@cache
def _read_release() -> str:
    """What tells this release from others that ask the same Redis: its code and its templates."""
    if not settings.REDIS_URL:
        return ""
    digest = blake2b(digest_size=8)
    folders = [settings.FILES_DIR / "templates", settings.FILES_DIR / "static"]
    folders += [Path(__file__).parents[1], Path(tokens.__file__).parent]
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*.*") if "__pycache__" not in path.parts):
            digest.update(f"{file.relative_to(folder)}".encode() + file.read_bytes())
    return digest.hexdigest()


def find_page(place: Place, state: str) -> PackedPage | None:
    """The page as it was kept for this state."""
    store, state = place.find_shelf(state)
    return store.get(place.address, state)


def may_be_here(address: str) -> bool:
    """Whether this process has kept a page of this address, whatever the state it shows."""
    return page_store.has(address) or answer_store.has(address)


def find_page_here(address: str, state: str) -> PackedPage | None:
    """The page as this process has kept it for this state, whichever store it is in."""
    place = Place(address, is_answer=answer_store.has(address))
    store, state = place.find_shelf(state)
    return store.get_own(address, state)


def keep_page(place: Place, state: str, response: HttpResponse) -> PackedPage | None:
    """Keep what was rendered; None, and nothing kept, where it is one visitor's own after all."""
    parts = getattr(response, "shared_parts", None)
    looked_at_visitor = "cookie" in response.get("Vary", "").lower()
    if parts is None or response.status_code != 200 or response.cookies or looked_at_visitor:
        return None
    day = f"{timezone.now().date()}"
    page = PackedPage.pack(parts, tuple(response.headers.items()), day)
    store, state = place.find_shelf(state)
    store.put(place.address, state, page)
    return page
