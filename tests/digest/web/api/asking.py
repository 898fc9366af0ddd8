"""Addresses of the API, and whether an answer has the shape its document says."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from digest.web.api.views import DOCUMENT

SPEC = json.loads(DOCUMENT.read_text())
GOOD = [
    ("/api/v1/papers", "Papers"),
    ("/api/v1/papers?in=2026-W17&sort=trend&limit=2", "Papers"),
    ("/api/v1/papers?topic=world-model&category=cs.CV&since=2026-04-22", "Papers"),
    ("/api/v1/papers/arxiv:2604.12345", "WholePaper"),
    ("/api/v1/papers/url:https://lab.example.org/x", "WholePaper"),
    ("/api/v1/search?q=world+model", "Results"),
    ("/api/v1/topics", "Topics"),
    ("/api/v1/topics/world-model", "WholeTopic"),
    ("/api/v1/days?limit=3", "Days"),
    ("/api/v1/days/2026-04-22", "WholeDay"),
    ("/api/v1/days/2026-04-19", "WholeDay"),
]


def asked(client: Client, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    return answer.json()


def fits(body: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": SPEC["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)
