"""The management API under /api/v1/manage/: what operators do in the admin, for their scripts.

Its answers are described in openapi.json, beside those of the API that only reads, and tests hold
the two together. Every change is made by the act that the admin performs, and noted in its log.
"""
