"""Pages that are the same for everybody leave before anything is done for one visitor."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from digest.web import shared_pages


class SharedPageMiddleware:
    """Answers with the page that was kept, as long as what it shows has not changed.

    Before sessions, forms and templates. What it does not keep goes on as if it were not here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        place = shared_pages.find_place(request)
        # Read before the page is rendered: what changes meanwhile makes it an old one.
        state = shared_pages.read_state() if place else None
        if place is None or state is None:
            return self._get_response(request)
        request.get_host()  # refuses a host that is not ours, as CommonMiddleware does
        page = shared_pages.find_page(place, state)
        if page is None:
            # The whole page, even for a browser that has it: it is kept for all.
            known = request.META.pop("HTTP_IF_NONE_MATCH", None)
            response = self._get_response(request)
            if known is not None:
                request.META["HTTP_IF_NONE_MATCH"] = known
            page = shared_pages.keep_page(place, state, response)
            if page is None:
                return response
        return page.make_response(request, shared_pages.make_stamp())
