"""Who lives through the days that compare_checkouts.py compares, and what they type and press."""

from __future__ import annotations

from typing import Any

# By mailbox: topics, then what the preferences form is filled with; None takes a tick away.
BY_COMMAND: dict[str, tuple[list[str], dict[str, str | None]]] = {
    "everything": (["model", "learning", "data", "benchmark"], {"max_papers": "50"}),
    "agents": (["LLM agents", "tool use", '"computer use"', "multi-agent"], {}),
    "language": (["cat:cs.CL", "translation"], {"muted": "survey", "max_papers": "20"}),
    "vision": (["cat:cs.CV + segmentation", "SAM", "object detection"], {"max_papers": "7"}),
    "worlds": (['"world model"', "world models + planning"], {"timezone": "America/Los_Angeles"}),
    "retrieval": (["RAG", "dense retrieval", "reranking"], {"max_papers": "5"}),
    "robots": (["robot manipulation -surgical", "diffusion policy", "VLA"], {"send_hour": "6"}),
    "rlhf": (
        ["RLHF", "reward model", "preference optimization"],
        {"timezone": "Europe/Berlin", "send_hour": "9"},
    ),
    "safety": (
        ["jailbreak", "alignment -sequence", "red teaming"],
        {"wants_everywhere": None, "muted": "image"},
    ),
    "reasoning": (["chain of thought", "mathematical reasoning", "GRPO"], {"max_papers": "3"}),
    "theory": (["generalization bound", "convergence rate"], {"muted": "empirical"}),
    "efficiency": (["quantization", "LoRA", "speculative decoding"], {"max_papers": "1"}),
    "weekly": (["transformer", "attention"], {"cadence": "weekly"}),
    "narrow": (["protein folding + diffusion", '"cuneiform"'], {}),
    "loud": (["large language model"], {"muted": "large language model + benchmark"}),
    "authors": (['author:"Yann LeCun"', "org:nvidia", "title:survey"], {}),
}
# These sign up on the site and press the button that a mail leads to; what they type.
BY_PAGE: dict[str, dict[str, str]] = {
    "video": {"topics": "diffusion + video, video generation", "timezone": "Asia/Tokyo"},
    "speech": {
        "topics": "speech recognition\ntext to speech\naudio",
        "timezone": "Asia/Kolkata",
        "send_hour": "7",
    },
    "graphs": {"topics": "graph neural network, knowledge graph", "cadence": "weekdays"},
    "medicine": {"topics": "medical imaging, clinical + LLM, EEG", "max_papers": "12"},
}
SEARCHES = [
    "diffusion policy",
    "RAG",
    '"world model"',
    "LLM agents -survey",
    "author:Chen",
    "cat:cs.CL + translation",
    "title:benchmark",
    "org:google",
    "large language models",
    "reinforcement learning from human feedback",
    "graph neural network",
    "speech",
    "quantisation",
    "protein",
    "3D gaussian splatting",
    "β-VAE",
    "asdfqwerty",
    "-only",
    '"open quote',
    "",
]
# What nobody links to: errors, doors for programs, and what is asked in an unusual way.
ADDRESSES = [
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/favicon.ico",
    "/sitemap.xml",
    "/sitemaps/pages.xml",
    "/papers/",
    "/topics/",
    "/topics/?page=2",
    "/topics/nobody-follows-this/",
    "/search/?q=robot&sort=new&page=2",
    "/search?q=model&sort=nonsense",
    "/papers/2031-01-01/",
    "/papers/2026-13-01/",
    "/paper/arxiv:0000.00000/",
    "/nothing-here/",
    "/subscribe/",
    "/subscribe/?t=RAG&t=diffusion+%2B+video",
    "/preview/?t=RAG&t=%22open&t=LLM+agents",
    "/preview/mail/?t=RAG&t=LLM+agents&max_papers=4",
    "/preview/mail/",
    "/interests/",
    "/preferences/",
    "/preferences/1.forged/",
    "/unsubscribe/1.forged/",
    "/confirm/1.forged/",
    "/account/1.forged/",
    "/feedback/1.forged/",
    "/reading-list/1.forged/",
    "/mail/1.forged/",
    "/outbox/",
    "/feeds/latest.atom",
    "/feeds/latest.json",
    "/feeds/search.atom?q=RAG",
    "/feeds/search.json?q=diffusion+policy",
    "/feeds/nothing",
    "/api/",
    "/api/v1/openapi.json",
    "/api/v1/papers",
    "/api/v1/papers?limit=3&sort=trend",
    "/api/v1/papers?category=cs.CL&since=2026-04-20&until=2026-04-22",
    "/api/v1/papers?limit=0",
    "/api/v1/papers?cursor=forged",
    "/api/v1/search?q=world+model&limit=5",
    "/api/v1/search",
    "/api/v1/topics",
    "/api/v1/days",
    "/api/v1/days/2026-04-21",
    "/api/v1/days/yesterday",
    "/api/v1/nothing",
]
PASTED = [
    "Diffusion policies for dexterous robot manipulation\n"
    "We study diffusion policies that learn dexterous manipulation from a few demonstrations, and "
    "compare vision-language-action models with world models in simulation and on a real robot.",
    "@article{one, title={Retrieval-augmented generation for long documents}, author={Lee, Ann}}\n"
    "@article{two, title={Dense retrieval with language models}, author={Lee, Ann and Roe, Bob}}",
    "",
]
TOPIC_LISTS = ["LLM agents, diffusion + video", '"world model"', "cuneiform"]
# On which day who presses what in the mail of that day, by the number of the paper; 0 is the first
# day. Where the number is odd, it is taken back.
PRESSES: dict[int, list[tuple[str, str, int]]] = {
    3: [
        *(("agents", "more", 0), ("vision", "more", 2), ("vision", "save", 0)),
        *(("everything", "less", 4), ("everything", "save", 6), ("everything", "save", 8)),
        *(("everything", "mute", 10), ("everything", "save", 3), ("everything", "more", 5)),
    ],
    4: [
        *(("language", "mute", 0), ("language", "mute", 1), ("rlhf", "more", 0)),
        *(("agents", "more", 0), ("agents", "less", 2), ("robots", "save", 0)),
    ],
    5: [("agents", "more", 0), ("loud", "less", 0), ("vision", "less", 1)],
}
DAY_OF_LEAVING, DAY_OF_MOVING, DAY_OF_LISTS = 5, 6, 7
PLACES = range(8)
# Which buttons they press on the page to which a mail's last link leads.
LEAVERS = {
    "loud": ["Weekly instead"],
    "robots": ["Unsubscribe", "Undo"],
    "reasoning": ["Pause for a month", "Undo"],
    "retrieval": ["Pause for a month"],
    "vision": ["Fewer papers"],
    "graphs": ["Unsubscribe"],
}
ONE_CLICK = "medicine"
# Whose newest mail's links are opened at the end.
SHOWN = ["agents", "everything", "video", "loud"]
# Method, path, fields and headers.
UNUSUAL: list[tuple[str, str, Any, dict[str, str]]] = [
    ("HEAD", "/api/v1/papers", None, {}),
    ("HEAD", "/", None, {}),
    ("POST", "/api/v1/papers", {}, {}),
    ("OPTIONS", "/api/v1/papers", None, {}),
    ("POST", "/", {}, {}),
    ("DELETE", "/topics/", None, {}),
    ("POST", "/subscribe/", {"email": "nobody", "topics": ""}, {}),
    ("POST", "/subscribe/", {"email": "a@example.org"}, {"origin": "https://elsewhere.example"}),
    ("POST", "/preview/", {"topics": 'RAG\nagents\n"open'}, {"hx-request": "true"}),
    ("POST", "/preview/", {"topics": "RAG", "email": "a@example.org"}, {}),
    ("GET", "/feeds/latest.atom", None, {"if-modified-since": "Fri, 01 May 2026 00:00:00 GMT"}),
]
