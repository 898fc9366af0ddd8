"""The topic language: parse it, bring it to normal form, and find it in one paper.

diffusion policy        the words side by side, in any case, with or without hyphens; in a phrase
                        in any number and ending (stemmed), a single word in any number
"in-context learning"   exactly these words
agents + tool use       both, anywhere in the paper
transformer -power      the first without the second
author:Yann LeCun       and org:nvidia, cat:cs.CL, title:survey: by field
RAG, LoRA, SAM          capitals inside a word are taken at their word: RAG is not rag
"""

from subscribers.topics.acronyms import (
    NO_ACRONYMS,
    Acronyms,
    learn_acronyms,
)
from subscribers.topics.also_found import AlsoFound, find_kinds, list_also_found
from subscribers.topics.finding import TopicMatch, find_alike, find_near, find_topic, is_topic_in
from subscribers.topics.index import TopicIndex, choose_anchor
from subscribers.topics.language import parse_once, parse_stored, parse_topic
from subscribers.topics.learn_variants import learn_forms
from subscribers.topics.likeness import Profiles, UsualPaper, Weights, weigh_stems
from subscribers.topics.misreadings import explain_reading
from subscribers.topics.reading import Reading, Text, read_text
from subscribers.topics.readings import list_readings
from subscribers.topics.sense import (
    TopicSense,
    compute_floor,
    learn_weights,
    measure_some_words,
    measure_words,
    read_weights,
)
from subscribers.topics.slugs import slugify_topic
from subscribers.topics.strength import NO_STATISTICS, Statistics, count_stems
from subscribers.topics.terms import ParsedTopic, Term, TopicError
from subscribers.topics.words import normal_form

__all__ = [
    "NO_ACRONYMS",
    "NO_STATISTICS",
    "Acronyms",
    "AlsoFound",
    "ParsedTopic",
    "Profiles",
    "Reading",
    "Statistics",
    "Term",
    "Text",
    "TopicError",
    "TopicIndex",
    "TopicMatch",
    "TopicSense",
    "UsualPaper",
    "Weights",
    "choose_anchor",
    "compute_floor",
    "count_stems",
    "explain_reading",
    "find_alike",
    "find_kinds",
    "find_near",
    "find_topic",
    "is_topic_in",
    "learn_acronyms",
    "learn_forms",
    "learn_weights",
    "list_also_found",
    "list_readings",
    "measure_some_words",
    "measure_words",
    "normal_form",
    "parse_once",
    "parse_stored",
    "parse_topic",
    "read_text",
    "read_weights",
    "slugify_topic",
    "weigh_stems",
]
