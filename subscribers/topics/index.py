"""All topics at once: which of a million may be in one paper, in one pass over its words."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms
from subscribers.topics.author_names import list_author_keys, make_author_key
from subscribers.topics.reading import Text
from subscribers.topics.terms import ParsedTopic, Term
from subscribers.topics.variants import Variants
from subscribers.topics.words import read_words

_MARKED_BYTES = 1 << 22  # 33 million bits: with 2 million beginnings 1 in 17 is marked
_FEWEST_CHAINS = 1 << 10
_NO_ENTRY = -1
_MOST_ANCHORS = 2
_BETWEEN_ANCHORS = "|"  # in no stem
_NO_ANCHOR = 0  # in place of a hash

# By where a form begins that has others: another one, and where the text goes on.
Steps = dict[int, list[tuple[str, int]]]


def choose_anchor(topic: ParsedTopic) -> str:
    """Return what a paper must hold so that the topic can be in it, from its two rarest terms.

    The stems of a phrase, or a name with its field: "diffus polici", "author:lecun", "cat:cs.cl";
    two with a bar between: "diffus polici|tool use".
    """
    rarest = sorted(topic.wanted, key=_rank_rarity, reverse=True)[:_MOST_ANCHORS]
    return _BETWEEN_ANCHORS.join(map(make_term_anchor, rarest))


class TopicIndex:
    """Topics by their anchors, in arrays: some 50 MB for a million, where strings take 600.

    Of an anchor only its hash is stored, and the beginnings of a phrase are bits: "diffus" is
    marked beside "diffus polici", so that a pass over a paper knows at every word whether a longer
    phrase may follow. A topic of two terms is found by the rarer one, beside the hash of the other,
    without which it is no candidate. Two anchors of one hash are harmless: what is returned are
    candidates, and `find` decides. A topic is never taken out: whoever asks for candidates knows
    which still count.

    A hash table with chains. Those whose chain is settled lie side by side: hundreds of topics may
    ask for one phrase and something else, and to follow their links costs six times what it costs
    to read them in their order.
    """

    def __init__(self) -> None:
        # Settled entries, those of one chain side by side; where each chain begins, and the last
        # ends.
        self._settled = _Entries()
        self._starts = array("i", bytes(4 * (_FEWEST_CHAINS + 1)))
        # Entries that came since, each linked to the one before it in its chain.
        self._recent, self._before = _Entries(), array("i")
        self._chains = array("i", [_NO_ENTRY]) * _FEWEST_CHAINS  # the last entry of each
        self._marked = bytearray(_MARKED_BYTES)
        self._known = bytearray()  # a bit for each topic id

    def __len__(self) -> int:
        return len(self._settled.topics) + len(self._recent.topics)

    def __contains__(self, topic_id: int) -> bool:
        byte = topic_id >> 3
        return byte < len(self._known) and bool(self._known[byte] >> (topic_id & 7) & 1)

    def add_topic(self, topic_id: int, topic: ParsedTopic) -> None:
        self.add_anchor(topic_id, choose_anchor(topic))

    def add_anchor(self, topic_id: int, anchor: str) -> None:
        """Add a topic by its anchor (`choose_anchor`); one that is known already stays as it is."""
        if topic_id in self:
            return
        self._mark_known(topic_id)
        rarer, _bar, other = anchor.partition(_BETWEEN_ANCHORS)
        hashed = self._mark_anchor(rarer)
        if len(self._before) == len(self._chains):
            self.settle()
        chain = hashed & len(self._chains) - 1
        self._recent.hashes.append(hashed)
        self._recent.topics.append(topic_id)
        self._recent.others.append(self._mark_anchor(other) if other else _NO_ANCHOR)
        self._before.append(self._chains[chain])
        self._chains[chain] = len(self._before) - 1

    def _mark_known(self, topic_id: int) -> None:
        missing = (topic_id >> 3) + 1 - len(self._known)
        if missing > 0:
            self._known.extend(bytes(missing + len(self._known) // 8))
        self._known[topic_id >> 3] |= 1 << (topic_id & 7)

    def _mark_anchor(self, anchor: str) -> int:
        """Mark an anchor and each beginning of its phrase; return the anchor's hash."""
        end = anchor.find(" ")
        while end > 0:
            self._mark_beginning(hash(anchor[:end]))
            end = anchor.find(" ", end + 1)
        hashed = hash(anchor)
        self._mark_beginning(hashed)
        return hashed

    def _mark_beginning(self, hashed: int) -> None:
        self._marked[hashed >> 3 & _MARKED_BYTES - 1] |= 1 << (hashed & 7)

    def settle(self) -> None:
        """Put all entries in the order of their chains, of which there are as many or more.

        It happens by itself when entries have doubled; call it after adding very many.
        """
        entries = self._settled.join(self._recent)
        self._recent, self._before = _Entries(), array("i")
        size = max(_FEWEST_CHAINS, 1 << (len(entries.hashes) - 1).bit_length())
        self._chains = array("i", [_NO_ENTRY]) * size
        self._starts = entries.sort(size)

    def find_candidates(
        self, normal_form: str, text: Text, acronyms: Acronyms = NO_ACRONYMS
    ) -> set[int]:
        """Return the ids of all topics that may be in a paper, by its normal form and its fields.

        Of the text only authors, organization and categories are used.
        """
        met = {_NO_ANCHOR}
        for part in normal_form.split("|"):
            self._meet_phrases(part.split(), acronyms, met)
        met.update(hash(anchor) for anchor in list_name_anchors(text))
        topics = set[int]()
        for hashed in met:
            self._collect_topics(hashed, met, topics)
        return topics

    def _meet_phrases(self, stems: list[str], acronyms: Acronyms, met: set[int]) -> None:
        """Add the hashes of all phrases of these stems that may be anchors or begin one."""
        marked, last, count = self._marked, _MARKED_BYTES - 1, len(stems)
        steps = _find_steps(stems, acronyms) if acronyms else {}
        for first, phrase in enumerate(stems):
            hashed, at = hash(phrase), first
            while at not in steps and marked[hashed >> 3 & last] >> (hashed & 7) & 1:
                met.add(hashed)
                at += 1
                if at == count:
                    break
                phrase = f"{phrase} {stems[at]}"
                hashed = hash(phrase)
            if at in steps:
                self._meet_other_forms(stems, first, steps, met)

    def _meet_other_forms(self, stems: list[str], first: int, steps: Steps, met: set[int]) -> None:
        """Add the hashes of what begins at a word, whatever acronyms are exchanged in it."""
        marked, last, count = self._marked, _MARKED_BYTES - 1, len(stems)
        paths = [("", first)]
        while paths:
            path, at = paths.pop()
            if at == count:
                continue
            for step, after in ((stems[at], at + 1), *steps.get(at, ())):
                phrase = f"{path} {step}" if path else step
                hashed = hash(phrase)
                if marked[hashed >> 3 & last] >> (hashed & 7) & 1:
                    met.add(hashed)
                    paths.append((phrase, after))

    def _collect_topics(self, hashed: int, met: set[int], topics: set[int]) -> None:
        """Add the topics whose rarer anchor has this hash, and whose other one was met too."""
        chain, settled = hashed & len(self._chains) - 1, self._settled
        first, end = self._starts[chain], self._starts[chain + 1]
        if first < end:
            rows = zip(
                settled.hashes[first:end],
                settled.others[first:end],
                settled.topics[first:end],
                strict=True,
            )
            topics.update([pk for own, other, pk in rows if other in met and own == hashed])
        recent, entry = self._recent, self._chains[chain]
        while entry >= 0:
            if recent.hashes[entry] == hashed and recent.others[entry] in met:
                topics.add(recent.topics[entry])
            entry = self._before[entry]


class _Entries:
    """Topics, each with the hash of its rarer anchor and that of the other."""

    def __init__(self) -> None:
        self.hashes, self.others, self.topics = array("q"), array("q"), array("q")

    def join(self, others: _Entries) -> _Entries:
        """Return these with the others behind them."""
        self.hashes += others.hashes
        self.others += others.others
        self.topics += others.topics
        return self

    def sort(self, chains: int) -> array[int]:
        """Sort by chains, a power of two; return where each chain begins and the last ends."""
        last, counts = chains - 1, array("i", bytes(4 * (chains + 1)))
        for hashed in self.hashes:
            counts[(hashed & last) + 1] += 1
        starts = array("i", accumulate(counts))
        ends, places = starts[:], array("i")
        for hashed in self.hashes:
            place = ends[hashed & last]
            ends[hashed & last] = place + 1
            places.append(place)
        # One after the other, so that only one is there twice.
        self.hashes = _put_in_places(self.hashes, places)
        self.others = _put_in_places(self.others, places)
        self.topics = _put_in_places(self.topics, places)
        return starts


def _put_in_places(values: array[int], places: Sequence[int]) -> array[int]:
    """Each value where its place says, of which there are as many."""
    moved = array("q", bytes(8 * len(values)))
    for place, value in zip(places, values, strict=True):
        moved[place] = value
    return moved


def _find_steps(stems: Sequence[str], acronyms: Acronyms) -> Steps:
    """Where acronyms of the text, long forms, compounds and orders of words may be exchanged."""
    steps: Steps = {}
    by_stem, by_beginning = acronyms.by_stem, acronyms.by_beginning
    for i, stem in enumerate(stems):
        if stem not in by_stem and stem not in by_beginning:
            continue
        for long_form in by_stem.get(stem, ()):
            steps.setdefault(i, []).append((" ".join(long_form), i + 1))
        for long_form in by_beginning.get(stem, ()):
            if tuple(stems[i : i + len(long_form)]) == long_form:
                short = acronyms.stems[acronyms.short_forms[long_form]]
                others = [" ".join(form) for form in acronyms.list_other_forms(long_form)]
                after = i + len(long_form)
                steps.setdefault(i, []).extend((form, after) for form in (short, *others))
    if acronyms.variants:
        _add_variant_steps(list(stems), acronyms.variants, steps)
    return steps


def _add_variant_steps(stems: list[str], variants: Variants, steps: Steps) -> None:
    for i, stem in enumerate(stems):
        if stem not in variants.beginnings:
            continue
        for compound in variants.by_closed.get(stem, ()):
            steps.setdefault(i, []).append((" ".join(compound.parts), i + 1))
        for compound in variants.list_compounds_at(stems, i):
            steps.setdefault(i, []).append((compound.closed, i + 2))
        for phrase in variants.list_orders_at(stems, i):
            for order in variants.orders[phrase]:
                steps.setdefault(i, []).append((" ".join(order), i + len(phrase)))


def _rank_rarity(term: Term) -> tuple[bool, int, int]:
    """Greatest for the term that the fewest papers will have: a name, else the longest phrase."""
    return term.field in ("author", "org"), term.field != "cat" and len(term.stems), len(term.key)


def make_term_anchor(term: Term) -> str:
    """Return what a paper must hold so that the term can be in it."""
    if term.field == "author":
        return f"author:{make_author_key(term)}"
    if term.field == "org":
        return f"org:{max((word.folded for word in term.words), key=len)}"
    return f"cat:{term.words[0].folded}" if term.field == "cat" else " ".join(term.stems)


def list_name_anchors(text: Text) -> Iterable[str]:
    """The anchors that a paper's names meet: author:lecun, org:nvidia, cat:cs and cat:cs.cl."""
    for author in text.authors:
        for key in list_author_keys(author):
            yield f"author:{key}"
    for name in read_words(text.organization).folded:
        yield f"org:{name}"
    for category in text.categories:
        parts = category.casefold().split(".")
        for end in range(1, len(parts) + 1):
            yield f"cat:{'.'.join(parts[:end])}"
