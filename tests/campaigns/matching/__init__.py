"""How much processor time matching takes: `python -m tests.campaigns.matching`."""
