"""Stage 3. Papers x topics, with the words that show it."""

from digest.match.stage import MatchReport, learn_day, match_for_first_digest, match_papers

__all__ = ["MatchReport", "learn_day", "match_for_first_digest", "match_papers"]
