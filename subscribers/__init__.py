"""Who wants what, and whom we may mail."""
