"""What the pages behind a reader's signed links share: who it is, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from digest.models import Merger, Paper
from subscribers import tokens
from subscribers.models import Subscriber
from subscribers.web.decorators import View, owner, token_page

KEY_DIGITS = 18  # longer ones fit into no database


def reader_page(purpose: str) -> Callable[[View], View]:
    """The view gets the reader the token is signed for; GET and HEAD show, POST acts.

    A broken token and a reader who is gone get a page that says so.
    """

    def decorate(view: View) -> View:
        @token_page
        @wraps(view)
        def shown(request: HttpRequest, token: str, **place: Any) -> HttpResponse:
            if tokens.read(purpose, token) is None:
                return render(request, "subscribers/broken_link.html", status=404)
            reader = owner(purpose, token)
            if reader is None:
                return render(request, "subscribers/unknown.html")
            return view(request, reader, **place)

        return shown

    return decorate


def about_a_paper(view: View) -> View:
    """The view gets the paper of the address; one that is gone has a page that says so.

    Where two rows proved to be one paper, a mail may still name the one that was given up.
    """

    @wraps(view)
    def shown(
        request: HttpRequest, reader: Subscriber, paper_id: int, **place: Any
    ) -> HttpResponse:
        paper = Paper.objects.filter(pk=paper_id).first()
        if paper is None:
            return render(request, "digest/feedback/no_paper.html", status=404)
        if merger := Merger.objects.filter(paper=paper).select_related("into").first():
            paper = merger.into
        return view(request, reader, paper, **place)

    return shown


def key_in(said: str) -> int:
    """The primary key that a form says; 0, which no row has, for what cannot be one."""
    return int(said) if said.isdecimal() and len(said) <= KEY_DIGITS else 0
