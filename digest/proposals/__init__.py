"""Topics proposed from what somebody has: a BibTeX file, arXiv addresses, or any text.

Nothing of it is kept. Only for addresses, and only where that tells more than what is stored, is
arXiv asked: `Lookup` says how often.
"""

from digest.proposals.drafts import NothingProposed
from digest.proposals.lookup import Lookup
from digest.proposals.proposing import Proposal, Proposals, propose

__all__ = ["Lookup", "NothingProposed", "Proposal", "Proposals", "propose"]
