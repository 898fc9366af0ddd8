"""A small labelled set that is made up: papers on twelve topics, some of which they only mention.

It shows that the measuring works and that nothing is badly wrong, and no more: whoever wants to
know how well topics find needs papers that people wrote.
"""

from __future__ import annotations

import random

from bench.relevance.labelled import LabelledPaper, LabelledSet, make_labelled_set

PAPERS = 240
FEWEST_PAPERS = 4
NAME = "made up"
# A topic, and what papers on it speak of.
_TOPICS = {
    "image segmentation": "masks pixels boundaries contours annotation atrial scans",
    "speech recognition": "phonemes transcripts accents audio microphones utterances noise",
    "world model": "rollouts imagination latent dynamics planning simulators rewards",
    "quantization": "weights bits calibration outliers rounding hardware memory",
    "fairness": "discrimination hiring groups parity audits credit gender",
    "text-to-image generation": "prompts denoising guidance styles pictures aesthetics captions",
    "SLAM": "trajectories landmarks lidar odometry loop closure maps",
    "knowledge graph": "entities relations triples links ontology embeddings facts",
    "federated learning": "clients rounds privacy aggregation devices heterogeneity server",
    "low-rank adaptation": "adapters rank finetuning matrices modules merging parameters",
    "time series forecasting": "seasonality horizon demand traffic electricity windows trends",
    "graph neural network": "nodes neighbours edges oversmoothing molecules messages layers",
}
_FRAMES = (
    "We propose a method that works with {a} and {b}.",
    "Experiments on {a} show that {b} matter more than {c}.",
    "Existing approaches to {a} ignore {b}.",
    "The code for {a} and {c} is public.",
    "We study how {b} change with {c}.",
)


def make_small_set(seed: int = 0) -> LabelledSet:
    """The same papers for the same seed."""
    dice = random.Random(seed)
    papers = [_make_paper(dice, number) for number in range(PAPERS)]
    return make_labelled_set(NAME, papers, FEWEST_PAPERS)


def _make_paper(dice: random.Random, number: int) -> LabelledPaper:
    """A paper on one topic, or two, that may name a third one in passing."""
    topics = dice.sample(list(_TOPICS), 3)
    about = topics[: dice.choice((1, 1, 2))]
    words = " ".join(_TOPICS[topic] for topic in about).split()
    sentences = [_make_sentence(dice, words) for _ in range(6)]
    if dice.random() < 0.8:
        sentences[dice.choice((0, 3))] += f" We treat {' and '.join(about)} here."
    if dice.random() < 0.5:
        sentences.append(f"Other uses are {topics[2]}, retrieval and robotics.")
    named = about[0] if dice.random() < 0.4 else dice.choice(words)
    title = f"On {dice.choice(words)} and {named}: a study of {dice.choice(words)}"
    return LabelledPaper(f"made-{number}", title, " ".join(sentences), tuple(about))


def _make_sentence(dice: random.Random, words: list[str]) -> str:
    a, b, c = dice.sample(words, 3)
    return dice.choice(_FRAMES).format(a=a, b=b, c=c)
