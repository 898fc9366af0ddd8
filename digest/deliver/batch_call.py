"""Many messages in one call: the calls that anymail would make for each, joined into one.

A call is what requests' Session.request takes: method, url, headers, data and so on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from digest.deliver.traits import ProviderTraits

Call = dict[str, Any]


def join_calls(calls: Sequence[Call], api_url: str, traits: ProviderTraits) -> Call:
    """One call with all their messages, under a key of its own where the provider takes one."""
    headers = dict(calls[0]["headers"])
    if traits.call_key:
        headers[traits.call_key] = hash_calls(calls)
    url = urljoin(api_url, traits.batch_path)
    return {**calls[0], "url": url, "data": _join_bodies(calls), "headers": headers}


def hash_calls(calls: Sequence[Call]) -> str:
    """The key of the joined call is what it says: the same key never goes with other bytes."""
    return hashlib.sha256(_join_bodies(calls).encode()).hexdigest()


def _join_bodies(calls: Sequence[Call]) -> str:
    return f"[{','.join(call['data'] for call in calls)}]"
