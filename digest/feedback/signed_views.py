"""Decorators of the pages behind a subscriber's signed links: who it is, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from digest.models import Merger, Paper
from subscribers import tokens
from subscribers.models import Subscriber
from subscribers.web.decorators import View, find_owner, render_broken_link, token_page

KEY_DIGITS = 18  # longer ones fit into no database


def subscriber_page(purpose: str) -> Callable[[View], View]:
    """Call the view with the subscriber the token is signed for; GET and HEAD show, POST acts.

    A broken token, one that has ended, and one of a subscriber who is gone get a page that says so.
    """

    def decorate(view: View) -> View:
        @token_page
        @wraps(view)
        def shown(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
            subscriber = find_owner(purpose, token)
            if subscriber:
                return view(request, subscriber, **arguments)
            owner_id = tokens.read(purpose, token)
            if owner_id is None or Subscriber.objects.filter(pk=owner_id).exists():
                return render_broken_link(request)  # forged or ended
            return render(request, "subscribers/unknown.html")

        return shown

    return decorate


def about_a_paper(view: View) -> View:
    """Call the view with the paper of the address; one that is gone has a page that says so.

    Where two rows proved to be one paper, a mail may still name the one that was given up.
    """

    @wraps(view)
    def shown(
        request: HttpRequest, subscriber: Subscriber, paper_id: int, **arguments: Any
    ) -> HttpResponse:
        paper = Paper.objects.filter(pk=paper_id).first()
        if paper is None:
            return render(request, "digest/feedback/no_paper.html", status=404)
        if merger := Merger.objects.filter(paper=paper).select_related("into").first():
            paper = merger.into
        return view(request, subscriber, paper, **arguments)

    return shown


def read_key(field: str) -> int:
    """The primary key in a form's field; 0, which no row has, for what cannot be one."""
    return int(field) if field.isdecimal() and len(field) <= KEY_DIGITS else 0
