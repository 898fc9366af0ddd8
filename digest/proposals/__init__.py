"""Topics proposed from what somebody has: a BibTeX file, arXiv addresses, or any text.

Reads only, and asks no other host: what is not stored is said to be unknown.
"""

from digest.proposals.proposing import NothingProposed, Proposal, Proposals, propose

__all__ = ["NothingProposed", "Proposal", "Proposals", "propose"]
