"""The API under /api/v1/, which only reads; and feeds, sitemaps and BibTeX.

Its responses are described in openapi.json, and tests hold the two together.
"""
