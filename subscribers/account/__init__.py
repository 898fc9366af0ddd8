"""Moving, export, less mail, leaving."""
