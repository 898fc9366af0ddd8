"""Whether topics of real readers can be found where they stand: `python -m tests.campaigns.topics`.

Asks for tests/topics_of_many_fields.txt and, where OFFPRINT_REAL is a folder of captured data, for
the keywords that papers' own authors chose. Each is put into texts as an author would write it, and
must be found there by `find_topic` and by the index of all topics. What is refused is listed: by
hand one sees whether rightly.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from subscribers.topics import Text, TopicError, TopicIndex, find_topic, parse_topic, read_text

OWN = Path(__file__).parents[1] / "topics_of_many_fields.txt"
COUNT = 1_000
_TO_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FORMULA = re.compile(r"(?<=[A-Za-z)])\d+(?![\d.:]|[A-Za-z]{3})")
_MARKS = re.compile(r'"|^(?:author|org|cat|title):')


def list_texts(topic: str) -> Iterator[Text]:
    """The topic as authors write it: as a title, within a sentence, in brackets, with CO₂ too."""
    if topic.startswith("author:"):
        yield Text("A title", authors=(_MARKS.sub("", topic.removeprefix("author:")),))
    elif topic.startswith("org:"):
        yield Text("A title", organization=topic.removeprefix("org:").title())
    elif topic.startswith("cat:"):
        yield Text("A title", categories=(topic.removeprefix("cat:"),))
    else:
        words = _MARKS.sub("", topic).partition(" -")[0].replace(" + ", " in ")
        yield Text(words)
        yield Text(f"On the role of {words}: a study")
        if not topic.startswith("title:"):
            yield Text("A title", f"We looked at one thing ({words}), and at others.")
        yield Text(_FORMULA.sub(lambda digits: digits.group().translate(_TO_LOWERED), words))


def explain_failure(topic: str) -> str:
    """Why a topic finds nothing where it stands, or that it is refused; "" for a good one."""
    try:
        parsed = parse_topic(topic)
    except TopicError as error:
        return f"refused: {error}"
    index = TopicIndex()
    index.add_topic(1, parsed)
    for text in list_texts(topic):
        reading = read_text(text)
        said = text.abstract or text.title
        if not find_topic(parsed, reading):
            return f"not found in “{said}”"
        if 1 not in index.find_candidates(reading.normal_form, text):
            return f"not among the candidates for “{said}”"
    return ""


def list_keywords(folder: Path) -> list[str]:
    """All keywords of the labelled papers, each once."""
    keywords = dict[str, None]()
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            for line in lines:
                keywords.update(dict.fromkeys(json.loads(line)["keywords"]))
    return [keyword for keyword in keywords if keyword.strip()]


def main() -> int:
    topics = OWN.read_text().splitlines()
    if real := os.environ.get("OFFPRINT_REAL"):
        keywords = list_keywords(Path(real) / "relevance")
        topics += random.Random(1).sample(keywords, min(len(keywords), COUNT))
    else:
        print("OFFPRINT_REAL names no folder: only the project's own topics are looked for.")
    failures = {topic: why for topic in topics if (why := explain_failure(topic))}
    for topic, why in failures.items():
        print(f"{topic}: {why}")
    refused = sum(why.startswith("refused") for why in failures.values())
    print(
        f"{len(topics)} topics: {len(topics) - len(failures)} found wherever they stand, "
        f"{len(failures) - refused} accepted and not found, {refused} refused."
    )
    return 1 if len(failures) > refused else 0


if __name__ == "__main__":
    sys.exit(main())
