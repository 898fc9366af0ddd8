"""Stage 2. How much each paper is talked about now."""

from digest.score.stage import ScoreReport, score_papers

__all__ = ["ScoreReport", "score_papers"]
