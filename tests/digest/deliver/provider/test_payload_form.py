"""A call that is filled into a form is the one that anymail makes, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from anymail.backends import postmark, resend
from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.payload import PayloadMaker
from digest.deliver.provider.payload_form import PayloadForm
from digest.render import Typesetter
from digest.render.digest_mail import DigestMail
from tests.factories import make_delivery, make_paper, make_reader

pytestmark = pytest.mark.django_db
ADDRESSES = [
    "ada@example.org",
    "o.k+papers_7@mail.example.org",
    "o'hara@example.org",
    '"two words"@example.org',
    "reader@bücher.example",
]


def make_backends() -> list[Any]:
    return [postmark.EmailBackend(server_token="token"), resend.EmailBackend(api_key="key")]


@pytest.fixture(params=[0, 1], ids=["postmark", "resend"])
def backend(request: pytest.FixtureRequest) -> Any:
    return make_backends()[request.param]


def set_mails() -> list[DigestMail]:
    title = 'A "quoted" \\ title, é 🤖 <b>bold</b> qz0z'
    papers = [make_paper(title=f"{title} {n}", abstract=f"{title}. " * 30) for n in range(3)]
    deliveries = [
        make_delivery(
            subscriber=make_reader(email=email),
            contents={
                "papers": [
                    {"id": paper.pk, "section": "new", "topics": [[1, f'"{n}" ü', "title"]]}
                    for paper in papers
                ]
            },
        )
        for n, email in enumerate(ADDRESSES)
    ]
    mails = Typesetter(is_quoted=True).render_all(deliveries)
    assert all(isinstance(mail, DigestMail) for mail in mails)
    return mails  # type: ignore[return-value]


def make_whole(backend: Any, mail: EmailMultiAlternatives) -> dict[str, Any]:
    made = backend.build_message_payload(mail, backend.send_defaults)
    call: dict[str, Any] = made.get_request_params(backend.api_url)
    return call


DEFAULTS: list[dict[str, Any]] = [
    {},
    {"esp_extra": {"more": [1, "ü"]}, "tags": ["digest"], "metadata": {"site": "ours"}},
    {"reply_to": ["Answers <answers@example.org>"]},
]


@pytest.mark.parametrize("defaults", DEFAULTS, ids=["none", "extra", "reply_to"])
def test_every_call_is_the_one_that_anymail_makes(
    backend: Any, defaults: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[DigestMail] = []
    fill = PayloadForm.fill

    def note_mail(form: PayloadForm, mail: DigestMail) -> dict[str, Any]:
        filled.append(mail)
        return fill(form, mail)

    monkeypatch.setattr(PayloadForm, "fill", note_mail)
    backend.send_defaults = defaults
    maker, mails = PayloadMaker(backend), set_mails()
    for mail in mails:
        assert maker.make_call(mail) == make_whole(backend, mail.make_plain())
    assert filled == mails[:2]  # the addresses of the others are for anymail to read


def test_another_header_or_address_for_answers_makes_another_form(backend: Any) -> None:
    maker, mails = PayloadMaker(backend), set_mails()
    maker.make_call(mails[0])
    mails[0].extra_headers["List-Id"] = "Others <others.example.org>"
    mails[1].reply_to = ["Ada <ada@example.org>"]
    for mail in mails[:2]:
        assert maker.make_call(mail) == make_whole(backend, mail.make_plain())


@pytest.mark.parametrize(("name", "value"), [("cc", ["b@example.org"]), ("tags", ["t"])])
def test_a_mail_with_anything_else_is_left_to_anymail(backend: Any, name: str, value: Any) -> None:
    maker, [mail, *_] = PayloadMaker(backend), set_mails()
    maker.make_call(mail)
    setattr(mail, name, value)
    call = maker.make_call(mail)
    assert value[0] in call["data"]
    assert call == make_whole(backend, mail)


class LoudPayload(postmark.PostmarkPayload):  # type: ignore[misc]
    """One that does with a subject what no form can foresee."""

    def set_subject(self, subject: str) -> None:
        super().set_subject(subject.swapcase() if " " in subject else subject)


def test_a_form_that_is_wrong_once_is_never_used_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postmark, "PostmarkPayload", LoudPayload)
    backend = make_backends()[0]
    maker, mails = PayloadMaker(backend), set_mails()
    for mail in mails:
        call = maker.make_call(mail, is_checked=mail is mails[0])
        assert call == make_whole(backend, mail.make_plain())
    assert "no form" in caplog.text


class SilentPayload(postmark.PostmarkPayload):  # type: ignore[misc]
    """One in which the text part does not come out."""

    def set_text_body(self, body: str) -> None:
        """Nothing is done with it."""


def test_a_payload_in_which_a_blank_does_not_come_out_has_no_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postmark, "PostmarkPayload", SilentPayload)
    backend = make_backends()[0]
    maker, mails = PayloadMaker(backend), set_mails()
    for mail in mails[:2]:
        assert maker.make_call(mail) == make_whole(backend, mail.make_plain())
