"""A provider's look-up that answers oddly tells nothing: no mail goes again for it, no run ends."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from digest.deliver.doubt import doubt_list
from digest.deliver.doubt.doubt_runs import settle_doubts
from digest.models import Delivery
from tests.digest.deliver.doubtful_mails import make_doubtful
from tests.factories import NOW
from tests.provider_keys import use_provider
from tests.web_server import Answer, WebServer, web_server

pytestmark = [pytest.mark.django_db, pytest.mark.cached]
HOUR = timedelta(hours=1)
PATHS = {
    "postmark": "/messages/outbound",
    "mailgun": "/localhost/events",
    "brevo": "/smtp/statistics/events",
    "resend": "/emails",
}
AT = "2026-04-22T11:30:00+00:00"
OLD, LATER = "2026-04-22T03:00:00+00:00", "2026-04-22T03:00:01+00:00"  # the oldest first
LISTED = {"id": "1", "to": ["a@example.org"], "created_at": AT, "subject": "s", "from": "f@x.org"}
BREVO = {"messageId": "1", "email": "a@example.org", "date": AT, "subject": "s", "from": "f@x.org"}
OTHER = {"MessageID": "1", "Metadata": {"delivery": "of another mail"}}
ODD: dict[str, list[Any]] = {
    "postmark": [
        *({"Messages": {}}, {"Messages": ""}, {"Messages": None}, {}),
        {"TotalCount": 3, "Messages": []},
        {"TotalCount": 1, "Messages": [OTHER]},  # the search ignored what it was asked
        {"Messages": [{"MessageID": 7, "Metadata": {"delivery": "it"}}]},
        {"Messages": [["MessageID"]]},
    ],
    "mailgun": [
        *({"items": {}}, {"items": ""}, {"items": "none"}, {"message": "slow down"}),
        {"items": [{"message": {"headers": {"message-id": ["1"]}}}]},
        {"items": [{"message": None}]},
        {"items": [{"message": {"headers": {"message-id": "1"}}}] * 300},  # and there may be more
    ],
    "brevo": [
        *({"events": {}}, {"events": ""}, {"code": "not_ready", "message": "Try later."}),
        {"events": [BREVO | {"messageId": 5}]},
        {"events": [BREVO | {"subject": {"s": 1}}]},
        {"events": [BREVO | {"date": "0001-01-01T00:00:00+14:00"}]},
        {"events": [BREVO | {"date": "9999-12-31T23:59:59-12:00"}]},
        {"events": [BREVO | {"date": 1e400}]},
    ],
    "resend": [
        *({"data": {}, "has_more": False}, {"data": "", "has_more": False}),
        {"data": [LISTED]},  # and whether there are more, nobody knows
        {"data": [LISTED | {"to": "a@example.org"}], "has_more": False},
        {"data": [LISTED | {"created_at": True}], "has_more": False},
        # By its last row all that follows is older than the call; by its second it need not be.
        {
            "data": [LISTED | {"created_at": at} for at in (OLD, AT, OLD)],
            "has_more": True,
        },
        *({"data": [], "has_more": True}, {"data": [], "has_more": None}),
        {"data": [LISTED | {"created_at": at} for at in (OLD, LATER)], "has_more": True},
    ],
}
RAW = [
    Answer(b"[" * 100_000),
    Answer(b'{"Messages": ' + b'{"a":' * 100_000),
    Answer(b'{"Messages": [], "items": [], "data": [], "has_more": false', 200),
    Answer(b"{}", 202),
    Answer(b"", 204),
    Answer(b"", 302, {"Location": "/elsewhere"}),
]


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(doubt_list, "take_turn", lambda *_: 0.0)


def _settle(server: WebServer, provider: str, answer: Answer, settings: Any) -> str:
    # Nothing found, as its document says it: whoever follows a redirect takes that for an answer.
    none = {"Messages": [], "items": [], "data": [], "events": [], "has_more": False}
    server.give("/elsewhere", json.dumps(none).encode())
    server.give(PATHS[provider], answer)
    use_provider(provider, SimpleNamespace(url=f"{server.url}/"), settings)  # type: ignore[arg-type]
    make_doubtful(1)
    settle_doubts(NOW + 2 * HOUR)
    assert server.requests(PATHS[provider])
    return Delivery.objects.get().status


@pytest.mark.parametrize(
    ("provider", "said"), [(name, said) for name, all_ in ODD.items() for said in all_]
)
def test_json_of_another_shape_is_no_no(provider: str, said: Any, settings: Any) -> None:
    with web_server() as server:
        answer = Answer(json.dumps(said).encode())
        assert _settle(server, provider, answer, settings) == "in_doubt"


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize("answer", RAW, ids=range(len(RAW)))
def test_what_is_no_json_and_no_good_answer_is_no_no(
    provider: str, answer: Answer, settings: Any
) -> None:
    with web_server() as server:
        assert _settle(server, provider, answer, settings) == "in_doubt"
        assert not server.requests("/elsewhere")


NOTHING: dict[str, Any] = {
    "postmark": {"TotalCount": 0, "Messages": []},
    "mailgun": {"items": [], "paging": {}},
    "brevo": {},
    "resend": {"object": "list", "data": [], "has_more": False},
}


@pytest.mark.parametrize("provider", PATHS)
def test_nothing_found_as_the_documents_say_it_is_a_no(provider: str, settings: Any) -> None:
    with web_server() as server:
        answer = Answer(json.dumps(NOTHING[provider]).encode())
        assert _settle(server, provider, answer, settings) == "planned"
