"""Plurals that are verbs as well, told apart by the words beside them.

tobacco leaves were dried   the leaves of a tree        this leaves room   which leaves us
"""

from __future__ import annotations

from subscribers.topics.words import Words

VERBS_TOO = frozenset(["leaves"])
# What stands before a noun; who or what does something; and what is done to.
_BEFORE_A_NOUN = """
    the of in from on with by for between their its these those all both and or whose new
"""
_BEFORE_A_VERB = """
    it this that which who also often still only then always never thus typically usually
"""
_BEHIND_A_VERB = """
    a an the us them it this these those their its our no little much many some any most open out
    behind room only something nothing several questions unanswered unclear unexplored unaddressed
    unresolved unsolved untouched
"""
_BEHIND_A_NOUN = """
    of were are is was and or in from with by under at on as during after have has had show showed
    shows contain contained can may which that when where treated infected grown collected
"""
_NOUN_FOLLOWS, _VERB_FOLLOWS = set(_BEFORE_A_NOUN.split()), set(_BEFORE_A_VERB.split())
_BEHIND_VERBS, _BEHIND_NOUNS = set(_BEHIND_A_VERB.split()), set(_BEHIND_A_NOUN.split())


def is_verb(words: Words, i: int) -> bool:
    """Whether a word that may be a plural or a verb is a verb here.

    A verb has something behind it that it is done to; a noun ends a phrase.
    """
    last = len(words.stems) - 1
    before = words.fold(i - 1) if i and words.is_together(i - 1, i) else ""
    after = words.fold(i + 1) if i < last and words.is_together(i, i + 1) else ""
    if before in _VERB_FOLLOWS or after in _BEHIND_VERBS:
        return True
    return bool(after) and before not in _NOUN_FOLLOWS and after not in _BEHIND_NOUNS
