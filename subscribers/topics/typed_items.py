"""What was typed, cut into items: words and quoted phrases, each with its sign and its field."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from subscribers.topics.terms import TopicError

_ITEM = re.compile(
    r"""(?P<plus>\+)
    | (?P<minus>[-−–—](?=\S))?
      (?:(?P<field>(?i:author|org|cat|title)(?=:\s)|[^\W\d_]{2,}(?=:\S)):\s*)?
      (?: "(?P<quoted>[^"]*)"
        | (?P<unclosed>".*)
        | (?P<bare>(?:[^\s+"]|(?<=\w)\+\+(?![^\W\d]|\+))+))""",
    re.VERBOSE,
)
_PARTICLE_WORDS = "al bin da de del den der di do dos du el la le ten ter van von"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_PARTS = ("minus", "field", "quoted", "unclosed", "bare")


class TypedItem(NamedTuple):
    """One word, or one quoted phrase, as typed: its sign, its field, and what stands there."""

    minus: str
    field: str
    quoted: str
    unclosed: str
    bare: str

    @property
    def is_plain(self) -> bool:
        return bool(self.bare) and not self.minus and not self.field


def cut_items(text: str) -> list[list[TypedItem]]:
    """The items between the plus signs; a group is empty where nothing stands beside one."""
    groups: list[list[TypedItem]] = [[]]
    for typed in _ITEM.finditer(text):
        if typed["plus"]:
            groups.append([])
        else:
            minus, field, quoted, unclosed, bare = typed.group(*_PARTS)
            item = TypedItem(minus or "", field or "", quoted or "", unclosed or "", bare or "")
            groups[-1].append(item)
    return groups


def join_bare(items: list[TypedItem]) -> list[TypedItem]:
    """Bare words side by side are one phrase; behind author: and org: one name."""
    joined: list[TypedItem] = []
    for item in items:
        if joined and item.is_plain and (joined[-1].is_plain or _continues_name(joined[-1], item)):
            minus, field, _quoted, _unclosed, bare = joined[-1]
            joined[-1] = TypedItem(minus, field, "", "", f"{bare} {item.bare}")
        else:
            joined.append(item)
    return joined


def _continues_name(name: TypedItem, item: TypedItem) -> bool:
    """Whether a bare word goes on with the name before it: author:Yann LeCun.

    A second word could as well be a topic of its own, so what is not written like a name is
    asked about; behind org: small letters are a topic, as in org:nvidia robots.
    """
    field = name.field.casefold()
    if not name.bare or field not in ("author", "org"):
        return False
    word = item.bare
    looks_like_name = word[0].isupper() and not (word.isupper() and len(word.rstrip(".")) > 1)
    if name.bare[0].isupper() and (looks_like_name or word in _PARTICLES):
        return True
    if field == "author" or word[0].isupper():
        raise TopicError(
            _(
                'Put a name of several words into quotes: %(field)s:"%(bare)s %(word)s". '
                'If %(word)s is not part of it, type %(field)s:"%(bare)s" + %(word)s.'
            )
            % {"field": field, "bare": name.bare, "word": word}
        )
    return False
