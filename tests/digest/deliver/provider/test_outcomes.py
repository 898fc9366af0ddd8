"""The codes of providers, as their documents name them."""

import re

import pytest

from digest.deliver.provider.outcomes import (
    AMAZON_OUTCOMES,
    CALL_CHANGED,
    HTTP_OUTCOMES,
    NOT_ATTEMPTED,
    POSTMARK_OUTCOMES,
    SMTP_OUTCOMES,
    Outcome,
)

TABLES = [AMAZON_OUTCOMES, HTTP_OUTCOMES, POSTMARK_OUTCOMES, SMTP_OUTCOMES]


@pytest.mark.parametrize("table", TABLES)
def test_no_code_of_a_refusal_ever_means_that_a_message_was_sent(table):
    assert not {Outcome.SENT, Outcome.NOT_ATTEMPTED} & set(table.values())


def test_only_what_would_meet_every_message_stops_the_ones_after_it():
    concerning = {outcome for outcome in Outcome if outcome.concerns_all}
    assert concerning == {Outcome.UNAVAILABLE, Outcome.ACCOUNT_REFUSED}


def test_a_call_that_changed_may_have_been_accepted_as_it_was_and_nothing_waits_for_it():
    assert (CALL_CHANGED.outcome, bool(CALL_CHANGED.pause)) == (Outcome.REJECTED, False)
    assert NOT_ATTEMPTED.error == ""


def test_codes_are_written_as_the_providers_write_them():
    assert all(400 <= code < 600 for code in [*HTTP_OUTCOMES, *SMTP_OUTCOMES])
    assert all(re.fullmatch(r"[A-Z]\w+", name) for name in AMAZON_OUTCOMES)
