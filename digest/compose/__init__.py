"""Stage 4. A delivery for every subscriber who is due: papers, or the reason for none."""

from digest.compose.stage import ComposeReport, compose_due

__all__ = ["ComposeReport", "compose_due"]
