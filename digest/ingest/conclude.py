"""What a poll of a source comes to: the source's state, and a sentence on what came and did not."""

from __future__ import annotations

from datetime import UTC

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.ingest.poll import HF, Poll
from digest.ingest.sources import arxiv_freshness
from digest.models import Source

State = Source.State


def conclude_poll(poll: Poll) -> tuple[State, str]:
    """The source's state after the poll, and a sentence an admin understands."""
    if poll.answered == 0:
        if poll.error and poll.error.is_gone:
            return State.STOPPED, str(poll.error)
        reasons = [str(poll.error)] if poll.error else [*poll.problems, *poll.unlisted]
        return State.FAILING, reasons[0]
    lacks = [*poll.problems, *(d.problem for d in poll.documents if not d.is_whole or d.skipped)]
    if poll.error:
        lacks.insert(0, str(poll.error))
    state, sentence = _judge_state(poll)
    if lacks:
        return State.PARTIAL, f"{lacks[0]} {_count_others(lacks)}{_describe_stored(poll)}"
    faults = [document.problem for document in poll.documents if document.problem]
    came = _describe_stored(poll) if poll.stored.new_guids or not sentence else ""
    return state, " ".join(part for part in (sentence, came, poll.silence, *faults[:1]) if part)


def _count_others(lacks: list[str]) -> str:
    return _("(And %(count)s more such.) ") % {"count": len(lacks) - 1} if len(lacks) > 1 else ""


def _judge_state(poll: Poll) -> tuple[State, str]:
    if poll.source.kind == HF:
        return _judge_days(poll)
    document = poll.documents[0] if poll.documents else None
    if poll.source.kind == Source.Kind.ARXIV:
        source = poll.source
        judged = arxiv_freshness.judge_freshness(
            source.freshness, document, poll.stored.new_guids, source.url, poll.now
        )
        source.freshness = judged.freshness
        return State(judged.state or State.HEALTHY), judged.sentence
    if document is not None and not document.entries:
        return State.EMPTY, _("The feed holds no entries at the moment.")
    return State.HEALTHY, ""


def _judge_days(poll: Poll) -> tuple[State, str]:
    """Hugging Face: an empty list is the rule on weekends, and early on working days."""
    today = poll.now.astimezone(UTC).date()
    if poll.source.documents.get(today.isoformat(), {}).get("entries", 0):
        return State.HEALTHY, ""
    if today.weekday() >= 5:
        return State.EMPTY, _("Hugging Face lists nothing on Saturdays and Sundays.")
    if poll.stored.new_guids:
        return State.HEALTHY, ""
    return State.EMPTY, _("Hugging Face has not listed anything for today yet.")


def _describe_stored(poll: Poll) -> str:
    """What came in, in a sentence."""
    stored = poll.stored
    counts = [
        (stored.new, ngettext("%(n)s new paper", "%(n)s new papers", stored.new)),
        (
            stored.updated,
            ngettext("%(n)s known paper updated", "%(n)s known papers updated", stored.updated),
        ),
        (
            stored.replacements,
            ngettext("%(n)s replacement", "%(n)s replacements", stored.replacements),
        ),
    ]
    parts = [said % {"n": n} for n, said in counts if n]
    return f"{', '.join(parts)}." if parts else _("Nothing new since the last poll.")
