"""Staff are told what will be found out about a mail in doubt, and nothing that will not."""

from __future__ import annotations

from typing import Any

import pytest

from digest.deliver.doubt.prospects import read_prospects
from digest.deliver.provider.send import Provider

POSTMARK = ("anymail.backends.postmark.EmailBackend", {"POSTMARK_SERVER_TOKEN": "key"})
MAILJET = (
    "anymail.backends.mailjet.EmailBackend",
    {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "key"},
)


def name_account() -> str:
    with Provider() as provider:
        return provider.traits.name


@pytest.mark.parametrize(
    ("change", "is_asked", "said"),
    [
        ({}, True, "The provider is asked"),
        ({"POSTMARK_SERVER_TOKEN": "new"}, True, "It left with an earlier key."),
        ({"POSTMARK_MESSAGE_STREAM": "news"}, True, "It left by another account."),
    ],
)
def test_the_present_account_is_asked_and_it_is_said_whose_mail_it_was(
    change: dict[str, Any], is_asked: bool, said: str, settings: Any
) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = POSTMARK
    before = name_account()
    settings.ANYMAIL = settings.ANYMAIL | change
    prospect = read_prospects({before})[before]
    assert prospect.is_asked == is_asked
    assert prospect.words.startswith(said)


def test_where_nobody_can_be_asked_that_is_said(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = MAILJET
    before = name_account()
    assert "Mailjet cannot be asked, but its reports" in read_prospects({before})[before].words
    settings.EMAIL_BACKEND, settings.ANYMAIL = POSTMARK
    [prospect] = read_prospects({before}).values()
    assert not prospect.is_asked
    assert prospect.words.startswith("It left through Mailjet, which the settings no longer name,")
    assert "is not known" in read_prospects({""})[""].words
