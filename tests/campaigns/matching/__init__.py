"""How much processor time matching takes: `make matching`."""
