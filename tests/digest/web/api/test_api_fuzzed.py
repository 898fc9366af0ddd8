"""Whatever a program asks of the API, the answer is one that the document describes.

`make fuzz` asks some thousands of times instead of some dozens, a tenth as often at each address as
other property tests are tried: an answer takes longer than an example.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from digest.match import match_papers
from tests.factories import NOW, allow, make_match, make_paper
from tests.properties import FUZZ_EXAMPLES

pytestmark = pytest.mark.long

EXAMPLES = max(6, FUZZ_EXAMPLES // 10)  # of each address, right ones and wrong ones
SEED = int(os.environ.get("FUZZ_SEED", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.hypothesis
@pytest.mark.django_db
@pytest.mark.usefixtures("that_wednesday", "one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_no_question_is_answered_otherwise_than_the_document_says(
    monkeypatch: pytest.MonkeyPatch, mode: GenerationMode
) -> None:
    allow(monkeypatch, "ANSWERS", 10**6)
    make_match(make_paper(identifier="arxiv:2401.01234", title="A world model"), "world model")
    match_papers(NOW)
    schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for result in schema.exclude(path_regex="^/api/v1/manage/").get_all_operations():
        ask(result.ok(), mode)


def ask(
    operation: Any,
    mode: GenerationMode,
    headers: Mapping[str, str] = MappingProxyType({}),
    prepare: Callable[[Any], None] = lambda _case: None,
) -> None:
    """So many made-up questions of one address, in the language of its parameters or beside it.

    `prepare` may change each before it is asked.
    """

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        prepare(case)
        case.call_and_validate(checks=CHECKS, headers={**headers, "Accept-Encoding": "identity"})

    with suppress(Unsatisfiable):  # where every text is a name, none is wrong
        asked()
