"""The reading interface for programs, /api/v1/: papers, topics, days, search. It only reads.

What it answers is described in openapi.json beside this file, and tests hold the two together.
"""
