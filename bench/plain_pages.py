"""A plain Django page: the fifty newest papers by the ORM, in one template."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from digest.models import Paper

PAPERS = 50
engine = Engine(dirs=[str(Path(__file__).with_name("templates"))])


def show_papers(_request: HttpRequest) -> HttpResponse:
    papers = Paper.objects.order_by("-news_at")[:PAPERS]
    page = engine.get_template("plain_page.html").render(Context({"papers": papers}))
    return HttpResponse(page)


urlpatterns = [path("", show_papers)]
