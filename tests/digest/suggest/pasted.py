"""What the tests of this folder paste, and how they ask for proposals."""

from __future__ import annotations

from digest.suggest.suggest import Proposals, propose_topics
from tests.factories import NOW

ABSTRACT = "We train a diffusion policy. The diffusion policy is a visuomotor model of quargles."
# How papers of the field speak: what they are about stands in titles, and stands alone.
ABOUT = [
    "Grasp planning with world models",
    "World models for tactile sensing",
    "Tactile sensing and grasp planning",
    "Sim-to-real grasp planning (GP)",
    "On world models and grasp planning",
    "A survey of tactile sensing",
]
HOW = (
    "Experiments show that our real-world robot, of which we report success rates, et al. is "
    "orders of magnitude faster. Experiments show it in unseen environments. As a first step the "
    "model must state that design choices matter."
)


def proposed(text: str) -> Proposals:
    return propose_topics(text, NOW)


def queries(text: str) -> list[str]:
    return [topic.query for topic in proposed(text).topics]


def atom(
    *titles: str, title: str = "", authors: tuple[str, ...] = ("Yann LeCun", "A. Friend")
) -> bytes:
    """A list of papers as arXiv writes it."""
    names = "".join(f"<author><name>{name}</name></author>" for name in authors)
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/2401.0{n:04}v1</id><title>{said}</title>"
        f"<summary>We study {said.lower()}.</summary>{names}</entry>"
        for n, said in enumerate(titles)
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{title}</title>{entries}</feed>"
    ).encode()
