"""Stage 3: papers x topics -> matches with reasons."""

from digest.match.matching import MatchReport, match_papers

__all__ = ["MatchReport", "match_papers"]
