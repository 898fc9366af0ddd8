"""What `manage.py match_topics` says of a labelled set, as a ranking."""

from __future__ import annotations

import json
from collections import defaultdict
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command

from bench.relevance.labelled import LabelledSet


def rank_by_command(papers: LabelledSet, **options: bool) -> dict[str, list[str]]:
    """By topic the ids of its papers, the strongest first, as the command lists them.

    `options` are those of the command: as_digest=True for what digests would take. A topic that it
    refuses, or finds nowhere, is left out.
    """
    with TemporaryDirectory(prefix="offprint-relevance-") as folder:
        path, topics = Path(folder) / "papers.jsonl", Path(folder) / "topics.txt"
        rows = ({"id": p.id, "title": p.title, "abstract": p.abstract} for p in papers.papers)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        topics.write_text("".join(f"{topic}\n" for topic in papers.truth), encoding="utf-8")
        out = StringIO()
        call_command("match_topics", path, topics, stdout=out, stderr=StringIO(), **options)
    strengths = defaultdict[str, dict[str, float]](dict)
    for line in out.getvalue().splitlines():
        topic, paper_id, strength = line.split("\t")
        strengths[topic][paper_id] = float(strength)
    return {
        topic: sorted(found, key=lambda paper_id: (-found[paper_id], paper_id))
        for topic, found in strengths.items()
    }
