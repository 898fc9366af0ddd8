"""A script of an operator, as the tests of the management API have it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from digest.models import ManagementToken
from digest.models.management_tokens import SCOPES
from digest.web.api.views import MANAGEMENT
from tests.factories import NOW

SPEC = json.loads(MANAGEMENT.read_text())
ROOT = "/api/v1/manage/"


def make_operator(name: str = "noether", **fields: Any) -> User:
    known = {"is_staff": True, "is_superuser": True} | fields
    return User.objects.get_or_create(username=name, defaults=known)[0]


def make_token(owner: User | None = None, **fields: Any) -> tuple[ManagementToken, str]:
    known = {"name": "nightly sync", "scopes": list(SCOPES), "created_at": NOW}
    token = ManagementToken(owner=owner or make_operator(), **(known | fields))
    secret = token.set_new_secret()
    token.save()
    return token, secret


@dataclass(frozen=True)
class Script:
    """Asks with a token, and holds each answer against the document."""

    secret: str

    def ask(self, method: str, address: str, body: Any = None, status: int = 200) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        answer = Client().generic(
            method,
            address if address.startswith("http") else ROOT + address,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer.status_code == status, answer.content
        said = answer.json() if answer.content else None
        if status >= 400:
            fits(said, "UnfitProblem" if status == 422 else "Problem")
        return said

    def get(self, address: str, status: int = 200) -> Any:
        return self.ask("GET", address, status=status)

    def post(self, address: str, body: Any = None, status: int = 200) -> Any:
        return self.ask("POST", address, body, status)


def make_script(**fields: Any) -> Script:
    return Script(make_token(**fields)[1])


def fits(body: object, name: str) -> None:
    problem = {
        "type": "object",
        "required": ["title", "status", "detail"],
        "additionalProperties": False,
        "properties": {"title": {}, "status": {}, "detail": {"type": "string"}},
    }
    known = SPEC["components"]["schemas"]
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    schema |= {"components": {"schemas": known | {"Problem": problem}}}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)
