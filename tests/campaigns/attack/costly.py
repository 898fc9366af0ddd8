"""The costliest request that we know of each public page: as much as its limits let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from urllib.parse import quote, quote_plus

from tests.campaigns.attack.site import Request

SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
KNOWN = ["model", "language", "learning", "image", "reward", "video", "agent", "policy"]
KNOWN += ["network", "data", "training", "neural"]


def make_text(words: int, seed: int = 1) -> str:
    """Sentences of made-up words, hardly one of which comes twice."""
    chance = Random(seed)
    made = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(words)]
    return " ".join(f"{word}." if n % 12 == 11 else word for n, word in enumerate(made))


def make_known_text(words: int, seed: int = 1) -> str:
    """Sentences of words that papers use."""
    chance = Random(seed)
    return ". ".join(" ".join(chance.choices(KNOWN, k=12)) for _ in range(words // 12))


def make_bibtex(entries: int) -> str:
    """Entries with whole abstracts, keywords and authors."""
    return "\n".join(map(_make_entry, range(entries)))


def _make_entry(n: int) -> str:
    words = make_text(20, n).replace(".", "").split()
    authors = " and ".join(f"{word.title()}, {word.title()}" for word in words[:9])
    abstract = f"{make_text(150, n)} {make_known_text(60, n)}"
    return (
        f"@article{{k{n},\n title = {{{make_known_text(12, n)} {make_text(8, n)}}},\n"
        f" abstract = {{{abstract}}},\n keywords = {{{', '.join(words)}}},\n"
        f" author = {{{authors}}}\n}}"
    )


def make_family(authors: int) -> str:
    """Entries with so many authors of one family name and initial."""
    names = [f"Smith, B{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]
    written = [names[n % len(names)] for n in range(authors)]
    return "\n".join(
        f"@article{{f{n}, title = {{{make_known_text(12, n)}}},\n"
        f" author = {{{' and '.join(written[n : n + 300])}}}}}"
        for n in range(0, authors, 300)
    )


def make_long_topics(topics: int, seed: int = 0) -> list[str]:
    """So many topics of nearly 200 letters: words that papers use, none like another."""
    chance = Random(seed)
    return [
        f"{' + '.join(chance.choices(KNOWN, k=18))[:170].rstrip(' +')} -z{seed}x{n}"
        for n in range(topics)
    ]


def make_letters(topics: int, seed: int = 0) -> list[str]:
    """So many topics of a hundred single letters, with very many runs of words in them."""
    chance = Random(seed)
    return [" ".join(chance.choices("bcdefghjklmnpqrstuvwxyz", k=99)) for _ in range(topics)]


def make_negations(count: int, seed: int = 0) -> str:
    """A search for one word without so many others, in no more letters than it may have."""
    words = make_text(count, seed).replace(".", "").split()
    return " ".join(["model", *(f"-{word}" for word in words)])[:195]


def list_costly(pages: Mapping[str, str], seed: int = 0, share: float = 1.0) -> list[Request]:
    """The requests, costliest of their page; another `seed` makes others that cost as much.

    With a `share` of what is pasted they are made sooner.
    """
    return [
        *_list_interests(seed, share),
        *_list_previews(seed),
        *_list_searches(pages, seed),
        *_list_forms(seed),
        *_list_pages(pages, seed),
        *_list_own(pages, seed),
        *_list_odd_searches(seed),
    ]


def _list_interests(seed: int, share: float) -> Iterator[Request]:
    titles = "\n".join(f"A {make_text(12, seed + n)}" for n in range(int(15_000 * share)))
    listings = ["CL", "CV", "LG", "AI", "RO", "NE", "IR", "HC", "SD", "MA"]
    pasted = {
        "45,000 new words": make_text(int(45_000 * share), seed),
        "known words": make_known_text(int(200_000 * share), seed),
        "BibTeX, 500 entries": make_bibtex(int(500 * share)),
        "BibTeX, one family's authors": make_family(int(100_000 * share)),
        "15,000 titles": titles,
        "signs without blanks": "".join(
            chr(0x4E00 + n % 5000) for n in range(int(250_000 * share))
        ),
        "addresses": " ".join(f"https://arxiv.org/list/cs.{name}/recent" for name in listings),
    }
    for name, text in pasted.items():
        yield Request(f"interests: {name}", "POST", "/interests/", {"pasted": text})


def _list_previews(seed: int) -> Iterator[Request]:
    topics = make_long_topics(50, seed)
    words = make_text(6_000, seed).replace(".", "").split()
    yield Request("preview: 50 topics", "POST", "/preview/", {"topics": "\n".join(topics)})
    yield Request(
        "preview: 20,000 letters", "POST", "/preview/", {"topics": ",".join(words)[:20_000]}
    )
    yield Request("preview of the mail", "GET", f"/preview/mail/?{_make_query(topics)}")


def _list_searches(pages: Mapping[str, str], seed: int) -> Iterator[Request]:
    topics = [quote(topic) for topic in make_long_topics(3, seed)]
    negated, other = quote(make_negations(20, seed)), quote(make_negations(20, seed + 1))
    slug = pages["topic"].strip("/").rpartition("/")[2]
    yield Request("search: 20 negations", "GET", f"/search?q={negated}")
    yield Request("search: many words", "GET", f"/search?q={topics[0]}")
    yield Request("search: last page", "GET", f"/search?q=model+-zz{seed}&page=10")
    yield Request("API search: many words", "GET", f"/api/v1/search?q={topics[1]}&limit=100")
    yield Request("API search: negations", "GET", f"/api/v1/search?q={other}&limit=100")
    yield Request("API papers of no category", "GET", "/api/v1/papers?category=cs.XX&limit=100")
    yield Request("API papers of a topic", "GET", f"/api/v1/papers?topic={slug}&limit=100")
    yield Request("feed of a search", "GET", f"/feeds/search.atom?q={topics[2]}")
    yield Request("feed, a late page", "GET", "/feeds/latest.atom?page=9")


def _list_forms(seed: int) -> Iterator[Request]:
    topics = make_long_topics(50, seed + 1)
    many = "\n".join(make_text(6_000, seed).replace(".", "").split())[:20_000]
    email = {"email": f"stranger{seed}@example.org"}
    yield Request(
        "sign-up: 50 topics", "POST", "/subscribe/", email | {"topics": "\n".join(topics)}
    )
    yield Request("sign-up: 20,000 letters", "POST", "/subscribe/", email | {"topics": many})
    large = email | {"topics": many * 12}
    yield Request("sign-up: 240 kB", "POST", "/subscribe/", large, answers=(413,))
    yield Request("sign-up: shared topics", "GET", f"/subscribe/?{_make_query(topics)}")
    letters = _make_query(make_letters(40, seed))
    yield Request("sign-up: shared letters", "GET", f"/subscribe/?{letters}")
    yield Request("lost link", "POST", "/preferences/", email)
    yield Request("forged link", "GET", "/preferences/1.aaaa/", answers=(404,))
    wrong = {"username": "admin", "password": "x" * 4_000}
    yield Request("wrong sign-in", "POST", "/admin/login/", wrong, answers=(200, 403))


def _list_pages(pages: Mapping[str, str], seed: int) -> Iterator[Request]:
    """Pages in an address under which they are not kept."""
    month = "-".join(pages["day"].split("/")[2].split("-")[:2])
    addresses = {name: pages[name] for name in ("today", "day", "topic", "topics", "paper")}
    for name, path in {**addresses, "month": f"/papers/{month}/"}.items():
        yield Request(f"{name}, not kept", "GET", f"{path}?x={seed}")
    yield Request("sitemap", "GET", "/sitemap.xml")


def _list_own(pages: Mapping[str, str], seed: int) -> Iterator[Request]:
    """What somebody with fifty topics may ask by the links of a digest."""
    own = {name: path for name, path in pages.items() if name.startswith("own: ")}
    for name, path in own.items():
        yield Request(name, "GET", path)
    if own:
        fields = {"cadence": "daily", "send_hour": "8", "timezone": "UTC", "max_papers": "10"}
        long, letters = make_long_topics(50, seed + 2), make_letters(50, seed)
        for name, topics in {"50 other topics": long, "letters": letters}.items():
            form = fields | {"followed": "\n".join(topics)}
            yield Request(f"own: {name}", "POST", own["own: preferences"], form)


def _list_odd_searches(seed: int) -> Iterator[Request]:
    """Common words alone, names, quotes, other scripts, and numbers that are none."""
    chance = Random(seed)
    common = [" ".join(chance.sample(KNOWN, 2)) for _ in range(40)]
    common += [f"{word} -z{seed}" for word in KNOWN]
    scripts = "粒子 физика φυσική علم ".strip() * 6
    yield Request("preview of common words", "GET", f"/preview/mail/?{_make_query(common)}")
    yield Request("preview: common words", "POST", "/preview/", {"topics": "\n".join(common)})
    names = [
        f'author:"{name.title()}"' for name in make_text(50, seed + 3).replace(".", "").split()
    ]
    yield Request("preview of names", "GET", f"/preview/mail/?{_make_query(names)}")
    for name, query in {
        "a common word": "model",
        "quotes": '"model" "language" "learning" "image"',
        "a name": "author:smith",
        "a title": "title:model",
        "other scripts": scripts,
        "one letter": "a",
        "signs for many letters": "\ufdfa" * 190,
        "marks": "'\"()%_*?\\" * 15,
    }.items():
        path = f"/search?q={quote(query[:190])}&x={seed}"
        yield Request(f"search: {name}", "GET", path)
    yield Request("search: page 99999", "GET", f"/search?q=learning&page=99999&x={seed}")
    yield Request("topics, page 99999", "GET", f"/topics/?page=99999&x={seed}")
    yield Request("API topics", "GET", "/api/v1/topics")
    yield Request("API days", "GET", "/api/v1/days")
    yield Request("feed of a search of common words", "GET", f"/feeds/search.atom?q=model&x={seed}")
    ris = "\n".join(f"TY  - JOUR\nTI  - {make_text(12, n)}\nER  -" for n in range(2_000))
    opml = "".join(f'<outline text="{make_text(6, n)}"/>' for n in range(3_000))
    for name, text in {"RIS": ris, "OPML": f"<opml>{opml}</opml>"}.items():
        yield Request(f"interests: {name}", "POST", "/interests/", {"pasted": text[:240_000]})


def _make_query(topics: list[str]) -> str:
    """As many of the topics as fit into the first line of a request."""
    return "&".join(f"t={quote_plus(topic)}" for topic in topics)[:7_900].rpartition("&t=")[0]
