"""What never stands in a log: the links that subscribers hold, and addresses.

A log goes to more people, and is kept longer, than the database that may be asked to forget.
"""

from __future__ import annotations

import re

# What begins a sealed token (subscribers/tokens.py), or an earlier release's value and signature.
_TOKEN = re.compile(r"(?<=/)(?:(?:~|%7e)[\w-]{32,}|[^/\s]*\.[\w-]{43}(?![\w-]))", re.IGNORECASE)
# Whatever follows these is one reader's: a token that somebody's mail program made longer, cut or
# wrote otherwise is no token any more to the line above, and yet holds one.
_OF_ONE_READER = re.compile(
    r"(/(?:confirm|preferences|unsubscribe|account|move|move-back|feedback|reading-list|mail|all|digests"
    r"|admin/reset)(?:/|%2f))[^\s\"'<>]+",
    re.IGNORECASE,
)
# A name, quoted or of all that RFC 5322 lets stand in one ("/", "=" and "'" too), an @ (%40 in a
# URL), and a host's name. It takes rather too much: the path before an address, and the password
# in postgres://user:password@host.
_NAME = r"""(?:"[^"\n]{1,64}"|[^\s"<>()\[\],;:\\@]+)"""
_ADDRESS = re.compile(rf"{_NAME}(?:@|%40)(?:\[[^\]\s]+\]|[\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
HIDDEN_ADDRESS = "[address]"


def hide_private(text: str) -> str:
    """The text without signed tokens and without anything that looks like a mail address."""
    text = _OF_ONE_READER.sub(r"\1…", _TOKEN.sub("…", text))
    return _ADDRESS.sub(HIDDEN_ADDRESS, text) if "@" in text or "%40" in text else text


def hide_private_within(value: object) -> object:
    """The same for every text in a value, however deep; keys of dicts are texts as well."""
    if isinstance(value, str):
        return hide_private(value)
    if isinstance(value, dict):
        return {hide_private(str(key)): hide_private_within(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [hide_private_within(one) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return hide_private(str(value))
