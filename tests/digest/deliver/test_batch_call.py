"""Many messages in one call, with the bytes that anymail would send for each alone."""

from digest.deliver.batch_call import hash_calls, join_calls
from digest.deliver.traits import ProviderTraits

CALLS = [
    {"method": "POST", "url": "https://api.example/email", "headers": {"X": "1"}, "data": "{1}"},
    {"method": "POST", "url": "https://api.example/email", "headers": {"X": "1"}, "data": "{2}"},
]


def test_the_bodies_stand_in_one_list_and_all_else_is_the_first_ones():
    joined = join_calls(CALLS, "https://api.example/", ProviderTraits(batch_path="email/batch"))
    assert joined == {
        "method": "POST",
        "url": "https://api.example/email/batch",
        "headers": {"X": "1"},
        "data": "[{1},{2}]",
    }


def test_a_key_goes_with_the_call_where_the_provider_takes_one():
    traits = ProviderTraits(batch_path="emails/batch", call_key="Idempotency-Key")
    joined = join_calls(CALLS, "https://api.example/", traits)
    assert joined["headers"] == {"X": "1", "Idempotency-Key": hash_calls(CALLS)}
    assert CALLS[0]["headers"] == {"X": "1"}


def test_other_bytes_have_another_key():
    assert hash_calls(CALLS) == hash_calls([dict(call) for call in CALLS])
    assert hash_calls(CALLS) != hash_calls(CALLS[:1])
    assert hash_calls(CALLS) != hash_calls(CALLS[::-1])
