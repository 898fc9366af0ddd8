"""What is typed as to another search, or to a person, and would be looked for word by word.

Each of these would find nothing for months without a sign of it, so a sentence says what to type.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from subscribers.topics.arxiv_categories import CATEGORY_NAMES
from subscribers.topics.terms import STOP_WORDS, ParsedTopic, Term, TopicError, TopicWord

_OPERATORS = {"AND", "OR", "NOT", "&&", "||", "|"}
_JOINED_BY_BAR = re.compile(r"\w\|\w")
_LONGEST_CHOICE = 6  # words; a longer phrase with an "or" was copied from somewhere
_REQUEST = re.compile(
    r"""(?:(?:please|i\s+am|i['’]m|we\s+are|show\s+me|send\s+me|give\s+me|find\s+me|find|all|any
          |new|recent|latest|the|more|good|some)\s+)*
        (?:(?:(?:papers?|articles?|preprints?|publications?|studies|news|anything|everything
              |something)(?:\s+(?:about|on|regarding|concerning|related\s+to|dealing\s+with))
          |(?:research|work|literature)\s+(?:about|regarding|related\s+to)
          |(?:interested\s+in|looking\s+for|working\s+on)
          |(?:i|we)\s+(?:(?:mostly|mainly|also)\s+)?(?:work|do\s+research|focus)\s+(?:on|in)
          |(?:my|our)\s+(?:research|work|field|thesis|interests?)\s+(?:is|are)(?:\s+(?:on|in))?))
        \s+(?P<rest>\S.*)""",
    re.VERBOSE | re.IGNORECASE,
)
# "Without" and the like may begin a title of several words, and so do "no" and "not" in quotes.
_ONLY_LEFT_OUT = re.compile(
    r"(?:(?-i:[Nn]ot)|nothing\s+(?:about|on)|anything\s+but|everything\s+but|without|except(?:\s+for)?"
    r"|excluding)\s+(?P<rest>[^\s\"+:-][^\"+:]*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|10\.\d{4,9}/\S+|(?:arxiv:\s?)?\d{4}\.\d{4,5}(?:v\d+)?", re.IGNORECASE
)
_MAIL_ADDRESS = re.compile(r"[^\s@\"]+@[^\s@\"]+\.[A-Za-z]{2,}")
_TEX = re.compile(r"\\([A-Za-z]{2,})")
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho "
    "sigma tau upsilon phi varphi chi psi omega"
)
_GREEK_IN_TEX = frozenset(_GREEK_NAMES.split())


def refuse_requests(query: str) -> None:
    """Refuse what is no topic as a whole: an address, TeX, or a request: papers about robots."""
    _refuse_addresses(query)
    for command in _TEX.findall(query):
        if command.lower() not in _GREEK_IN_TEX:
            raise TopicError(
                _(
                    "“\\%(command)s” is TeX, which is read before a topic is looked for: type "
                    "the sign or the words that readers see."
                )
                % {"command": command}
            )
    if negation := _ONLY_LEFT_OUT.fullmatch(query):
        raise TopicError(
            _(
                "“%(query)s” only says what to leave out: begin with what to find, such as "
                '“diffusion %(left_out)s”. If you mean these very words: "%(query)s".'
            )
            % {"query": query, "left_out": _write_left_out(negation["rest"])}
        )
    if request := _REQUEST.fullmatch(query):
        raise TopicError(
            _(
                "“%(query)s” would be looked for word by word: type only what papers are "
                "about, %(request)s."
            )
            % {"query": query, "request": request["rest"]}
        )


def _refuse_addresses(query: str) -> None:
    if _ADDRESS.fullmatch(query):
        raise TopicError(
            _(
                "“%(query)s” is the address or number of a paper, and no topic: paste it "
                "into the search, or at /interests/ to be proposed topics."
            )
            % {"query": query}
        )
    if _MAIL_ADDRESS.fullmatch(query):
        raise TopicError(
            _(
                "“%(query)s” is an email address, and no topic: type a few words, such "
                "as diffusion policy."
            )
            % {"query": query}
        )


def _write_left_out(phrase: str) -> str:
    return f'-"{phrase}"' if " " in phrase else f"-{phrase}"


def refuse_operator(word: str) -> None:
    """Refuse AND, OR and NOT, as other searches have them: here they would be looked for."""
    if word in _OPERATORS or _JOINED_BY_BAR.search(word):
        raise TopicError(
            _(
                "“%(word)s” is not needed: type agents + tool use for both, agents "
                "-survey to leave something out, and two topics for one or the other. If "
                'you mean the word: "%(word)s".'
            )
            % {"word": word}
        )


def refuse_category_name(word: str) -> None:
    """Refuse a bare cs.CV, which no text says."""
    name = CATEGORY_NAMES.get(word.strip("()[],;.").lower())
    if name:
        raise TopicError(
            _(
                "“%(word)s” is a category of arXiv, which no text names: type "
                'cat:%(name)s. If you mean the words: "%(word)s".'
            )
            % {"word": word, "name": name}
        )


def refuse_choice(phrase: str) -> None:
    """Refuse “rag or agents”, which hardly any paper says in these words."""
    words = phrase.split()
    if "or" not in words[1:-1] or len(words) > _LONGEST_CHOICE:
        return
    one, _or, other = phrase.partition(" or ")
    raise TopicError(
        _(
            "“or” would be looked for as a word: for one or the other make two "
            "topics of it, %(one)s and %(other)s. If you mean these very words: "
            '"%(phrase)s".'
        )
        % {"one": one, "other": other, "phrase": phrase}
    )


def explain_reading(topic: ParsedTopic) -> str:
    """Return how an “and” or a comma in a topic is read, and what to type instead, or "".

    Both may be meant: task and motion planning is one topic.
    """
    for term in topic.wanted:
        if not term.is_exact and not term.field and any(w.gap in (", ", "; ") for w in term.words):
            return _(
                "“%(plain)s” is looked for in these very words. A comma does not join "
                "topics here: give each one by itself"
            ) % {"plain": term.plain}
        ands = [i for i, word in enumerate(term.words) if word.folded == "and"][:1]
        for at in ands:
            if term.is_exact or term.field or not 0 < at < len(term.words) - 1:
                continue
            both = f"{_spell_words(term.words[:at])} + {_spell_words(term.words[at + 1 :])}"
            return _(
                "“%(plain)s” is looked for in these very words. For papers with both, "
                "anywhere in them, type %(both)s"
            ) % {"plain": term.plain, "both": both}
    return ""


def _spell_words(words: tuple[TopicWord, ...]) -> str:
    return "".join(f"{word.gap}{word.typed}" for word in words).strip()


def refuse_common_terms(value: str, term: Term) -> None:
    """Refuse what is in nearly every paper, wanted or not."""
    if all(word.folded in STOP_WORDS and not word.capitals for word in term.words):
        raise TopicError(
            _("“%(value)s” is in every paper: add the words that make it special.")
            % {"value": value}
        )
    if (
        term.field == "author"
        and max(len(word.folded) for word in term.words) == 1
        and value.isascii()
    ):
        raise TopicError(
            _('“%(value)s” is only initials: type a whole name, author:"Yann LeCun".')
            % {"value": value}
        )
    letters = "".join(word.folded for word in term.words)
    if len(letters) == 1 and letters < "\u2e80":  # one Chinese sign is a word
        raise TopicError(
            _("“%(value)s” is one letter and would find too much: type a longer word.")
            % {"value": value}
        )
