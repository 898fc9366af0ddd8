"""A payload made quickly is anymail's own, and so are its errors."""

from __future__ import annotations

from typing import Any

import pytest
from anymail.backends import postmark, resend
from anymail.exceptions import AnymailError
from anymail.utils import parse_address_list
from django.core.mail import EmailMultiAlternatives
from hypothesis import example, given
from hypothesis import strategies as st

from digest.deliver.provider import payload
from digest.deliver.provider.payload import PayloadMaker, parse_addresses

ADDRESSES = [
    *("reader7@example.org", "Reader.Seven+papers@mail.example.org", "7_a-b@localhost"),
    *('"Reader, Seven" <reader7@example.org>', '"two words"@example.org', "a(comment)@example.org"),
    *(
        "reader@bücher.example",
        "rädler@example.org",
        "a@example.org, b@example.org",
        "a@[127.0.0.1]",
    ),
    *(
        "",
        "nobody",
        "a..b@example.org",
        ".a@example.org",
        "a@example.org.",
        "a@b@c",
        "a@example.org\n",
    ),
]
BACKENDS: list[Any] = [
    postmark.EmailBackend(server_token="token"),
    resend.EmailBackend(api_key="key"),
]


def make_message(to: str, sender: str = "Offprint <digest@example.org>") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("A subject", "Text …", sender, [to])
    message.extra_headers = {"List-Unsubscribe": "<https://x.example/>", "Precedence": "bulk"}
    message.attach_alternative("<p>HTML</p>", "text/html")
    message.metadata = {"delivery": "key"}  # type: ignore[attr-defined]
    return message


def read_call(make: Any, backend: Any, message: EmailMultiAlternatives) -> Any:
    """The call for a message, or what is said against it."""
    try:
        return make(message).get_request_params(backend.api_url)
    except AnymailError as error:
        return type(error), str(error)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.esp_name)
@pytest.mark.parametrize("sender", ["Offprint <digest@example.org>", "a@example.org", "nobody"])
def test_every_call_is_the_one_that_anymail_makes(backend: Any, sender: str) -> None:
    maker = PayloadMaker(backend)
    for address in [ADDRESSES[0], *ADDRESSES]:
        quick = read_call(maker.make_payload, backend, make_message(address, sender))
        plain = read_call(
            lambda message: backend.build_message_payload(message, backend.send_defaults),
            backend,
            make_message(address, sender),
        )
        assert quick == plain


def test_an_ordinary_address_and_a_sender_seen_before_need_no_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maker = PayloadMaker(BACKENDS[0])
    first = maker.make_payload(make_message("first@example.org"))
    maker.make_payload(make_message("second@example.org"))
    monkeypatch.setattr(payload, "parse_address_list", None)
    third = maker.make_payload(make_message("third@example.org"))
    assert isinstance(third, type(first))
    assert third.data == first.data | {"To": "third@example.org"}


def test_both_ends_of_the_first_call_are_checked_then_one_by_turns() -> None:
    maker = PayloadMaker(BACKENDS[0])
    assert [maker.choose_checked(count) for count in (20, 20, 20, 1, 0, 7)] == [
        *([0, 19], [0], [19]),
        *([0], [], [0]),
    ]


@given(st.one_of(st.emails(), st.text('ab.@+-_ <>",', max_size=12), st.sampled_from(ADDRESSES)))
@example("a@example.org\n")
def test_an_address_is_read_as_anymail_reads_it(address: str) -> None:
    said = []
    for parse in (parse_addresses, parse_address_list):
        try:
            said.append(
                [(one.username, one.domain, str(one)) for one in parse([address], field="to")]
            )
        except AnymailError as error:
            said.append(str(error))
    assert said[0] == said[1]
