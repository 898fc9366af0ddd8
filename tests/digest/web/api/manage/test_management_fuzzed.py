"""Whatever a script asks of the management API, the answer is one that the document describes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from schemathesis import GenerationMode

from subscribers.models import Subscriber, Suppression
from tests.digest.flight.editions import make_flight
from tests.digest.web.api.manage.asking import make_token
from tests.digest.web.api.test_api_fuzzed import ask
from tests.factories import allow, make_delivery, make_reader, make_source, make_topic

pytestmark = [pytest.mark.long, pytest.mark.thorough]


@pytest.mark.hypothesis
@pytest.mark.django_db
@pytest.mark.usefixtures("that_wednesday", "one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_no_order_is_answered_otherwise_than_the_document_says(
    monkeypatch: pytest.MonkeyPatch, mode: GenerationMode
) -> None:
    for limit in ("MANAGEMENT", "WRONG_TOKENS"):
        allow(monkeypatch, limit, 10**6)
    numbers = make_rows()
    headers = {"Authorization": f"Bearer {make_token()[1]}"}
    schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for result in schema.include(path_regex="^/api/v1/manage/").get_all_operations():
        operation = result.ok()
        ask(operation, mode, headers, prepare(operation, numbers))


def make_rows() -> dict[str, Any]:
    """A row of each kind that is there, whose number half of the orders get."""
    delivery = make_delivery(subscriber=make_reader("RAG"))
    make_flight(delivery.edition, state="flying")
    suppression, _ = Suppression.objects.suppress("gone@example.org", "manual")
    rows: dict[str, Any] = {
        "subscribers": delivery.subscriber.pk,
        "topics": make_topic("agents").pk,
        "suppressions": suppression.pk,
        "sources": make_source().pk,
        "editions": f"{delivery.edition.date}",
    }
    Subscriber.objects.filter(pk=rows["subscribers"]).update(
        paused_until=timezone.now() + timedelta(days=3)
    )
    return rows


def prepare(operation: Any, numbers: dict[str, Any]) -> Callable[[Any], None]:
    """Let half of the orders be about what is there, and none leave this machine."""
    room = operation.path.removeprefix("/api/v1/manage/").partition("/")[0]

    def change(case: Any) -> None:
        for name in ("id", "date"):
            if name in (case.path_parameters or {}) and len(str(case.body)) % 2:
                case.path_parameters[name] = numbers[room]
        if operation.method == "post" and room == "sources" and isinstance(case.body, dict):
            case.body["look"] = False

    return change
