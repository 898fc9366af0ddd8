"""Moving, taking one's data, less mail, leaving."""
