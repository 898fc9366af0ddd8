"""The optional model that reads texts into vectors: an operator's own, never downloaded.

`EMBEDDING_MODEL_DIR` names a folder with a model of sentence-transformers or of model2vec, and the
one that is installed opens it, on the CPU. What is asked of it is one function: texts in, vectors
out. Without the setting, or where it cannot be opened, nothing here does anything.
"""

from __future__ import annotations

import logging
import os
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from math import sqrt
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings

logger = logging.getLogger(__name__)

Vector: TypeAlias = "array[float]"
Encode = Callable[[list[str]], Iterable[Iterable[float]]]
MOST_CHARS = 2_000  # of a text: models read some hundred words


class ModelError(Exception):
    """A sentence that says why the model cannot be used, and what to do."""


@dataclass(frozen=True)
class EmbeddingModel:
    """A model by its name, which tells its vectors from those of others."""

    name: str
    encode: Encode

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length 1 for each text, all of one size; all zeros for one without words.

        None at all, and a line in the log, where the model fails: no page or mail waits for one.
        """
        try:
            rows = self.encode([text[:MOST_CHARS] for text in texts])
            vectors = [scale_to_one(array("f", map(float, row))) for row in rows]
        except Exception:  # whatever an operator's model raises
            logger.exception("The model %s cannot read a text.", self.name)
            return []
        return vectors if len(vectors) == len(texts) else []


def read_model() -> EmbeddingModel | None:
    """The model that the settings name; None where there is none, or it cannot be opened."""
    folder = settings.EMBEDDING_MODEL_DIR
    return _open_or_none(folder) if folder else None


@lru_cache(maxsize=1)
def _open_or_none(folder: str) -> EmbeddingModel | None:
    try:
        return open_model(Path(folder))
    except ModelError as error:
        logger.warning("Papers are ranked by their words alone. %s", error)
        return None


def open_model(folder: Path) -> EmbeddingModel:
    """Open the model in a folder; ModelError where that cannot be done."""
    if not folder.is_dir():
        raise ModelError(
            f"EMBEDDING_MODEL_DIR names {folder}, which is no folder: put a model there, or take "
            "the setting away."
        )
    # Their libraries would ask a host for what they miss.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
    for package, open_folder in _OPENERS.items():
        try:
            module = import_module(package)
        except ImportError:
            continue
        try:
            return EmbeddingModel(folder.name, open_folder(module, str(folder)))
        except Exception as error:
            raise ModelError(
                f"{package} cannot open the model in {folder} ({error}): put one there that was "
                "saved by it, or take EMBEDDING_MODEL_DIR away."
            ) from error
    raise ModelError(
        "EMBEDDING_MODEL_DIR is set, and neither sentence-transformers nor model2vec is installed: "
        "`pip install sentence-transformers`, or take the setting away."
    )


def _open_sentence_transformer(module: Any, folder: str) -> Encode:
    model = module.SentenceTransformer(folder, device="cpu", local_files_only=True)
    return lambda texts: model.encode(texts, show_progress_bar=False)


def _open_static_model(module: Any, folder: str) -> Encode:
    return module.StaticModel.from_pretrained(folder).encode  # type: ignore[no-any-return]


_OPENERS: dict[str, Callable[[Any, str], Encode]] = {
    "sentence_transformers": _open_sentence_transformer,
    "model2vec": _open_static_model,
}


def scale_to_one(vector: Vector) -> Vector:
    """The same direction, of length 1; zeros stay zeros."""
    length = sqrt(sum(x * x for x in vector)) or 1.0
    return array("f", [x / length for x in vector])
