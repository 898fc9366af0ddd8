"""The site of one plain page, on this project's database: no middleware and no cache slow it."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "bench.plain_pages"
settings.MIDDLEWARE = []
application = get_wsgi_application()
