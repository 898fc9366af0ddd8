"""A mail that was sent, in the browser: the link at its top leads here. It only shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from digest.models import Delivery
from digest.render import IN_THE_BROWSER, Typesetter
from subscribers import tokens

# A mail styles itself, and does nothing else.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@require_safe
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """Exactly the papers of that mail, each in full, for whoever holds the link."""
    response = _mail(request, token)
    add_never_cache_headers(response)
    patch_cache_control(response, no_store=True, private=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _mail(request: HttpRequest, token: str) -> HttpResponse:
    delivery_id = tokens.read(IN_THE_BROWSER, token)
    if delivery_id is None:
        return render(request, "subscribers/broken_link.html", status=404)
    delivery = Delivery.objects.select_related("edition", "subscriber").filter(pk=delivery_id)
    found = delivery.first()
    html = Typesetter().set_page(found) if found else None
    if html is None:
        return render(request, "digest/mail_gone.html", {"delivery": found}, status=410)
    response = HttpResponse(html)
    response["Content-Security-Policy"] = POLICY
    return response
