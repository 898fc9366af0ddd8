"""Where capitals are typed inside a word, they count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from subscribers.topics import (
    NO_ACRONYMS,
    Acronyms,
    Text,
    TopicError,
    find_topic,
    learn_acronyms,
    occurrences,
    parse_topic,
    read_text,
)
from subscribers.topics.acronyms import Evidence
from subscribers.topics.occurrences import find_occurrences
from subscribers.topics.words import read_words
from tests.properties import examples
from tests.subscribers.topics.test_index import PARTS, SENTENCES

# Topic, a title that holds it, a title that must not be taken for it.
SMART_CASE = [
    ("RAG", "RAG for code", "A rag doll"),
    ("RAG", "Better RAGs", "RAGTIME music"),
    ("RAGs", "A RAG pipeline", "Rags to riches"),
    ("SAM", "SAM segments all", "Sam Altman"),
    ("SAM", "SAM-based tracking", "uncle sam"),
    ("SAM 2", "SAM 2 in video", "Sam 2 in video"),
    ("LoRA", "LoRA tuning", "Lora of the north"),
    ("LoRA", "LoRAs compose", "LORA radio"),
    ("CLIP", "CLIP embeddings", "a video clip"),
    ("CLIP", "What CLIP sees", "Clip the gradient"),
    ("BERT", "BERT again", "Bert and Ernie"),
    ("GAN", "Training GANs", "Gan Ning"),
    ("VAE", "A VAE", "vae victis"),
    ("GPT", "GPT-4 passes", "gpt partition"),
    ("MoE", "MoE layers", "Larry, Curly and Moe"),
    ("MoE", "Sparse MoEs", "moe characters"),
    ("CoT", "CoT helps", "a baby cot"),
    ("ToT", "ToT search", "a tot of rum"),
    ("DPO", "DPO without reward", "dpo office"),
    ("PPO", "PPO is enough", "ppo insurance"),
    ("RL", "Deep RL", "rl circuits"),
    ("AI", "Safe AI", "Ai Weiwei"),
    ("IT", "IT departments", "It works"),
    ("US", "US elections", "Tell us why"),
    ("WHO", "WHO guidelines", "Who is right"),
    ("ARM", "ARM processors", "A robot arm"),
    ("ACT", "ACT policies", "Act as a judge"),
    ("DINO", "DINO features", "Dino fossils"),
    ("MAE", "MAE pretraining", "Mae West"),
    ("NeRF", "NeRF in the wild", "nerf guns"),
    ("NeRFs", "A NeRF", "Nerf guns"),
    ("DiT", "DiT scaling", "dit and dah"),
    ("ViT", "ViTs see", "Vit the singer"),
    ("SWIN", "SWIN blocks", "Swin River"),
    ("LLaMA", "LLaMA 3", "a llama farm"),
    ("LLaMA", "LLaMA-2 chat", "Llama wool"),
    ("PaLM", "PaLM scales", "palm trees"),
    ("OPT", "OPT weights", "Opt out"),
    ("BLOOM", "BLOOM is open", "flowers in bloom"),
    ("T5", "T5 encoders", "T6 encoders"),
    ("HTML", "HTML pages", "html pages"),
    ("SLAM", "Visual SLAM", "a poetry slam"),
    ("TAMP", "TAMP solvers", "tamp the coffee"),
    ("MAML", "MAML revisited", "maml rooms"),
    ("GLUE", "GLUE scores", "glue and paper"),
    ("SQuAD", "SQuAD readers", "a rescue squad"),
    ("COCO", "COCO images", "coco beans"),
    ("STEM", "STEM teaching", "stem cells"),
    ("SIFT", "SIFT keypoints", "sift the flour"),
    ("LIME", "LIME explains", "lime trees"),
    ("SHAP", "SHAP values", "Shap in Cumbria"),
    ("RAFT", "RAFT flow", "a raft on water"),
    ("ROS", "ROS nodes", "Ros the painter"),
    ("PID", "PID control", "pid of a process"),
    ("CNN", "CNNs generalize", "cnn news"),
    ("k-NN", "A k-NN search", "k-nn in lower case"),
    ("kNN", "Fast k-NN", "knn in lower case"),
    ("iPhone", "iPhone photos", "iphone photos"),
    ("iPhone", "iPhones see", "iphones see"),
    ("ResNet", "Deep ResNets", "deep resnets"),
    ("ResNets", "A ResNet", "a resnet"),
    ("DeepFake", "DeepFakes spread", "deepfakes spread"),
    ("ConvNet training", "Training ConvNets, ConvNets training", "convnets training"),
    ("arXiv", "What arXivs hold", "ARXIV"),
    ("GloBus", "The GloBus", "A GloBu"),
    ('"ResNet"', "A ResNet", "Two ResNets"),
    ("eBPF", "eBPF tracing", "ebpf tracing"),
    ("DeepMind", "DeepMind papers", "a deepmind"),
    ("GPT-4", "GPT-4 and GPT-3", "GPT-4.5"),
    ("C++", "C++ templates", "C templates"),
    ("C++", "Modern C++20", "C#"),
    ("C#", "From C# to F#", "C major"),
]


@pytest.mark.parametrize(("topic", "holds", "holds_not"), SMART_CASE)
def test_capitals_inside_a_word_are_taken_at_their_word(
    topic: str, holds: str, holds_not: str
) -> None:
    parsed = parse_topic(topic)
    assert find_topic(parsed, Text(holds))
    assert find_topic(parsed, Text("", holds))
    assert not find_topic(parsed, Text(holds_not, holds_not))


def make_zigzag() -> Acronyms:
    """Acronyms of which one was learned."""
    acronyms = Acronyms()
    acronyms.add_pairing("ZZ", ("zig", "zag"), Evidence("zig zag", 3))
    return acronyms


@settings(max_examples=examples(300))
@given(PARTS, SENTENCES)
def test_a_phrase_without_other_forms_is_found_in_the_short_way_as_in_the_long(
    query: str, text: str
) -> None:
    try:
        term = parse_topic(query).wanted[0]
    except TopicError:
        return
    words = read_words(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Acronyms, "may_change", lambda *_: True)
        acronyms = make_zigzag()
        long_way = find_occurrences(term, words, acronyms)
    assert find_occurrences(term, words, NO_ACRONYMS) == long_way


def test_a_phrase_without_other_forms_is_not_looked_for_word_by_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(occurrences, "_find_end", None)
    acronyms = make_zigzag()
    [term] = parse_topic("world model").wanted
    words = read_words("A model of the world: world models. World. Model, world model")
    assert find_occurrences(term, words, acronyms) == [(5, 7), (9, 11)]


@pytest.mark.parametrize(
    ("query", "title", "is_found"),
    [
        ("E. coli", "Growth of E. coli", True),
        ("E coli", "Growth of E. coli", True),
        ("E. coli", "Hepatitis E, coli and more", False),
        ("SE(3)", "SE(3) nets", True),
        ("SE(3)", "SE3 nets", True),
        ("SE3", "Of SE. 3 nets", False),
        ("St Louis", "In St. Louis", True),
        ("robot (arm) control", "Robot (arm) control", True),
        ("robot arm", "A robot. Arm yourself", False),
        ("Node.js", "A node, JS", False),
        ("LLM (agents)", "Large language model (agents)", True),
    ],
)
def test_stops_within_a_topic_may_stand_in_a_text_and_no_others(
    query: str, title: str, is_found: bool
) -> None:
    spelled_out = [f"large language models (LLMs) {n}" for n in range(3)]
    reading = read_text(Text(title), learn_acronyms(spelled_out))
    assert (find_topic(parse_topic(query), reading) is not None) is is_found
