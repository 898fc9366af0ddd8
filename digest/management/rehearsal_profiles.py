"""Twenty readers of different taste, for rehearsing days: broad and narrow, early and weekly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from subscribers.models import Interest, Subscriber, Topic


@dataclass(frozen=True)
class Taste:
    """One reader: a name that is also the mailbox, and what they want; hours are local."""

    name: str
    follows: tuple[str, ...]
    mutes: tuple[str, ...] = ()
    cadence: str = "daily"
    max_papers: int = 10
    timezone: str = "UTC"
    send_hour: int = 8
    wants_everywhere: bool = True


TASTES = (
    Taste("everything", ("model", "learning", "data", "benchmark"), max_papers=50),
    Taste("agents", ("LLM agents", "tool use", '"computer use"', "multi-agent")),
    Taste("language", ("cat:cs.CL", "translation"), mutes=("survey",), max_papers=20),
    Taste("vision", ("cat:cs.CV + segmentation", "SAM", "object detection")),
    Taste("video", ("diffusion + video", "video generation"), timezone="Asia/Tokyo"),
    Taste("worlds", ('"world model"', "world models + planning")),
    Taste("retrieval", ("RAG", "dense retrieval", "reranking"), max_papers=5),
    Taste("robots", ("robot manipulation -surgical", "diffusion policy", "VLA"), send_hour=6),
    Taste("rlhf", ("RLHF", "reward model", "preference optimization"), timezone="Europe/Berlin"),
    Taste("safety", ("jailbreak", "alignment -sequence", "red teaming"), wants_everywhere=False),
    Taste("reasoning", ("chain of thought", "mathematical reasoning", "GRPO"), max_papers=3),
    Taste("speech", ("speech recognition", "text to speech", "audio"), timezone="Asia/Kolkata"),
    Taste("graphs", ("graph neural network", "knowledge graph"), cadence="weekdays"),
    Taste("medicine", ("medical imaging", "clinical + LLM", "EEG")),
    Taste("theory", ("generalization bound", "convergence rate"), mutes=("empirical",)),
    Taste("efficiency", ("quantization", "LoRA", "speculative decoding"), max_papers=1),
    Taste("weekly", ("transformer", "attention"), cadence="weekly"),
    Taste("narrow", ("protein folding + diffusion", '"cuneiform"')),
    Taste("loud", ("large language model",), mutes=("large language model + benchmark",)),
    Taste("authors", ('author:"Yann LeCun"', "org:nvidia", "title:survey")),
)


def sign_up(now: datetime) -> dict[int, Taste]:
    """Make the twenty active subscribers, their first digests due; by subscriber id."""
    return {_sign_up_one(taste, now): taste for taste in TASTES}


def _sign_up_one(taste: Taste, now: datetime) -> int:
    subscriber = Subscriber.objects.create(
        email=f"{taste.name}@example.org",
        status=Subscriber.Status.ACTIVE,
        confirmed_at=now,
        cadence=taste.cadence,
        max_papers=taste.max_papers,
        timezone=taste.timezone,
        send_hour=taste.send_hour,
        wants_everywhere=taste.wants_everywhere,
    )
    for queries, mode in ((taste.follows, Interest.Mode.FOLLOW), (taste.mutes, Interest.Mode.MUTE)):
        for topic in Topic.objects.get_or_create_topics(queries):
            Interest.objects.create(subscriber=subscriber, topic=topic, mode=mode)
    return subscriber.pk
