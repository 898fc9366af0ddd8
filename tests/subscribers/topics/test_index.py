"""One pass over many topics finds what each of them finds alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.topics import (
    Text,
    TopicError,
    TopicIndex,
    find_topic,
    learn_acronyms,
    normal_form,
    parse_topic,
    read_text,
)
from tests.properties import examples

SPELLED_OUT = [
    "Large language models (LLMs) reason.",
    "We train large language models (LLM).",
    "LLMs (large language models) again.",
]


VOCABULARY = (
    "LLM LLMs llm large language model models world diffusion policy policies RAG rag C++ GPT-4 "
    "multi-modal multimodal sim2real β-VAE 扩散 agent agents the of"
)
WORDS = st.sampled_from(VOCABULARY.split())
GAPS = st.sampled_from([" ", " ", " ", "-", ", ", ". ", " (", ") "])
SENTENCES = st.lists(st.tuples(WORDS, GAPS), max_size=20).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
PARTS = PHRASES | PHRASES.map('"{}"'.format) | PHRASES.map('title:"{}"'.format)
NAMES = ["author:lecun", 'author:"y. lecun"', 'author:"Le Cun"', 'author:"Li Fei-Fei"']
PARTS |= st.sampled_from([*NAMES, "org:nvidia", "cat:cs", "cat:cs.CL"])
TOPICS = st.tuples(
    st.lists(PARTS, min_size=1, max_size=3).map(" + ".join),
    st.lists(WORDS, max_size=1).map(lambda words: "".join(f" -{word}" for word in words)),
).map("".join)
PAPERS = st.builds(
    Text,
    SENTENCES,
    SENTENCES,
    st.sampled_from([(), ("Yann LeCun",), ("Li Wei", "Y. Le-Cun"), ("Feifei Li",), ("F.-F. Li",)]),
    st.sampled_from(["", "NVIDIA", "Nvidia Research"]),
    st.sampled_from([(), ("cs.CL",), ("math.AG", "cs.LG")]),
)


@settings(max_examples=examples(300))
@given(st.lists(TOPICS, min_size=1, max_size=8), st.lists(PAPERS, min_size=1, max_size=4))
def test_one_pass_over_all_topics_finds_what_each_topic_finds_alone(
    queries: list[str], texts: list[Text]
) -> None:
    acronyms = learn_acronyms(SPELLED_OUT)
    index, topics = TopicIndex(), {}
    for number, query in enumerate(queries):
        try:
            topics[number] = parse_topic(query)
        except TopicError:
            continue
        index.add_topic(number, topics[number])
        if number % 3 == 1:
            index.settle()
    for text in texts:
        reading = read_text(text, acronyms)
        candidates = index.find_candidates(reading.normal_form, text, acronyms)
        alone = {number for number, topic in topics.items() if find_topic(topic, reading)}
        assert {n for n in candidates if find_topic(topics[n], reading)} == alone


def test_a_topic_of_two_terms_is_no_candidate_for_a_paper_that_holds_one_of_them() -> None:
    """Of thousands who ask for one phrase and something else, few are looked at for a paper."""
    index = TopicIndex()
    others = ["agents", "tool use", "author:lecun", "cat:cs.CL", "LLM", "title:survey", "cats"]
    for number, other in enumerate(others):
        index.add_topic(number, parse_topic(f"diffusion policy + {other}"))
        index.add_topic(number + 100, parse_topic(f"{other} + diffusion policy"))
    text = Text("A diffusion policy", "Agents of large language models.", (), "", ("cs.CL",))
    acronyms = learn_acronyms(SPELLED_OUT)
    form = read_text(text, acronyms).normal_form
    assert index.find_candidates(form, text, acronyms) == {0, 3, 4, 100, 103, 104}


def test_an_index_of_many_topics_finds_each_of_them_and_knows_which_it_has() -> None:
    index = TopicIndex()
    letters = "abcdefghijklm"
    names = [f"x{a}{b}{c}" for a in letters for b in letters for c in letters]
    for number, name in enumerate(names):
        index.add_topic(number * 7, parse_topic(f"{name} matter"))
        index.add_topic(number * 7, parse_topic("another matter"))  # the first counts
    assert len(index) == len(names)
    assert 7 in index
    assert 8 not in index
    assert 10**9 not in index
    for number in range(0, len(names), 100):
        form = normal_form(f"{names[number]} matter")
        assert index.find_candidates(form, Text("")) == {number * 7}
