"""The reading room: public pages that only read."""
