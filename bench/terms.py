"""The fields that papers and readers belong to, and the terms of several words of each."""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate

# Each with its share of papers and of readers: some fields are read more than they publish.
FIELDS: tuple[tuple[str, float, float], ...] = (
    ("cs.CL", 0.20, 0.24),
    ("cs.LG", 0.22, 0.20),
    ("cs.CV", 0.18, 0.14),
    ("cs.RO", 0.08, 0.08),
    ("stat.ML", 0.08, 0.06),
    ("q-bio.NC", 0.06, 0.10),
    ("cond-mat", 0.10, 0.08),
    ("math.OC", 0.08, 0.10),
)
HEADS: tuple[str, ...] = (
    "translation corpus parser dialogue summarization reasoning retrieval tokenizer speech syntax "
    "semantics question alignment prompting agent",
    "gradient optimizer regularization embedding attention network transformer reward policy "
    "representation forgetting distillation pruning ensemble calibration",
    "segmentation detection tracking depth image video pose scene rendering texture camera "
    "saliency inpainting recognition pixel",
    "manipulation grasping locomotion navigation planner manipulator gripper quadruped "
    "teleoperation odometry mapping controller actuator trajectory simulation",
    "inference posterior sampling kernel regression estimator prior variance causality testing "
    "bandit bound process mixture likelihood",
    "neuron cortex synapse spike connectome plasticity oscillation memory perception dendrite "
    "stimulus circuit hippocampus decoding imaging",
    "lattice superconductor magnet phonon polymer crystal transport phase spin insulator graphene "
    "surface defect quasiparticle transition",
    "convexity duality scheduling relaxation equilibrium feasibility minimization constraint "
    "polytope routing game program cut flow horizon",
)
_MODIFIERS = (
    "adaptive adversarial amortized approximate asymmetric bayesian bounded causal coarse "
    "collective compositional conditional constrained contrastive coupled cross-modal deep diffuse "
    "discrete distributed dynamic efficient elastic energy-based equivariant few-shot generative "
    "geometric graph hierarchical hybrid implicit incremental interpretable invariant latent local "
    "long-range low-rank masked multi-agent multi-scale neural noisy nonlinear offline online "
    "parallel private quantum quantized random recurrent reinforcement robust scalable "
    "self-supervised semantic sequential sparse spatial spectral stochastic structured symbolic "
    "temporal topological uncertain unsupervised variational visual weighted zero-shot"
)
MODIFIERS = tuple(_MODIFIERS.split())
MODIFIERS_A_FIELD = 18
# How terms thin out: the first of a field is in a fifth of its papers, the hundredth in one of a
# hundred.
OFFSET = 3.0


@cache
def list_heads(field: int) -> tuple[str, ...]:
    """The nouns that a field's terms end with."""
    return tuple(HEADS[field].split())


@cache
def list_terms(field: int) -> tuple[str, ...]:
    """The terms of two words of a field, the most frequent first."""
    dice = random.Random(50 + field)
    modifiers = dice.sample(MODIFIERS, MODIFIERS_A_FIELD)
    terms = [f"{modifier} {head}" for modifier in modifiers for head in list_heads(field)]
    dice.shuffle(terms)
    return tuple(terms)


@cache
def weigh_terms(count: int, offset: float) -> list[float]:
    """Summed Zipf weights of `count` ranks: 1 / (rank + offset), the first rank being 1."""
    return list(accumulate(1 / (rank + offset) for rank in range(1, count + 1)))


def draw_field(dice: random.Random, *, of_readers: bool = False) -> int:
    """The number of a field, by the share that it has of the papers, or of the readers."""
    weights = [readers if of_readers else papers for _, papers, readers in FIELDS]
    return dice.choices(range(len(FIELDS)), weights)[0]


def draw_terms(dice: random.Random, field: int, count: int, offset: float = OFFSET) -> list[str]:
    """So many terms of a field, by how frequent each is; one may come twice."""
    terms = list_terms(field)
    return dice.choices(terms, cum_weights=weigh_terms(len(terms), offset), k=count)
