"""Five made-up days of papers, brought in through the same adapters as the live sources."""
