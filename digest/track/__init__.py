"""Stage 7. What the provider reports of each mail, and what follows from it."""

from digest.track.stage import on_tracking_event, sweep_events, track_event

__all__ = ["on_tracking_event", "sweep_events", "track_event"]
