"""Stage 1. Sources to entries, papers and snapshots."""

from digest.ingest.stage import IngestReport, ingest_due, ingest_source

__all__ = ["IngestReport", "ingest_due", "ingest_source"]
