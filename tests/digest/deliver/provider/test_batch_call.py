"""Many messages in one call, with the bytes that anymail would send for each alone."""

from digest.deliver.provider.batch_call import hash_body, join_bodies, make_batch_call
from digest.deliver.provider.traits import ProviderTraits

CALLS = [
    {"method": "POST", "url": "https://api.example/email", "headers": {"X": "1"}, "data": "{1}"},
    {"method": "POST", "url": "https://api.example/email", "headers": {"X": "1"}, "data": "{2}"},
]


def test_the_bodies_stand_in_one_list_and_all_else_is_the_first_ones():
    traits = ProviderTraits(batch_path="email/batch")
    body = join_bodies(CALLS)
    assert make_batch_call(CALLS[0], body, "https://api.example/", traits) == {
        "method": "POST",
        "url": "https://api.example/email/batch",
        "headers": {"X": "1"},
        "data": b"[{1},{2}]",
    }


def test_a_key_goes_with_the_call_where_the_provider_takes_one():
    traits = ProviderTraits(batch_path="emails/batch", call_key="Idempotency-Key")
    joined = make_batch_call(CALLS[0], "[{1}]", "https://api.example/", traits)
    assert joined["headers"] == {"X": "1", "Idempotency-Key": hash_body("[{1}]")}
    assert CALLS[0]["headers"] == {"X": "1"}


def test_other_bytes_have_another_key():
    bodies = [join_bodies(CALLS), join_bodies(CALLS[:1]), join_bodies(CALLS[::-1])]
    assert len(set(map(hash_body, bodies))) == 3
    assert hash_body(bodies[0]) == hash_body(join_bodies([dict(call) for call in CALLS]))
