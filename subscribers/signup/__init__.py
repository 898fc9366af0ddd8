"""A wish, the confirmation it is asked for, and its confirming."""
