"""The email provider: how it is called, at what pace, and what its answers mean."""
