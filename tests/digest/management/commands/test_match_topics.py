"""Topics found in a file of papers, without a database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command

PAPERS = [
    {"id": "a", "title": "A diffusion policy", "abstract": "It moves."},
    {"id": "b", "title": "Robots", "abstract": "They follow a diffusion policy."},
    {"id": "c", "title": "Robots", "abstract": "A policy. No diffusion."},
    {"id": 4, "title": "Cooking", "abstract": None, "authors": ["Yann LeCun"], "categories": "x"},
]


def run(capsys: Any, folder: Path, papers: list[Any], topics: str, **options: Any) -> list[str]:
    """The lines printed; what went to stderr is left in `run.told`."""
    lines = [paper if isinstance(paper, str) else json.dumps(paper) for paper in papers]
    (folder / "papers.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "topics.txt").write_text(topics)
    call_command("match_topics", folder / "papers.jsonl", folder / "topics.txt", **options)
    said = capsys.readouterr()
    told.clear()
    told.extend(said.err.splitlines())
    return list(said.out.splitlines())


told: list[str] = []


def test_pairs_are_topic_as_typed_id_and_strength(capsys: Any, tmp_path: Path) -> None:
    lines = run(capsys, tmp_path, PAPERS, "Diffusion  Policies\nauthor:lecun\n")
    rows = [line.split("\t") for line in lines]
    strengths = {(topic, paper): float(strength) for topic, paper, strength in rows}
    assert set(strengths) == {
        ("Diffusion  Policies", "a"),
        ("Diffusion  Policies", "b"),
        ("Diffusion  Policies", "c"),
        ("author:lecun", "4"),
    }
    in_title, in_abstract, apart = (strengths["Diffusion  Policies", i] for i in "abc")
    assert in_title > in_abstract > apart > 0


def listed(lines: list[str]) -> list[str]:
    """The papers' ids in their order."""
    return [line.split("\t")[1] for line in lines]


def test_near_papers_fill_a_topic_up_to_its_limit_only(capsys: Any, tmp_path: Path) -> None:
    near = [{"id": f"n{n}", "title": f"Policy, diffusion {n}" + " more" * n} for n in range(4)]
    lines = run(capsys, tmp_path, [*near, PAPERS[0]], "diffusion policy\n", most=2)
    assert listed(lines) == ["a", "n0"]
    assert not told


FINDS = [
    {"id": f"f{n}", "title": f"A diffusion policy {n}", "abstract": "A gripper grasps. " * (n + 1)}
    for n in range(9)
]


def test_finds_beyond_the_limit_are_held_back_and_it_says_how_to_have_them(
    capsys: Any, tmp_path: Path
) -> None:
    lines = run(capsys, tmp_path, FINDS, "diffusion policy\nrobots\n", most=7)
    every = run(capsys, tmp_path, FINDS, "diffusion policy\n", most=0)
    assert listed(lines) == listed(every)[:7]
    assert len(every) == 9
    assert not told
    run(capsys, tmp_path, FINDS, "diffusion policy\n", most=7)
    assert told == [
        "“diffusion policy” is found in 9 papers: 2 left out.",
        "2 finds are left out; `--most 0` lists every one.",
    ]


def test_a_paper_like_those_a_topic_was_found_in_is_near_without_its_words(
    capsys: Any, tmp_path: Path
) -> None:
    alike = {"id": "alike", "title": "Grasps of a gripper"}
    others = [{"id": f"o{n}", "title": f"Rivers and lakes {n}"} for n in range(20)]
    barred = {"id": "barred", "title": "Grasps of a gripper, surveyed in a survey"}
    papers = [*FINDS, alike, barred, *others]
    lines = run(capsys, tmp_path, papers, "diffusion policy -survey\n")
    assert listed(lines)[9:] == ["alike"]
    strengths = [float(line.split("\t")[2]) for line in lines]
    assert strengths == sorted(strengths, reverse=True)
    assert 0 < strengths[-1] < 0.5 < strengths[-2]
    lines = run(capsys, tmp_path, papers, "diffusion policy -survey\n", finds_only=True)
    assert len(lines) == 9


def test_a_find_in_passing_comes_behind_one_in_a_paper_like_the_others(
    capsys: Any, tmp_path: Path
) -> None:
    said = "A diffusion policy. "
    alike = {"id": "alike", "title": "On grasps", "abstract": f"{said}A gripper grasps."}
    passing = {"id": "passing", "title": "On rivers", "abstract": f"{said}A river flows."}
    others = [{"id": f"o{n}", "title": f"Rivers and lakes {n}"} for n in range(20)]
    papers = [*FINDS, alike, passing, *others]
    order = listed(run(capsys, tmp_path, papers, "diffusion policy\n", most=11))
    assert order.index("alike") < order.index("passing") == 10
    by_strength = run(capsys, tmp_path, papers, "diffusion policy\n", finds_only=True)
    assert listed(by_strength)[9:] == ["passing", "alike"]


def test_a_bad_topic_is_told_with_its_line_and_the_others_go_on(
    capsys: Any, tmp_path: Path
) -> None:
    lines = run(capsys, tmp_path, PAPERS, "the\n\nrobots\n-x y\n")
    assert len(lines) == 2
    assert len(told) == 2
    assert "topics.txt, line 1: “the” is in every paper" in told[0]
    assert "topics.txt, line 4: “x” is one letter" in told[1]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "This is not JSON"),
        ("[1]", 'A paper is an object with an "id"'),
        ('{"title": "Robots"}', 'A paper is an object with an "id"'),
        ('{"id": "x", "title": 5}', 'The "title" is no text'),
    ],
)
def test_a_bad_paper_is_told_with_its_line_and_the_others_go_on(
    capsys: Any, tmp_path: Path, line: str, sentence: str
) -> None:
    lines = run(capsys, tmp_path, [line, *PAPERS], "robots\n")
    assert len(lines) == 2
    assert len(told) == 1
    assert "papers.jsonl, line 1: " in told[0]
    assert sentence in told[0]


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no\.txt cannot be read: No such file"):
        call_command("match_topics", tmp_path / "no.jsonl", tmp_path / "no.txt")


def test_a_time_is_accepted_and_a_bad_one_refused(capsys: Any, tmp_path: Path) -> None:
    assert run(capsys, tmp_path, PAPERS, "robots\n", now="2026-04-22")
    with pytest.raises(CommandError, match="is not a time"):
        run(capsys, tmp_path, PAPERS, "robots\n", now="soon")


def test_less_than_no_papers_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--most is a number of papers, or 0"):
        call_command("match_topics", tmp_path / "no.jsonl", tmp_path / "no.txt", most=-1)


def test_acronyms_are_learned_from_the_papers_of_the_file(capsys: Any, tmp_path: Path) -> None:
    spelled = [{"id": n, "title": f"Large language models (LLMs) {n}"} for n in range(3)]
    long = {"id": "long", "title": "A large language model"}
    lines = run(capsys, tmp_path, [*spelled, long], 'LLM\n"LLM"\n')
    assert "LLM\tlong" in {line.rpartition("\t")[0] for line in lines}
    assert '"LLM"\tlong' not in {line.rpartition("\t")[0] for line in lines}


def test_papers_may_come_through_a_pipe(capsys: Any, tmp_path: Path) -> None:
    (tmp_path / "topics.txt").write_text("robots\n")
    pipe = tmp_path / "papers"
    os.mkfifo(pipe)
    lines = "".join(json.dumps(paper) + "\n" for paper in PAPERS)
    writer = Thread(target=pipe.write_text, args=[lines])
    writer.start()
    call_command("match_topics", pipe, tmp_path / "topics.txt")
    writer.join()
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_as_digest_lists_what_digests_take_in_their_order(capsys: Any, tmp_path: Path) -> None:
    lines = run(capsys, tmp_path, PAPERS, "diffusion policy\nauthor:lecun\n", as_digest=True)
    assert [line.split("\t")[:2] for line in lines] == [
        ["diffusion policy", "a"],
        ["diffusion policy", "b"],
        ["diffusion policy", "c"],  # of four papers nobody can tell what is usual of the topic
        ["author:lecun", "4"],
    ]
    strengths = [float(line.split("\t")[2]) for line in lines]
    assert strengths[0] > strengths[1] > 0
