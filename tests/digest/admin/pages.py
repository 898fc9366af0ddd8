"""Addresses and texts of the admin's pages, for tests."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from digest.models import Delivery, Snapshot, Source
from tests.factories import NOW, make_delivery, make_match, make_paper


def address(model: Any, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def text(response: Any) -> str:
    return str(response.content.decode())


def make_everything() -> Delivery:
    paper = make_paper(categories=["cs.CL"], code_url="https://example.org/code")
    Snapshot.objects.create(paper=paper, taken_at=NOW, upvotes=3)
    make_match(paper, "diffusion policy")
    return make_delivery()


def act(staff: Client, action: str, *sources: Source) -> str:
    posted = {"action": action, "_selected_action": [source.pk for source in sources]}
    return text(staff.post(address(Source), posted, follow=True))
