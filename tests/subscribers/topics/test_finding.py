"""Which papers a topic finds, which it must not, and the words that show it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscribers.topics import (
    Text,
    TopicError,
    TopicIndex,
    TopicMatch,
    count_stems,
    find,
    find_alike,
    find_near,
    learn_acronyms,
    normal_form,
    parse,
    read,
)
from subscribers.topics.words import read_words
from tests.properties import examples

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
    parsed = parse(topic)
    assert find(parsed, Text(holds))
    assert find(parsed, Text("", holds))
    assert not find(parsed, Text(holds_not, holds_not))


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("diffusion policy", "Two Diffusion-Policies compared"),
        ("Diffusion Policy", "a diffusion policy"),
        ("llm agents", "LLM agents"),
        ("rag", "RAG"),  # small letters find any
        ("sam", "Sam and SAM"),
        ("language model", "language modeling"),
        ("pre-training", "we pretrain and pre-train"),
        ("pretraining", "pre-training"),
        ("autoencoder", "auto-encoders"),
        ("sim-to-real", "Sim2Real"),
        ("text-to-image", "text‑to–image"),
        ("actor-critic", "Actor–Critic"),
        ("LLM-based agents", "(LLM)-based agents"),
        ("GPT-4", "GPT4"),
        ("3D", "a 3-D scene"),
        ("β-VAE", "$\\beta$-VAE and β-VAE"),
        ("Frechet inception distance", "the Fréchet Inception Distance"),
        ("optimisation", "Optimization"),
        ("扩散模型", "关于扩散模型的研究"),
        ("O'Reilly", "O’Reilly’s book"),
        ("matrix", "Matrices"),
        ("gpu", "GPUs"),
        ("k-means", "K-Means clustering"),
        ("world model", "world\nmodels"),
        ('"in-context learning"', "In Context Learning"),
        ("actor critic", "*actor* critic"),
        ("transformer -power", "Transformers"),
        ("policy -diffusion", "Policies"),
    ],
)
def test_a_phrase_is_found_in_another_number_ending_case_or_spelling(topic: str, text: str) -> None:
    assert find(parse(topic), Text(text))
    assert find(parse(topic), Text("", text))


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("diffusion policy", "diffusion. Policy"),
        ("diffusion policy", "diffusion, policy"),
        ("diffusion policy", "diffusion (policy)"),
        ("diffusion policy", "policy diffusion"),
        ("diffusion policy", "diffusion of a policy"),
        ("transformer", "we transform data"),
        ("generalization", "in general"),
        ("exploration", "we explore"),
        ("news", "a new way"),
        ("policy", "the police"),
        ("agent", "agency"),
        ('"language models"', "a language model"),
        ('"language model"', "language modeling"),
        ("PointNet", "PointNet++"),
        ("GPT-4", "GPT-4.5"),
        ("transformer -power", "Transformers for power grids"),
        ('robots -"rescue team"', "robots in a rescue team"),
        ("agents + tools", "agents alone"),
        ("title:survey", ""),
    ],
)
def test_what_a_reader_would_not_accept_is_not_found(topic: str, text: str) -> None:
    assert not find(parse(topic), Text("", text))
    assert not find(parse(topic), Text("A title", text))


def test_a_phrase_does_not_run_from_the_title_into_the_abstract() -> None:
    assert not find(parse("world model"), Text("The world", "Model us."))


PAPER = Text(
    "A survey of agents",
    "Tools of the trade.",
    ("Yann A. LeCun", "José Müller", "Wei Li", "王小明"),
    "NVIDIA Research",
    ("cs.CL", "stat.ML", "cond-mat.mes-hall"),
)


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ('author:"Yann LeCun"', ("Yann A. LeCun",)),
        ('author:"LeCun Yann"', ("Yann A. LeCun",)),
        ('author:"Y. LeCun"', ("Yann A. LeCun",)),
        ("author:lecun", ("Yann A. LeCun",)),
        ("author:muller", ("José Müller",)),
        ("author:王小明", ("王小明",)),
        ("org:nvidia", ("NVIDIA Research",)),
        ('org:"nvidia research"', ("NVIDIA Research",)),
        ("cat:cs.CL", ("cs.CL",)),
        ("cat:cs", ("cs.CL",)),
        ("cat:cond-mat", ("cond-mat.mes-hall",)),
        ("title:survey", ("survey",)),
        ('title:"survey of agents"', ("survey of agents",)),
        ("author:lecun + tools + cat:stat", ("Yann A. LeCun", "Tools", "stat.ML")),
        ("agents -cat:math -author:bengio", ("agents",)),
    ],
)
def test_a_field_is_found_and_shown_as_the_paper_spells_it(
    topic: str, words: tuple[str, ...]
) -> None:
    found = find(parse(topic), PAPER)
    assert found
    assert found.words == words


@pytest.mark.parametrize(
    "topic",
    [
        "author:yan",
        'author:"Yann Li"',
        'author:"X. LeCun"',
        "author:nvidia",
        "org:nvid",
        "org:lecun",
        "cat:c",
        "cat:cs.LG",
        "cat:cs.CLX",
        "title:tools",
        "agents -cat:cs",
        "agents -author:lecun",
        "survey -title:survey",
    ],
)
def test_a_field_finds_only_what_stands_in_it(topic: str) -> None:
    assert not find(parse(topic), PAPER)


def test_the_words_are_shown_as_the_paper_spells_them_each_spelling_once() -> None:
    text = Text("World Models", "A world-model and the world models of a WORLD MODEL.")
    found = find(parse("world model"), text)
    assert found
    assert found.words == ("World Models", "world-model", "WORLD MODEL")


SPELLED_OUT = [
    "Large language models (LLMs) reason.",
    "We train large language models (LLM).",
    "LLMs (large language models) again.",
]


def test_an_acronym_that_papers_spell_out_finds_its_long_form_and_the_reverse() -> None:
    acronyms = learn_acronyms(SPELLED_OUT)
    long = read(Text("Agents of a Large Language Model"), acronyms)
    short = read(Text("LLM-based agents use LLMs"), acronyms)
    assert find(parse("LLM"), long)
    assert find(parse("LLM"), long).words == ("Large Language Model",)
    assert find(parse("large language model"), short).words == ("LLM", "LLMs")
    assert find(parse("large language model based agents"), short)
    assert find(parse("LLM agents -chess"), read(Text("Large language model agents"), acronyms))
    assert not find(parse("large language"), short)
    assert not find(parse("LLM"), Text("Large language models"))  # nobody has spelled it out


def test_quotes_and_small_letters_switch_acronyms_off() -> None:
    long = read(Text("A large language model"), learn_acronyms(SPELLED_OUT))
    assert not find(parse('"LLM"'), long)
    assert find(parse('"LLM"'), Text("What LLMs know"))
    assert not find(parse('"LLMs"'), Text("An LLM"))
    assert not find(parse("llm"), long)
    short = read(Text("An LLM"), learn_acronyms(SPELLED_OUT))
    assert not find(parse('"large language model"'), short)


@pytest.mark.parametrize(
    ("short", "text"),
    [
        ("GAN", "generative adversarial networks (GANs)"),
        ("VAE", "a variational autoencoder (VAE)"),
        ("VAE", "a variational auto-encoder (VAE)"),
        ("LoRA", "low-rank adaptation (LoRA)"),
        ("BERT", "Bidirectional Encoder Representations from Transformers (BERT)"),
        ("SLAM", "simultaneous localization and mapping (SLAM)"),
        ("CoT", "chain-of-thought (CoT)"),
        ("MARL", "multi-agent reinforcement learning (MARL)"),
        ("RAG", "RAG (retrieval-augmented generation)"),
    ],
)
def test_the_letters_of_an_acronym_come_from_its_words(short: str, text: str) -> None:
    assert learn_acronyms([f"On {text}."] * 3).long_forms.keys() == {short}


@pytest.mark.parametrize(
    "text",
    [
        "robust control (MPC)",  # other letters
        "a model (see PID control)",
        "results (Table II)",
        "many models (e.g., GPT)",
        "networks (GN)",  # one word
        "We stop. Generative adversarial. Networks (GAN)",  # not one phrase
        "a cat (cat)",
        "k nearest neighbours (kNN)",  # written closed it is two words to us
        "empty ()",
        "(LLM)",
    ],
)
def test_an_acronym_is_never_guessed(text: str) -> None:
    assert not learn_acronyms([text] * 3)


def test_an_acronym_counts_only_when_enough_papers_agree() -> None:
    gan = "generative adversarial networks (GAN)"
    assert not learn_acronyms([f"{gan} {gan} {gan}"] * 2)
    assert learn_acronyms([gan] * 3)
    ssl = ["self-supervised learning (SSL)"] * 4 + ["semi-supervised learning (SSL)"] * 4
    assert not learn_acronyms(ssl)
    assert learn_acronyms([*ssl[:7], "self-supervised learning (SSL)"]).long_forms["SSL"]


def test_title_comes_before_abstract_and_twice_before_once() -> None:
    topic, filler = parse("world model"), "We say much about other matters here."
    in_title = find(topic, Text("A world model for robots", filler))
    twice = find(topic, Text("About robots", f"{filler} The world model. A world model!"))
    once = find(topic, Text("About robots", f"{filler} The world model. Another thing!"))
    assert in_title
    assert twice
    assert once
    assert in_title.strength > twice.strength > once.strength > 0


def test_a_phrase_spelled_as_typed_comes_before_another_ending() -> None:
    topic = parse("robotic hand")
    typed = find(topic, Text("On rest", "The robotic hand sleeps."))
    other = find(topic, Text("On rest", "The robot hands sleep."))
    assert typed
    assert other
    assert typed.strength > other.strength


def test_a_topic_by_itself_comes_before_one_within_a_longer_name() -> None:
    topic = parse("autoencoder")
    alone = find(topic, Text("On rest", "The autoencoder is trained by us."))
    within = find(topic, Text("On rest", "The variational autoencoder trained us."))
    assert alone
    assert within
    assert alone.strength > within.strength


def test_rare_words_weigh_more() -> None:
    statistics = count_stems([" model | world ", " model ", " model ", " axolotl "])
    reading = read(Text("Model axolotl"), statistics=statistics)
    rare, common = find(parse("axolotl"), reading), find(parse("model"), reading)
    assert rare
    assert common
    assert rare.strength > common.strength


def test_a_near_find_is_weaker_than_every_other_and_no_find_for_a_digest() -> None:
    topic = parse("diffusion policy")
    near = find_near(topic, Text("Diffusion: a policy of diffusion, policy", "diffusion. policy."))
    far = find_near(topic, Text("Else", "Something else. " * 60 + "A diffusion policy."))
    assert near
    assert far
    assert near.is_near
    assert not far.is_near
    assert near.strength < far.strength
    assert not find(topic, Text("Diffusion: a policy"))
    assert not find_near(topic, Text("Nothing of it"))
    assert not find_near(parse("title:diffusion"), Text("", "diffusion"))
    assert not find_near(parse('"a policy"'), Text("", "policy"))


def test_a_phrase_whose_words_meet_again_comes_before_one_said_in_passing() -> None:
    topic = parse("image segmentation")
    again = find(topic, Text("On rest", "Image segmentation. We segment each rare image at once."))
    apart = find(topic, Text("On rest", "Image segmentation. We segment. " + "So. " * 12 + "Image"))
    assert again
    assert apart
    assert again.strength > apart.strength


def test_a_paper_without_the_words_may_be_alike_unless_the_topic_shuts_it_out() -> None:
    other = Text("Something else", "It is red.")
    alike = find_alike(parse("diffusion policy + robots"), other)
    assert alike == TopicMatch(0.0, (), is_near=True)
    assert find_alike(parse("something else -green"), other) == find(parse("something else"), other)
    for topic in ("policy -red", "title:policy", '"a policy"', "author:lecun + policy"):
        assert find_alike(parse(topic), other) is None


def test_a_normal_form_is_folded_stemmed_and_padded() -> None:
    assert normal_form("Parallel Decoding for Diffusion") == " parallel decod for diffus "
    assert normal_form("  …  ") == ""


@given(st.text())
@example("²µ")
def test_a_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


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
PARTS |= st.sampled_from(["author:lecun", 'author:"y. lecun"', "org:nvidia", "cat:cs", "cat:cs.CL"])
TOPICS = st.tuples(
    st.lists(PARTS, min_size=1, max_size=3).map(" + ".join),
    st.lists(WORDS, max_size=1).map(lambda words: "".join(f" -{word}" for word in words)),
).map("".join)
PAPERS = st.builds(
    Text,
    SENTENCES,
    SENTENCES,
    st.sampled_from([(), ("Yann LeCun",), ("Li Wei", "Y. LeCun")]),
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
            topics[number] = parse(query)
        except TopicError:
            continue
        index.add_topic(number, topics[number])
    for text in texts:
        reading = read(text, acronyms)
        candidates = index.find_candidates(reading.normal_form, text, acronyms)
        alone = {number for number, topic in topics.items() if find(topic, reading)}
        assert {n for n in candidates if find(topics[n], reading)} == alone


def test_an_index_of_many_topics_finds_each_of_them_and_knows_which_it_has() -> None:
    index = TopicIndex()
    letters = "abcdefghijklm"
    names = [f"x{a}{b}{c}" for a in letters for b in letters for c in letters]
    for number, name in enumerate(names):
        index.add_topic(number * 7, parse(f"{name} matter"))
        index.add_topic(number * 7, parse("another matter"))  # the first counts
    assert len(index) == len(names)
    assert 7 in index
    assert 8 not in index
    assert 10**9 not in index
    for number in range(0, len(names), 100):
        form = normal_form(f"{names[number]} matter")
        assert index.find_candidates(form, Text("")) == {number * 7}


def test_words_stand_where_the_text_has_them_however_far_its_blanks_are_apart() -> None:
    signs = "扩散模型" * 30
    words = read_words(f"A (multimodal)  model\nof seq2seq, {signs} β-VAE")
    spelled = [words.spell(i, i) for i in range(len(words.stems))]
    assert spelled[:8] == ["A", "multi", "modal", "model", "of", "seq", "2", "seq"]
    assert spelled[8:] == [*signs, "β", "VAE"]
