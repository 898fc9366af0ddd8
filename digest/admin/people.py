"""What digests add to a subscriber's page: its whole story, the next digest, and copies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from digest.admin.person_story import list_deliveries, list_feedback, list_topics, tell_delivery
from digest.compose.foresee import foresee_delivery
from digest.deliver.copies import (
    NothingToSend,
    build_copy,
    explain_no_resend,
    send_again,
    send_copy,
)
from digest.models import Delivery
from digest.web.outbox import make_frame_response
from digest.why import explain_why
from subscribers.admin.staff_log import note_act
from subscribers.admin.subscribers import SubscriberAdmin
from subscribers.models import Subscriber
from subscribers.web.next_digest import foresee_next_digest

MOST_CHARS = 1000  # of an address that is asked about
admin.site.unregister(Subscriber)


@admin.register(Subscriber)
class SubscriberWithDigests(SubscriberAdmin):
    """Subscribers know nothing of digests, so what digests add to a person is added here."""

    change_form_outer_after_template = "admin/person_story.html"

    def get_urls(self) -> list[Any]:
        pages = {
            "next": self.show_next,
            "next/mail": self.show_next_mail,
            "why": self.show_why,
            "again/<int:delivery_id>": self.show_again,
        }
        own = [
            path(
                f"<int:subscriber_id>/{address}/",
                self.admin_site.admin_view(page),
                name=f"subscribers_subscriber_{page.__name__.removeprefix('show_')}",
            )
            for address, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        if subscriber := kw.get("obj"):
            may_see = request.user.has_perm("digest.view_delivery")
            context |= {
                "subscriber": subscriber,
                "may_see_deliveries": may_see,
                "deliveries": list_deliveries(subscriber) if may_see else [],
                "feedback": list_feedback(subscriber),
                "topics": list_topics(subscriber, timezone.now()),
                "may_send": request.user.has_perm("subscribers.change_subscriber"),
            }
        return super().render_change_form(request, context, *args, **kw)

    def show_next(self, request: HttpRequest, subscriber_id: int) -> HttpResponse:
        """GET shows the digest they would get now; POST mails a copy of it to the operator."""
        subscriber = self._find_subscriber(request, subscriber_id)
        now = timezone.now()
        delivery = foresee_delivery(subscriber, now)
        if request.method == "POST":
            return self._send_copy(request, delivery)
        context = self.admin_site.each_context(request) | {
            "title": _("The next digest"),
            "subscriber": subscriber,
            "coming": foresee_next_digest(subscriber, now),
            "story": tell_delivery(delivery),
            "address": getattr(request.user, "email", ""),
            "now": now,
        }
        return render(request, "admin/next_digest.html", context)

    def show_next_mail(self, request: HttpRequest, subscriber_id: int) -> HttpResponse:
        """The mail itself as a document for a frame; its links lead to nobody."""
        subscriber = self._find_subscriber(request, subscriber_id)
        try:
            message = build_copy(foresee_delivery(subscriber, timezone.now()))
        except NothingToSend as error:
            raise Http404(str(error)) from error
        return make_frame_response(str(message.alternatives[0][0]))

    def show_why(self, request: HttpRequest, subscriber_id: int) -> HttpResponse:
        """Why they got the paper in `?paper=`, or why not."""
        subscriber = self._find_subscriber(request, subscriber_id)
        asked = request.GET.get("paper", "").strip()[:MOST_CHARS]
        context = self.admin_site.each_context(request) | {
            "title": _("Why a paper came, or not"),
            "subscriber": subscriber,
            "asked": asked,
            "answer": explain_why(subscriber, asked, timezone.now()) if asked else None,
        }
        return render(request, "admin/why.html", context)

    def show_again(
        self, request: HttpRequest, subscriber_id: int, delivery_id: int
    ) -> HttpResponse:
        """GET says what it means to send this edition to them once more; POST sends it."""
        subscriber = self._find_subscriber(request, subscriber_id, "change")
        rows = Delivery.objects.select_related("edition", "subscriber")
        delivery = get_object_or_404(rows, pk=delivery_id, subscriber=subscriber)
        if request.method == "POST":
            return self._send_again(request, delivery)
        context = self.admin_site.each_context(request) | {
            "title": _("Send the edition of %(date)s again") % {"date": delivery.edition.date},
            "subscriber": subscriber,
            "story": tell_delivery(delivery),
            "obstacle": explain_no_resend(delivery),
        }
        return render(request, "admin/send_again.html", context)

    def _find_subscriber(
        self, request: HttpRequest, subscriber_id: int, permission: str = "view"
    ) -> Subscriber:
        if not request.user.has_perm(f"subscribers.{permission}_subscriber"):
            raise PermissionDenied
        return get_object_or_404(Subscriber, pk=subscriber_id)

    def _send_copy(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        address = getattr(request.user, "email", "")
        name = "admin:subscribers_subscriber_next"
        back = HttpResponseRedirect(reverse(name, args=[delivery.subscriber_id]))
        if not address:
            messages.error(request, _("Your own account has no email address: add one first."))
            return back
        if self._try_to_send(request, lambda: send_copy(delivery, address)):
            note_act(
                request, [delivery.subscriber], _("Sent a copy of the next digest to themselves")
            )
            messages.success(
                request, _("A copy is on its way to %(address)s.") % {"address": address}
            )
        return back

    def _send_again(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        if self._try_to_send(request, lambda: send_again(delivery, timezone.now())):
            said = _("Sent the edition of %(date)s once more") % {"date": delivery.edition.date}
            note_act(request, [delivery.subscriber], said)
            messages.success(request, f"{said}.")
        url = reverse("admin:subscribers_subscriber_change", args=[delivery.subscriber_id])
        return HttpResponseRedirect(url)

    def _try_to_send(self, request: HttpRequest, send: Any) -> bool:
        try:
            send()
        except NothingToSend as error:
            messages.error(request, str(error))
            return False
        except Exception as error:
            messages.error(request, _("It could not be sent: %(error)s") % {"error": error})
            return False
        return True
