"""The page that anybody would write: what `scripts/bench_load.py` compares our pages with.

Django as `startproject` sets it up, one view, one query for 25 papers, one template. It reads the
same database, and is served in the same way.
"""

from __future__ import annotations

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "plain_page"
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

from django.core.wsgi import get_wsgi_application  # noqa: E402 (reads the settings above)

application = get_wsgi_application()

from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

from digest.models import Paper  # noqa: E402

TEMPLATE = engines["django"].from_string(
    "<!doctype html><title>Papers</title><ol>{% for paper in papers %}<li><h2><a href="
    '"/paper/{{ paper.identifier }}/">{{ paper.title }}</a></h2><p>{{ paper.authors|join:", " }}'
    "<p>{{ paper.abstract }}<p>{{ paper.published_at|date }} {{ paper.trend|floatformat:1 }}"
    "{% endfor %}</ol>"
)


def show_papers(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(TEMPLATE.render({"papers": Paper.objects.order_by("-news_at")[:25]}))


urlpatterns = [path("", show_papers)]
