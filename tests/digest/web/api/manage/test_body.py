"""A body that cannot be used comes back with a sentence for each field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.digest.web.api.manage.asking import ROOT, make_script, make_token

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    headers = {"Authorization": f"Bearer {make_token()[1]}"}
    url = f"{ROOT}topics"
    answer = Client().post(url, body, content_type="application/json", headers=headers)
    assert (answer.status_code, "object" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"emial": "ada@example.org"}, "emial", "There is no field “emial” here. You can send:"),
        ({"email": 5}, "email", "email is a text."),
        ({"email": "a\0b@example.org"}, "email", "email is a text."),
        ({"email": "\ud800"}, "email", "email is a text."),
        ({"topics": "RAG"}, "topics", "topics is a list of texts."),
        ({"send_hour": "8"}, "send_hour", "send_hour is a whole number."),
        ({"send_hour": True}, "send_hour", "send_hour is a whole number."),
        ({"send_hour": 10**40}, "send_hour", "send_hour is a whole number."),
        ({"topics": ["RAG"]}, "email", "Type their address."),
        ({"email": "ada@example.org"}, "topics", "Type at least one topic"),
        ({"email": "ada@", "topics": ["RAG"]}, "email", "Check the address"),
        ({"email": "ada@example.org", "topics": ["-x"]}, "topics", "x"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(body: Any, field: str, said: str) -> None:
    problem = make_script().post("subscribers", body, 422)
    assert said in " ".join(problem["errors"][field])
    assert said in problem["detail"]
