"""From sources to inboxes, one module a stage:

    source ─ ingest ─▶ papers ─ score ─▶ trend ─ match ─▶ matches
                                                            │
    inbox ◀─ deliver ─ message ◀─ render ─ delivery ◀─ compose
      │
      └─ track ─▶ events, dates on deliveries, suppressions, paused domains

Every stage is one public function, safe to run twice, with `now` passed in. The database is the
queue between them; Celery only says when.
"""
