"""Why a subscriber got a paper, or why not: the one reason that decided, in a sentence."""

from digest.why.answer import Answer, Reason, explain_why

__all__ = ["Answer", "Reason", "explain_why"]
