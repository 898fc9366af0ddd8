"""Many messages in one call: the calls that anymail would make for each, joined into one.

A call is what requests' Session.request takes: method, url, headers, data and so on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urljoin

from digest.deliver.provider.traits import ProviderTraits

Call = dict[str, Any]


def make_batch_call(single: Call, body: str, api_url: str, traits: ProviderTraits) -> Call:
    """The call with this body, under a key of its own where the provider takes one.

    `single` is a call for any one message to the same account.
    """
    headers = dict(single["headers"])
    if traits.call_key:
        headers[traits.call_key] = hash_body(body)
    url = urljoin(api_url, traits.batch_path)
    # As text, requests would encode it to count it, and once more to send it.
    return {**single, "url": url, "data": body.encode(), "headers": headers}


def hash_body(body: str) -> str:
    """The key of a call is what it says: the same key never goes with other bytes."""
    return hashlib.sha256(body.encode()).hexdigest()


def join_bodies(calls: Sequence[Call]) -> str:
    """The body of one call with the messages of all of them."""
    pieces = [piece for call in calls for piece in (",", call["data"])]
    return "".join(["[", *pieces[1:], "]"])  # at once: a megabyte that is copied again costs time


def leave_out(body: str, indexes: Collection[int]) -> str:
    """The body without the messages at these places; the same bytes each time it is asked for."""
    messages = json.loads(body)
    return json.dumps([one for index, one in enumerate(messages) if index not in indexes])
