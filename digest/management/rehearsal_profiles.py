"""Twenty made-up subscribers with different wishes, for rehearsing days: broad, narrow, weekly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from subscribers.models import Interest, Subscriber, Topic


@dataclass(frozen=True)
class RehearsalProfile:
    """One subscriber: a name that is also the mailbox, and what they want; hours are local."""

    name: str
    follows: tuple[str, ...]
    mutes: tuple[str, ...] = ()
    cadence: str = "daily"
    max_papers: int = 10
    timezone: str = "UTC"
    send_hour: int = 8
    wants_everywhere: bool = True


PROFILES = (
    RehearsalProfile("everything", ("model", "learning", "data", "benchmark"), max_papers=50),
    RehearsalProfile("agents", ("LLM agents", "tool use", '"computer use"', "multi-agent")),
    RehearsalProfile("language", ("cat:cs.CL", "translation"), mutes=("survey",), max_papers=20),
    RehearsalProfile("vision", ("cat:cs.CV + segmentation", "SAM", "object detection")),
    RehearsalProfile("video", ("diffusion + video", "video generation"), timezone="Asia/Tokyo"),
    RehearsalProfile("worlds", ('"world model"', "world models + planning")),
    RehearsalProfile("retrieval", ("RAG", "dense retrieval", "reranking"), max_papers=5),
    RehearsalProfile(
        "robots", ("robot manipulation -surgical", "diffusion policy", "VLA"), send_hour=6
    ),
    RehearsalProfile(
        "rlhf", ("RLHF", "reward model", "preference optimization"), timezone="Europe/Berlin"
    ),
    RehearsalProfile(
        "safety", ("jailbreak", "alignment -sequence", "red teaming"), wants_everywhere=False
    ),
    RehearsalProfile(
        "reasoning", ("chain of thought", "mathematical reasoning", "GRPO"), max_papers=3
    ),
    RehearsalProfile(
        "speech", ("speech recognition", "text to speech", "audio"), timezone="Asia/Kolkata"
    ),
    RehearsalProfile("graphs", ("graph neural network", "knowledge graph"), cadence="weekdays"),
    RehearsalProfile("medicine", ("medical imaging", "clinical + LLM", "EEG")),
    RehearsalProfile("theory", ("generalization bound", "convergence rate"), mutes=("empirical",)),
    RehearsalProfile("efficiency", ("quantization", "LoRA", "speculative decoding"), max_papers=1),
    RehearsalProfile("weekly", ("transformer", "attention"), cadence="weekly"),
    RehearsalProfile("narrow", ("protein folding + diffusion", '"cuneiform"')),
    RehearsalProfile(
        "loud", ("large language model",), mutes=("large language model + benchmark",)
    ),
    RehearsalProfile("authors", ('author:"Yann LeCun"', "org:nvidia", "title:survey")),
)


def sign_up_profiles(now: datetime) -> dict[int, RehearsalProfile]:
    """Make the twenty active subscribers, their first digests due; by subscriber id."""
    return {_sign_up_profile(profile, now): profile for profile in PROFILES}


def _sign_up_profile(profile: RehearsalProfile, now: datetime) -> int:
    subscriber = Subscriber.objects.create(
        email=f"{profile.name}@example.org",
        status=Subscriber.Status.ACTIVE,
        confirmed_at=now,
        cadence=profile.cadence,
        max_papers=profile.max_papers,
        timezone=profile.timezone,
        send_hour=profile.send_hour,
        wants_everywhere=profile.wants_everywhere,
    )
    for queries, mode in (
        (profile.follows, Interest.Mode.FOLLOW),
        (profile.mutes, Interest.Mode.MUTE),
    ):
        for topic in Topic.objects.get_or_create_topics(queries):
            Interest.objects.create(subscriber=subscriber, topic=topic, mode=mode)
    return subscriber.pk
