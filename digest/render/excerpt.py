"""The lines of an abstract that a mail or a page shows: those that hold what was looked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from digest.english import shorten
from digest.models import TopicReason
from digest.models.papers import split_found_words
from digest.render import text_width
from digest.render.contribution import cut_reference
from digest.render.paper_lines import EXCERPT_CHARS
from digest.render.paper_texts import SENTENCE_END, PaperTexts, Sentences, read_lines
from subscribers.topics.highlight import Place, Span, find_places, find_words, read_form
from subscribers.topics.words import Words

# Three lines of a wide page and five of a narrow one show as many at least, beside the "more".
SEEN_CHARS = 150
MOST_PIECES = 3  # that stand apart
LEFT_OUT = " … "  # stands between two pieces
NO_LOSS = " …,;:–—-"  # between two pieces that nobody would miss


def summarize_paper(
    paper: PaperTexts,
    words: Sequence[str],
    limit: int = EXCERPT_CHARS,
    *,
    terms: Sequence[Sequence[str]] = (),
) -> tuple[str, str]:
    """A paper's one-sentence summary, and an excerpt of its abstract; either may be empty.

    With a summary the abstract only says what it alone holds: the sentence with the found words.
    Of each of the terms one word is shown, unless the title or the summary shows it.
    """
    title, abstract = paper.title, paper.abstract
    if not paper.summary.text:
        unsaid = _not_in_title(paper, words)
        cut = lead_with_contribution(abstract, unsaid, limit) or cut_excerpt(
            abstract, unsaid, limit
        )
        missing = _only_in(abstract, terms, title)
        unshown = missing and _find_unshown(missing, cut)
        apart = join_passages(abstract.text, missing, limit) if unshown else ""
        return "", apart or cut
    summary = cut_excerpt(paper.summary, words, limit)
    missing = _only_in(abstract, terms, title, summary)
    if missing and (apart := join_passages(abstract.text, missing, limit * 2 // 3)):
        return summary, apart
    if not words or any(find_words(text, words) for text in (title, summary)):
        return summary, ""
    holding = next(iter(abstract.find_places(words)), None)
    said = "" if holding is None else abstract.said[holding]
    return summary, _cut_around(said, words, limit * 2 // 3)


def _not_in_title(paper: PaperTexts, words: Sequence[str]) -> list[str]:
    """The words that the title does not show already, in whatever number or ending."""
    shown = {read_form(word) for word in words if paper.is_in_title(word)}
    return [word for word in words if read_form(word) not in shown] if shown else list(words)


def list_terms_together(reasons: Iterable[TopicReason]) -> list[list[str]]:
    """What was found of each term of the topics that want several (diffusion + video).

    Where a term was found by another name alone, as an acronym is, that may be any word that no
    other term accounts for.
    """
    terms = []
    for reason in reasons:
        if " + " not in reason.query:
            continue
        words = list(filter(None, split_found_words(reason.where)))
        typed = [read_form(part) for part in reason.query.split(" + ")]
        others = [word for word in words if read_form(word) not in typed]
        own = [[word for word in words if read_form(word) == form] for form in typed]
        terms += [found or others for found in own]
    return [term for term in terms if term]


def _find_unshown(terms: Sequence[Sequence[str]], *texts: str | Words) -> list[Sequence[str]]:
    return [term for term in terms if not any(find_words(text, term) for text in texts)]


def _only_in(
    abstract: Sentences, terms: Sequence[Sequence[str]], *texts: str | Words
) -> list[Sequence[str]]:
    """Those that the texts do not show and the abstract can; no more than have room."""
    if not terms:
        return []
    unshown = _find_unshown(terms, *texts)
    return [term for term in unshown if find_places(abstract.whole, term)][:MOST_PIECES]


def join_passages(text: str, terms: Sequence[Sequence[str]], limit: int) -> str:
    """At most `limit` characters that show a word of each term, in pieces where they stand apart.

    The pieces are the text's own and in its order, and an ellipsis stands where something is left
    out, only there. A found word is shown whole or, where it is longer than its term's share of the
    limit, not at all; where none has room, nothing is shown.
    """
    share = limit // max(1, len(terms)) - len(LEFT_OUT)
    firsts = [places[0][0] for term in terms if (places := _find_with_room(text, term, share))]
    spans = list[Span]()
    for first, last in sorted(firsts):
        seen = spans[-1][1] if spans else 0
        if last <= seen:
            continue
        start, end = (
            seen + i for i in _place_passage(text[seen:], (first - seen, last - seen), share)
        )
        gap = text[seen:start]
        if spans and len(gap) <= len(LEFT_OUT) and not gap.strip(NO_LOSS):
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return _join_pieces(text, spans)


def _join_pieces(text: str, spans: Sequence[Span]) -> str:
    """The pieces of a text, with an ellipsis wherever something of it is left out."""
    if not spans:
        return ""
    shown = [text[start:end].strip(LEFT_OUT) for start, end in spans]
    begins = text.index(shown[0], spans[0][0])
    ends = text.index(shown[-1], spans[-1][0]) + len(shown[-1])
    before = LEFT_OUT.lstrip() if text[:begins].strip() else ""
    return f"{before}{LEFT_OUT.join(shown)}{LEFT_OUT.strip() if text[ends:].strip() else ''}"


def _find_with_room(text: str | Words, words: Sequence[str], room: int) -> list[tuple[Span, str]]:
    """Where the found words stand that have room, each with what a compound has around it."""
    read = read_lines(text) if isinstance(text, str) else text
    said = read.text
    places = ((_take_whole_word(said, *span), word) for span, word in find_words(read, words))
    return [((first, last), word) for (first, last), word in places if last - first < room]


def _take_whole_word(text: str, first: int, last: int) -> Span:
    # "data" cut out of "datasets" at "datas" would be read as another word.
    while first and text[first - 1].isascii() and text[first - 1].isalnum():
        first -= 1
    while last < len(text) and text[last].isascii() and text[last].isalnum():
        last += 1
    return first, last


def cut_excerpt(text: Sentences, words: Sequence[str], limit: int = EXCERPT_CHARS) -> str:
    """About `limit` characters of whole sentences: those with most of the found words.

    Where several places are as good, the first; the beginning, where it is no worse.
    """
    if len(text.joined) <= limit:
        return text.joined
    windows, first = text.list_windows(limit), 0
    if held := _list_with_room(text, words, limit - 2):
        shown = [len(set().union(*[held.get(n, ()) for n in window])) for window in windows]
        first = shown.index(max(shown))
    kept = " ".join(text.said[windows[first].start : windows[first].stop])
    cut = _cut_around(kept, words, limit)
    return f"… {cut}" if first and not cut.startswith("…") else cut


def lead_with_contribution(text: Sentences, words: Sequence[str], limit: int) -> str:
    """What the paper contributes, then the sentence with most of the words it does not hold itself.

    "" where the whole text has room, and where no sentence says what is contributed.
    """
    place = text.contribution
    if place is None or len(text.joined) <= limit:
        return ""
    made = cut_reference(text.said[place], words) if place else text.said[place]
    missing = [word for word in words if not find_places(text.words[place], [word])]
    held = _count_words(text.find_places(missing))
    if not held:
        window = text.list_windows(limit)[place]
        kept = " ".join([made, *text.said[window.start + 1 : window.stop]])
        cut = f"{kept[: _cut_length(kept, limit)]}{'…' if len(kept) > limit else ''}"
        return f"{LEFT_OUT.lstrip()}{cut}" if place else cut
    shows = max(held, key=held.__getitem__)  # the first of those that hold most
    if shows == place + 1 and len(text.said[shows]) + len(made) < limit:
        return f"{LEFT_OUT.lstrip() if place else ''}{made} {text.said[shows]}"
    room = max(limit * 3 // 5, limit - len(text.said[shows]) - len(LEFT_OUT))
    lead = _cut_around(made, words, room)
    rest = _cut_around(text.said[shows], missing, limit - len(lead) - len(LEFT_OUT))
    return f"{lead.removesuffix('…')}{LEFT_OUT}{rest.removeprefix('… ')}"


def _count_words(places: Mapping[int, Sequence[Place]]) -> dict[int, int]:
    """By sentence how many of the found words it holds."""
    return {n: len({place.said for place in held}) for n, held in places.items()}


def _list_with_room(text: Sentences, words: Sequence[str], room: int) -> dict[int, set[str]]:
    """By sentence the found words in it, but those that have no room."""
    held = dict[int, set[str]]()
    for n, places in text.find_places(words).items():
        said = {place.said for place in places}
        if len(text.said[n]) >= room:  # else all have
            said = {word for _, word in _find_with_room(text.words[n], words, room)}
        if said:
            held[n] = said
    return held


def cut_passage(text: str, places: Sequence[Span], limit: int) -> tuple[str, list[Span]]:
    """`limit` characters of the text, and the found words in them.

    From the beginning where one stands there, else from the sentence that holds the first, so
    that it is among the characters a page has room for.
    """
    start, end = _place_passage(text, places[0] if places else (0, 0), limit)
    more = "…" if end < len(text) else ""
    shift = start - (2 if start else 0)
    held = [(first, last) for first, last in places if start <= first and last <= end]
    shown = f"{'… ' if start else ''}{text[start:end]}{more}"
    return shown, [(first - shift, last - shift) for first, last in held]


def _place_passage(text: str, place: Span, limit: int) -> Span:
    """Where a passage of `limit` characters begins and ends; it holds what stands at the place."""
    seen = min(SEEN_CHARS, limit * 2 // 3)
    is_late = place[0] > 0 and place[1] > seen and len(text) > seen
    start = _find_opening(text, place, seen) if is_late else 0
    return start, start + _cut_length(text[start:], limit, place[1] - start)


def _cut_length(text: str, limit: int, least: int = 0) -> int:
    """How many characters stay of a text that is cut at a word; so many at least, if they may."""
    if len(text) <= limit:
        return len(text)
    kept = len(shorten(text, limit)) - len("…")
    return max(min(least, limit - 1), text_width.find_whole_end(text, kept))


def _find_opening(text: str, place: Span, seen: int) -> int:
    """Where the sentence begins that holds a place, or near it; early enough to fill the lines."""
    first, last = place
    earliest = max(0, last - seen + 2)
    word = text.find(" ", earliest, first) + 1 or first
    sentence = max((end.end() for end in SENTENCE_END.finditer(text, 0, first + 1)), default=0)
    return sentence if earliest <= sentence <= len(text) - seen else word


def _cut_around(text: str, words: Sequence[str], limit: int) -> str:
    """At most `limit` characters of the text, with the first found words among them."""
    places = _find_with_room(text, words, limit - 2) if len(text) > limit else []
    start, (first, last) = 0, places[0][0] if places else (0, 0)
    if last >= limit:
        start = text.rfind(" ", 0, max(0, first - limit // 3)) + 1
        if last - start > limit - 3:  # it stands behind a very long word
            start = first
    limit -= 2 if start else 0
    end = start + _cut_length(text[start:], limit, last - start)
    return f"{'… ' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
