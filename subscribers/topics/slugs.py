"""A topic's name in addresses."""

from __future__ import annotations

import re
from hashlib import sha256

from subscribers.topics.letters import fold

SLUG_CHARS = 110
_DIGEST_CHARS = 8


def slugify_topic(query: str, normal_form: str = "") -> str:
    """Return a name for addresses: ASCII, at most 110 characters, never empty, always the same.

    Topics whose signs are lost on the way (C++, 扩散) carry a short digest of what was typed. With
    a normal form it carries that one's: for a topic whose plain slug another one has.
    """
    folded = " ".join(fold(query).split())
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    is_lossless = re.fullmatch(r"[a-z0-9](?:[a-z0-9 ]|-(?! ))*", folded) and " -" not in folded
    if is_lossless and not normal_form and len(plain) <= SLUG_CHARS:
        return plain
    distinct = (normal_form or folded).encode("utf-8", "surrogatepass")
    ending = sha256(distinct).hexdigest()[:_DIGEST_CHARS]
    return f"{plain[: SLUG_CHARS - _DIGEST_CHARS - 1].rstrip('-')}-{ending}".lstrip("-")
