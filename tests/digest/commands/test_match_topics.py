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


def test_words_apart_fill_a_topic_up_to_its_limit_only(
    capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.management.commands.match_topics.NEAR_UP_TO", 2)
    near = [{"id": f"n{n}", "title": f"Policy, diffusion {n}" + " more" * n} for n in range(4)]
    lines = run(capsys, tmp_path, [*near, PAPERS[0]], "diffusion policy\n")
    assert [line.split("\t")[1] for line in lines] == ["a", "n0"]


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
