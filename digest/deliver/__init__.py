"""Stage 6. Each mail handed to the email provider, at most once, and accounted for."""

from digest.deliver.stage import DeliverReport, RunOptions, deliver_planned, settle_doubts, sweep

__all__ = ["DeliverReport", "RunOptions", "deliver_planned", "settle_doubts", "sweep"]
