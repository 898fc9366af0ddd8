"""The site's own colours and logo as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from subscribers.models import SiteLook
from subscribers.site_look import read_look
from subscribers.web.decorators import only_reads

A_YEAR = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"  # another process may not have heard of the change yet


@only_reads
def serve_look(_request: HttpRequest, stamp: str, form: str) -> HttpResponse:
    """The style sheet or the logo; its address has the stamp of the look, so it never changes."""
    look = read_look()
    if form == "png":
        row = SiteLook.objects.exclude(logo=None).first()
        if row is None or not row.logo:
            raise Http404
        response = HttpResponse(bytes(row.logo), content_type="image/png")
    else:
        response = HttpResponse(look.write_stylesheet(), content_type="text/css")
    response["Cache-Control"] = A_YEAR if stamp == look.stamp else BRIEFLY
    return response
