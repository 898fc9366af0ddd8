"""In which order papers are shown that are near to a paper or a search: the function `rerank`.

Nearness is by words: a dozen that tell what the wanted papers are about, each as heavy as it is
rare and often said (Rocchio's feedback, subscribers/topics/sense.py). That order stands, unless the
operator has a model (embedding.py): then the order by its vectors is joined with that by words, by
the sum of 1 / (60 + rank) over both (reciprocal rank fusion; Cormack, Clarke and Büttcher, 2009).
How near papers are to topics is measured with its vectors as well (near_meaning.py). They are made
in batches after papers were matched, and kept; nothing here waits for the model, but for the few
words of a search.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import mul

from django.db.models import F, Q, QuerySet

from digest.match.embedding import EmbeddingModel, Vector, read_model
from digest.models import Paper, PaperVector, TopicSense, TopicVector

Ranked = list[tuple[float, int]]  # how near by words, and the paper's id; the nearest first

KEPT_FOR = timedelta(days=28)
STORE_SECONDS = 20.0  # of one run; another follows within a minute
_AT_ONCE = 32
_RANK_OFFSET = 60


@dataclass(frozen=True)
class Wanted:
    """What papers are to be near to: other papers, or words that were typed."""

    paper_ids: Sequence[int] = ()
    text: str = ""


def rerank(wanted: Wanted, ranked: Ranked) -> Ranked:
    """The same papers in the order in which they are shown; their nearness stays that by words.

    Unchanged without a model, and as long as most of them have no vector.
    """
    model = read_model() if len(ranked) > 1 else None
    if model is None:
        return ranked
    vectors = read_vectors(model, [*wanted.paper_ids, *(pk for _, pk in ranked)])
    examples = [vectors[pk] for pk in wanted.paper_ids if pk in vectors]
    if wanted.text:
        examples += model.embed([wanted.text])
    known = [pk for _, pk in ranked if pk in vectors]
    if not examples or 2 * len(known) <= len(ranked):
        return ranked
    likeness = {pk: sum(multiply(vectors[pk], one) for one in examples) for pk in known}
    by_vector = sorted(known, key=lambda pk: -likeness[pk])
    last = len(ranked)
    place = {pk: rank for rank, pk in enumerate(by_vector)}
    score = {
        pk: 1 / (_RANK_OFFSET + rank) + 1 / (_RANK_OFFSET + place.get(pk, last))
        for rank, (_, pk) in enumerate(ranked)
    }
    return sorted(ranked, key=lambda one: -score[one[1]])


def read_vectors(model: EmbeddingModel, paper_ids: Sequence[int]) -> Mapping[int, Vector]:
    """The vectors that this model made of these papers, by paper; of one size."""
    rows = PaperVector.objects.filter(paper__in=paper_ids, model=model.name)
    return {pk: read_vector(vector) for pk, vector in rows.values_list("paper_id", "vector")}


def read_vector(stored: bytes | memoryview) -> Vector:
    """A vector as it was stored."""
    return array("f", bytes(stored))


def multiply(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1."""
    return sum(map(mul, one, other), 0.0)


def store_vectors(now: datetime, seconds: float = STORE_SECONDS) -> int:
    """Make the vectors of the last weeks' papers that have none as they are now; how many.

    Those of topics too. Nothing without a model. The newest papers first, until the time is used.
    """
    model = read_model()
    if model is None:
        return 0
    stored, ends_at = 0, time.monotonic() + seconds
    _store_topic_vectors(model, ends_at)
    while time.monotonic() < ends_at:
        papers = list(_select_missing(model, now)[:_AT_ONCE])
        if not papers:
            break
        vectors = model.embed([f"{title}. {abstract}" for _, title, abstract in papers])
        if not vectors:
            break
        rows = [
            PaperVector(paper_id=pk, model=model.name, vector=vector.tobytes(), made_at=now)
            for (pk, _, _), vector in zip(papers, vectors, strict=True)
        ]
        PaperVector.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["paper"],
            update_fields=["model", "vector", "made_at"],
        )
        stored += len(rows)
    PaperVector.objects.filter(paper__news_at__lt=now - KEPT_FOR).delete()
    return stored


def _store_topic_vectors(model: EmbeddingModel, ends_at: float) -> None:
    """Make the vectors of the topics to which papers may be near and that have none."""
    missing = TopicSense.objects.exclude(words="").exclude(topic__vector__model=model.name)
    while time.monotonic() < ends_at:
        topics = list(missing.values_list("topic_id", "topic__query")[:_AT_ONCE])
        vectors = model.embed([query for _, query in topics]) if topics else []
        if not vectors:
            break
        TopicVector.objects.bulk_create(
            [
                TopicVector(topic_id=pk, model=model.name, vector=vector.tobytes())
                for (pk, _), vector in zip(topics, vectors, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["topic"],
            update_fields=["model", "vector"],
        )


def _select_missing(model: EmbeddingModel, now: datetime) -> QuerySet[Paper, tuple[int, str, str]]:
    """Matched papers without a vector, with another model's, or whose text changed since."""
    stale = Q(vector=None) | ~Q(vector__model=model.name) | Q(vector__made_at__lt=F("matched_at"))
    papers = Paper.objects.matched().filter(stale, news_at__gt=now - KEPT_FOR)
    return papers.order_by("-news_at", "pk").values_list("pk", "title", "abstract")
