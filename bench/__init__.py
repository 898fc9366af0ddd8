"""How fast Offprint is, and how that grows: `make bench` (docs/scale.md has the last results).

Everything is measured on papers, topics and readers that are made here, with a real PostgreSQL and
Valkey, through the same public functions that Celery's tasks call.
"""
