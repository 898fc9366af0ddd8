"""arXiv is asked politely, once in six hours, and says in a sentence why it does not answer."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from digest.models import HostTurn
from digest.suggest.arxiv_lookup import _CACHE_PREFIX, ArxivList, Lookup
from digest.suggest.drafts import NothingProposed
from digest.suggest.suggest import propose_topics
from tests.digest.suggest.pasted import atom, proposed
from tests.factories import NOW
from tests.outdated_cache import write_outdated_entry
from tests.web_server import Answer, WebServer


@pytest.mark.django_db
def test_where_arxiv_does_not_answer_the_sentence_says_so(arxiv: WebServer) -> None:
    arxiv.give("/a/0000-0002-7970-7855.atom2", Answer(b"", 503))
    with pytest.raises(NothingProposed, match="arXiv could not be reached"):
        proposed("0000-0002-7970-7855")
    arxiv.give("/api/query", b"<html>Sorry</html>")
    with pytest.raises(NothingProposed, match=r"is no list of papers\. Paste the abstract"):
        proposed("2401.01234")
    with pytest.raises(NothingProposed, match="too many addresses in the last hour"):
        propose_topics("2401.01235", NOW, Lookup(lambda: False))
    many = " ".join(f"arxiv.org/list/math.A{letter}/new" for letter in "ABCDE")
    assert sum("3 addresses at once at most" in note for note in proposed(many).notes) == 2
    HostTurn.objects.update(free_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(NothingProposed, match="others were before you"):
        propose_topics("2401.01236", NOW, hurried())


def hurried() -> Lookup:
    lookup = Lookup()
    lookup._ends_at = 0.0
    return lookup


@pytest.mark.django_db
def test_a_list_of_an_earlier_release_is_never_read_and_one_that_cannot_be_read_is_a_miss(
    arxiv: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://rss.arxiv.org/atom/math.AG"
    digest, asked, read = sha256(url.encode()).hexdigest(), list[str](), cache.get
    for prefix in ("arxiv-lookup:", _CACHE_PREFIX):
        write_outdated_entry(f"{prefix}{digest}")

    def record(key: str, *rest: Any) -> Any:
        asked.append(key)
        return read(key, *rest)

    monkeypatch.setattr(cache, "get", record)
    arxiv.give("/atom/math.AG", atom("Moduli of curves"))
    listed = Lookup().fetch_listing("math.AG")
    assert [paper.title for paper in listed.papers] == ["Moduli of curves"]
    assert Lookup().fetch_listing("math.AG") == listed
    assert len(arxiv.requests("/atom/math.AG")) == 1
    assert not [key for key in asked if key.startswith("arxiv-lookup:")]
    assert isinstance(cache.get(f"{_CACHE_PREFIX}{digest}"), ArxivList)
