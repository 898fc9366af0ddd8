"""A mail that was sent, as a page: the link at its top leads here. It only shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from digest.models import Delivery
from digest.render import Typesetter
from digest.render.stage import IN_THE_BROWSER
from digest.web.mail_document import POLICY, make_mail_response
from subscribers import tokens
from subscribers.web.decorators import only_reads, token_page

# A mail is read within the landmarks of the mail program; a page has its own.
MAIL_ROLE, PAGE_ROLE = 'aria-roledescription="email" class="sheet" role="article"', 'role="main"'


@only_reads
@token_page
def show_sent_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Exactly the papers of that mail, each in full, for whoever holds the link."""
    delivery_id = tokens.read(IN_THE_BROWSER, token)
    if delivery_id is None:
        return render(request, "subscribers/broken_link.html", status=404)
    rows = Delivery.objects.select_related("edition", "subscriber")
    delivery = rows.filter(pk=delivery_id).first()
    html = Typesetter().render_page(delivery) if delivery else None
    if html is None:
        return render(request, "digest/mail_gone.html", {"delivery": delivery}, status=410)
    page = html.replace(MAIL_ROLE, f'class="sheet" {PAGE_ROLE}', 1)
    return make_mail_response(page, f"{POLICY}; frame-ancestors 'none'")
