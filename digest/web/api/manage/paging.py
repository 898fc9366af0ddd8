"""Lists of the management API: the newest first, a page at a time, and never counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from digest.web.api import parameters
from digest.web.api.manage.http import say
from subscribers.admin.staff_log import note_act

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGED = ("limit", "cursor")
MOST_ID = 2**63 - 1
Row = TypeVar("Row", bound=Model)
Act = TypeVar("Act")


def send_page(
    request: HttpRequest,
    name: str,
    rows: QuerySet[Any],
    serialize: Callable[[list[Any]], list[dict[str, Any]]],
) -> HttpResponse:
    """One page of the rows by falling id; the next begins below the last one."""
    limit = parameters.read_limit(request)
    if cursor := parameters.read_cursor(request, int):
        rows = rows.filter(pk__lt=cursor[0])
    found = list(rows.order_by("-pk")[: limit + 1])
    next_page = None
    if len(found) > limit:
        cursor_text = parameters.write_cursor(found[limit - 1].pk)
        next_page = parameters.make_next_url(request, cursor_text)
    return say({name: serialize(found[:limit]), "next": next_page})


def get_row(rows: QuerySet[Row], pk: int) -> Row:
    """The row with this id; Http404 with a sentence where there is none."""
    row = rows.filter(pk=pk).first() if pk <= MOST_ID else None
    if row is None:
        raise Http404(f"There is no {rows.model._meta.verbose_name} {str(pk)[:20]}.")
    return row


def find_act(acts: Mapping[str, Act], name: str, hidden: Collection[str] = ()) -> Act:
    """The act of this name; Http404 with the names that there are."""
    if name not in acts or name in hidden:
        known = ", ".join(one for one in acts if one not in hidden)
        raise Http404(f"There is no act “{name[:60]}”. There are: {known}.")
    return acts[name]


def note(request: HttpRequest, rows: Sequence[Model], said: StrOrPromise, flag: int) -> None:
    """Write it into the admin's audit log, with the token by which it was done."""
    token = request.management_token  # type: ignore[attr-defined]
    note_act(request, rows, f"{said}, through the API with token {token.pk}", flag)
