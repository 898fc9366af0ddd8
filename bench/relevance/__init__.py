"""How well topics find papers, beside BM25, on papers whose authors named their topics."""
