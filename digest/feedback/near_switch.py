"""The page behind *Switch it off* at *Close to your topics* in a mail: one button, off or on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from digest.feedback.signed_views import subscriber_page
from subscribers import tokens
from subscribers.mail.mail_links import preferences_url
from subscribers.models import Subscriber


@subscriber_page(tokens.FEEDBACK)
def switch_near(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """GET and HEAD show what the button would do; POST does it, and shows how to take it back."""
    if request.method == "POST":
        subscriber.wants_near = request.POST.get("near") == "on"
        subscriber.save(update_fields=["wants_near"])
        return redirect(f"{request.path}?done=1")
    context = {
        "subscriber": subscriber,
        "is_done": "done" in request.GET,
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
    }
    return render(request, "digest/feedback/near.html", context)
