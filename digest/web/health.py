"""Whether this process lives, and whether what it needs can be reached: for machines that ask."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from digest.high_water.hold import find_hold
from digest.watch.silence import find_silent_parts
from subscribers import forgiving_cache
from subscribers.web.decorators import only_reads


@never_cache
@only_reads
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is touched.

    gunicorn's loop says the same by itself (config/web_worker.py), since threads may all be busy.
    """
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@only_reads
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the service does its work; 503 names what is missing.

    `?of=pages` asks only for what a page needs: a proxy must not turn readers away where no worker
    runs. `held` is there, with the reason, where no digest may leave (docs/operate/backup.md).
    """
    is_up = {"database": _is_database_up()}
    if settings.REDIS_URL:
        is_up["redis"] = not forgiving_cache.describe_outage()
    missing = [name for name, is_there in is_up.items() if not is_there]
    if not missing and request.GET.get("of") != "pages":
        missing = find_silent_parts(timezone.now())
    answer: dict[str, object] = {"ready": not missing, "missing": missing}
    # The pages can be served all the same, so that it is ready.
    if is_up["database"] and (hold := find_hold()):
        answer["held"] = str(hold)
    return JsonResponse(answer, status=503 if missing else 200)


def _is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
