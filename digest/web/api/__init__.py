"""The reading interface for programs, /api/v1/, and what feed readers and crawlers ask for.

It only reads. What it answers is described in openapi.json, and tests hold the two together.
"""
