"""How near papers are to topics by an operator's model, beside how near they are by words.

A topic's direction is the middle of its own words, as the model reads them, and of its strongest
finds of the last weeks. A paper's likeness is the cosine of both after the mean of recent papers is
taken out of each, so that it is about 0 for the usual paper whatever the model. Then

    nearness = nearness by words + 2 x (likeness - 0.25)

so that a paper must be like the topic to keep what its words give it (docs/topics.md has what this
gains). A paper without a vector keeps it, and so does everything without a model.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property

from digest.match.embedding import EmbeddingModel, Vector, read_model, scale_to_one
from digest.match.rerank import Ranked, multiply, read_vector, read_vectors
from digest.models import Match, PaperVector, TopicVector
from subscribers.topics.sense import EXAMPLES

# Chosen with the near papers of 66 made-up readers in view, and told of by others (docs/judged.md).
LIKENESS_WEIGHT = 2.0
USUAL_LIKENESS = 0.25  # of papers that are near by words
_PAPERS_OF_MEAN = 500
_KEPT_TOPICS = 5_000


class NearMeaning:
    """For one run: what it reads of topics and of recent papers is read once."""

    def __init__(self) -> None:
        self._model = read_model()
        self._directions: dict[int, Vector] = {}

    def rerank_near(self, topic_id: int, ranked: Ranked) -> Ranked:
        """The same papers, as near as they are by words and meaning; the nearest first."""
        model = self._model
        if model is None or not ranked:
            return ranked
        direction = self._read_direction(model, topic_id)
        if not any(direction):
            return ranked
        vectors = read_vectors(model, [pk for _, pk in ranked])
        both = [
            (value + self._measure_gain(direction, vectors.get(pk)), pk) for value, pk in ranked
        ]
        return sorted(both, key=lambda one: (-one[0], one[1]))

    def _measure_gain(self, direction: Vector, vector: Vector | None) -> float:
        if vector is None or not any(vector):
            return 0.0
        likeness = multiply(direction, scale_to_one(_subtract(vector, self._mean)))
        return LIKENESS_WEIGHT * (likeness - USUAL_LIKENESS)

    def _read_direction(self, model: EmbeddingModel, topic_id: int) -> Vector:
        """Of length 1, the mean taken out; zeros or nothing where the topic is not known."""
        if topic_id not in self._directions:
            if len(self._directions) >= _KEPT_TOPICS:
                self._directions.clear()
            self._directions[topic_id] = self._make_direction(model, topic_id)
        return self._directions[topic_id]

    def _make_direction(self, model: EmbeddingModel, topic_id: int) -> Vector:
        finds = Match.objects.filter(topic=topic_id, paper__vector__model=model.name)
        strongest = finds.order_by("-strength", "pk")[:EXAMPLES]
        names = TopicVector.objects.filter(topic=topic_id, model=model.name)
        stored = (
            names.values_list("vector", flat=True),
            strongest.values_list("paper__vector__vector", flat=True),
        )
        parts = [scale_to_one(_add_vectors(map(read_vector, rows))) for rows in stored]
        middle = scale_to_one(_add_vectors(part for part in parts if part))
        return scale_to_one(_subtract(middle, self._mean)) if middle else middle

    @cached_property
    def _mean(self) -> Vector:
        """The mean of the newest papers' vectors; nothing where there are none."""
        of_model = PaperVector.objects.filter(model=self._model.name if self._model else "")
        newest = of_model.order_by("-paper_id").values_list("vector", flat=True)
        vectors = [read_vector(row) for row in newest[:_PAPERS_OF_MEAN]]
        return array("f", [x / len(vectors) for x in _add_vectors(vectors)])


def _add_vectors(vectors: Iterable[Vector]) -> Vector:
    """Their sum; empty for none. A model put in the place of another may have other sizes."""
    return array("f", map(sum, zip(*vectors, strict=False)))


def _subtract(vector: Vector, mean: Vector) -> Vector:
    return array("f", [a - b for a, b in zip(vector, mean, strict=False)]) if mean else vector
