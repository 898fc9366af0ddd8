"""Mailboxes that must not be mailed: known by a keyed hash alone, and found by an address."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from digest.web.api import parameters
from digest.web.api.manage.body import TEXT, read_body, refuse_conflict, require
from digest.web.api.manage.http import Operation, check_form, manage_view, say
from digest.web.api.manage.paging import PAGED, get_row, note, send_page
from digest.web.api.serializers import JSON, format_moment
from subscribers.account import suppressing
from subscribers.models import Suppression
from subscribers.web.fields import AddressField
from subscribers.web.forms import PlainForm


class _AddressForm(PlainForm):
    email = AddressField(error_messages={"required": "Send the address that shall not be mailed."})


def suppression_to_json(row: Suppression) -> JSON:
    return {
        "id": row.pk,
        "fingerprint": row.fingerprint,
        "reason": row.reason,
        "created_at": format_moment(row.created_at),
    }


def list_suppressions(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*PAGED, "reason", "email"))
    rows = Suppression.objects.all()
    if "reason" in request.GET:
        reasons = [str(one) for one in Suppression.Reason.values]
        rows = rows.filter(reason=parameters.read_choice(request, "reason", reasons, ""))
    if email := request.GET.get("email"):
        rows = rows.filter(pk__in=Suppression.objects.about(email))
    return send_page(
        request, "suppressions", rows, lambda page: list(map(suppression_to_json, page))
    )


def create_suppression(request: HttpRequest) -> HttpResponse:
    body = read_body(request, {"email": TEXT})
    require(body, "email")
    form = _AddressForm(body)
    check_form(form)
    email = form.cleaned_data["email"]
    with transaction.atomic():
        is_new = suppressing.suppress_by_hand(email)
        row = Suppression.objects.about(email).order_by("pk").first()
        assert row is not None  # it was written just now, or before
        if not is_new:
            raise refuse_conflict(f"The mailbox is suppressed already ({row.reason}): {row.pk}.")
        note(request, [row], "Added", ADDITION)
    return say(suppression_to_json(row), HTTPStatus.CREATED)


def show_suppression(request: HttpRequest, pk: int) -> HttpResponse:
    parameters.allow_only(request, ())
    return say(suppression_to_json(get_row(Suppression.objects.all(), pk)))


def delete_suppression(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift it, a complaint's too, as the admin's page of the row does."""
    with transaction.atomic():
        row = get_row(Suppression.objects.all(), pk)
        note(request, [row], "Deleted", DELETION)
        row.delete()
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


serve_list = manage_view(
    GET=Operation("suppressions:read", list_suppressions),
    POST=Operation("suppressions:write", create_suppression),
)
serve_one = manage_view(
    GET=Operation("suppressions:read", show_suppression),
    DELETE=Operation("suppressions:write", delete_suppression, "subscribers.delete_suppression"),
)
