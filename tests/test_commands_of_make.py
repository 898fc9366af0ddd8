"""What a newcomer types: `make`, `make run`, `make test`, and what CI calls."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.running import PATIENCE_SECONDS

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
FAKE_PYTHON = """#!/bin/sh
echo "$*" >> {log}
"""
FAKE_UV = """#!/bin/sh
echo "uv $*; find links $UV_FIND_LINKS; index $UV_DEFAULT_INDEX" >> {log}
exit {exit_code}
"""
# What the recipes of the Makefile and its scripts call.
PROGRAMS = ["sh", "touch", "rm", "mkdir", "sed", "awk", "find", "tr", "dirname", "echo", "date"]
# Answers the questions of scripts/make_venv.sh as an interpreter would that has these traits.
FAKE_SYSTEM_PYTHON = """#!/bin/sh
case "$2" in
    *print*) echo {version} ;;
    *sys.exit*) exit {unsupported} ;;
    *ensurepip*) exit {incomplete} ;;
    venv) mkdir -p "$3/bin" && echo made > "$3/bin/made-by-{version}" ;;
esac
"""


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make where there are no more programs than its recipes need, uv only if it was made."""
    unwanted = ("MAKE", "ARGS", "MFLAGS", "PORT", "PYTHON", "PIP_", "UV_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    env["PATH"] = str(folder.parent / "programs")
    return subprocess.run(
        [str(shutil.which("make")), *words],
        cwd=folder,
        env=env | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of a checkout that make needs, in an empty folder."""
    folder = tmp_path / "clone"
    (folder / "scripts").mkdir(parents=True)
    names = ["Makefile", "requirements.txt", "requirements-dev.txt"]
    for name in names + [f"scripts/{path.name}" for path in (ROOT / "scripts").glob("*.sh")]:
        shutil.copy(ROOT / name, folder / name)
    link_programs(tmp_path / "programs", *PROGRAMS)
    return folder


def link_programs(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))


@pytest.fixture
def calls(clone: Path, tmp_path: Path) -> Path:
    """A .venv whose Python only writes down what it was asked to do."""
    log = tmp_path / "calls"
    write_program(clone / ".venv" / "bin" / "python", FAKE_PYTHON.format(log=log))
    write_program(clone / ".venv" / "bin" / "oxlint", FAKE_PYTHON.format(log=log))
    write_program(clone / ".venv" / "bin" / "pip", "")
    return log


def lines(log: Path) -> list[str]:
    done = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return done


def test_make_alone_lists_every_command(clone: Path) -> None:
    said = make(clone)
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert {"run", "test", "check", "clean", "pictures", "help"} <= targets
    assert set(re.findall(r"^  make (\w+) ", said.stdout, re.MULTILINE)) == targets
    assert said.returncode == 0


def test_run_installs_first_and_then_serves_on_the_port(clone: Path, calls: Path) -> None:
    assert make(clone, "run", "PORT=8123").returncode == 0
    install, run = lines(calls)
    assert install.startswith("-m pip install ")
    assert install.endswith(" --require-hashes -r requirements.txt")
    assert run == "manage.py run --port 8123"


def test_a_second_run_installs_nothing(clone: Path, calls: Path) -> None:
    make(clone, "run")
    lines(calls)
    make(clone, "run")
    assert lines(calls) == ["manage.py run --port 8000"]


def test_new_requirements_are_installed_before_the_next_run(clone: Path, calls: Path) -> None:
    make(clone, "run")
    lines(calls)
    later = (clone / ".venv" / "run.stamp").stat().st_mtime + 5
    os.utime(clone / "requirements.txt", (later, later))
    make(clone, "run")
    assert [line.split()[1] for line in lines(calls)] == ["pip", "run"]


def test_run_does_not_install_what_only_tests_need(clone: Path, calls: Path) -> None:
    make(clone, "run")
    assert "requirements-dev.txt" not in calls.read_text()


def test_a_failed_installation_stops_with_advice_and_is_tried_again(clone: Path) -> None:
    write_program(clone / ".venv" / "bin" / "python", "#!/bin/sh\nexit 1\n")
    said = make(clone, "run")
    assert said.returncode != 0
    assert "requirements.txt could not be installed" in said.stderr
    assert not (clone / ".venv" / "run.stamp").exists()


def test_uv_installs_where_it_is_there(clone: Path, calls: Path, tmp_path: Path) -> None:
    write_program(tmp_path / "programs" / "uv", FAKE_UV.format(log=calls, exit_code=0))
    links, index = "/one/folder /another", "file:///an/index"
    make(clone, "run", PIP_FIND_LINKS=links, PIP_INDEX_URL=index)
    install, run = lines(calls)
    asked, *pips_own = install.split("; ")
    assert asked.startswith("uv pip install ")
    assert " --python .venv/bin/python " in asked
    assert asked.endswith(" --require-hashes -r requirements.txt")
    assert pips_own == ["find links /one/folder,/another", f"index {index}"]
    assert run == "manage.py run --port 8000"


def test_pip_installs_where_uv_cannot(clone: Path, calls: Path, tmp_path: Path) -> None:
    write_program(tmp_path / "programs" / "uv", FAKE_UV.format(log=calls, exit_code=2))
    said = make(clone, "run")
    assert [line.split()[:3] for line in lines(calls)] == [
        ["uv", "pip", "install"],
        ["-m", "pip", "install"],
        ["manage.py", "run", "--port"],
    ]
    assert "Now pip tries" in said.stderr


def test_an_environment_that_uv_made_is_given_pip(clone: Path, calls: Path) -> None:
    (clone / ".venv" / "bin" / "pip").unlink()
    make(clone, "run")
    assert [line.split()[1] for line in lines(calls)] == ["ensurepip", "pip", "run"]


def system(tmp_path: Path, **pythons: str) -> str:
    """A PATH with these interpreters and nothing but the few programs that the scripts need."""
    folder = tmp_path / "system"
    link_programs(folder, "sh", "touch", "rm", "mkdir")
    for name, text in pythons.items():
        write_program(folder / name.replace("_", "."), text)
    return str(folder)


def fake(version: str, *, supported: bool = True, complete: bool = True) -> str:
    return FAKE_SYSTEM_PYTHON.format(
        version=version, unsupported=int(not supported), incomplete=int(not complete)
    )


def make_venv(clone: Path, path: str, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "scripts/make_venv.sh", ".venv"],
        cwd=clone,
        env={"PATH": path, "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def test_too_old_a_python_is_named_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    path = system(tmp_path, python3=fake("3.9", supported=False))
    said = make_venv(clone, path, "python3")
    assert said.returncode == 1
    assert "needs Python 3.11, 3.12, 3.13 or 3.14, and found only: python3=3.9." in said.stderr
    assert "make run PYTHON=" in said.stderr


def test_no_python_at_all_is_said(clone: Path, tmp_path: Path) -> None:
    said = make_venv(clone, system(tmp_path), "python3")
    assert said.returncode == 1
    assert "found no Python at all" in said.stderr


def test_a_python_without_ensurepip_is_named_with_what_to_install(
    clone: Path, tmp_path: Path
) -> None:
    path = system(tmp_path, python3=fake("3.12", complete=False))
    said = make_venv(clone, path, "python3")
    assert said.returncode == 1
    assert "apt install python3-venv" in said.stderr


def test_the_first_interpreter_that_will_do_is_taken(clone: Path, tmp_path: Path) -> None:
    path = system(
        tmp_path,
        python3_13=fake("3.13", complete=False),
        python3_12="#!/bin/sh\nexit 127\n",  # a version manager's empty shim
        python3_11=fake("3.11"),
        python3=fake("3.10", supported=False),
    )
    said = make_venv(clone, path, "python3 python3.13 python3.12 python3.11")
    assert said.returncode == 0, said.stderr
    assert (clone / ".venv" / "bin" / "made-by-3.11").exists()


LINT = [
    "-m ruff check .",
    "-m ruff format --check .",
    "-m djlint --lint --quiet --extension html templates",
    "-m djlint --lint --quiet --extension mjml templates",
    "--quiet --deny-warnings static",  # oxlint
    "manage.py makemigrations --check --dry-run",
    "-m pytest -q tests/test_architecture.py",
    "-m mypy --strict .",
]


def test_lint_asks_every_quick_check_and_runs_no_long_test(clone: Path, calls: Path) -> None:
    make(clone, "test")
    lines(calls)
    assert make(clone, "lint").returncode == 0
    assert lines(calls) == LINT


def test_guards_are_taken_away_beside_real_servers(clone: Path, calls: Path) -> None:
    make(clone, "guards", "ARGS=1 4")
    assert lines(calls)[-1] == (
        "scripts/with_services.py .venv/bin/python -m tests.without_guards 1 4"
    )


def test_test_and_check_run_the_same_tests(clone: Path, calls: Path) -> None:
    make(clone, "test", "ARGS=-k word")
    tested = lines(calls)
    assert tested[-1] == "scripts/run_tests.py -k word"
    assert any(line.endswith("--require-hashes -r requirements-dev.txt") for line in tested)
    make(clone, "thorough")
    assert lines(calls)[-1] == "scripts/run_tests.py --thorough"
    make(clone, "check")
    assert lines(calls) == [*LINT, "scripts/run_tests.py --fail-under 95"]


def test_fuzz_says_how_to_try_the_same_again(clone: Path, calls: Path) -> None:
    said = make(clone, "fuzz", "FUZZ_SEED=7", "FUZZ_EXAMPLES=50")
    assert said.returncode == 0
    assert "make fuzz FUZZ_EXAMPLES=50 FUZZ_SEED=7\n" in said.stdout
    assert "-m hypothesis --hypothesis-seed=7" in lines(calls)[-1]
    assert re.search(r"FUZZ_EXAMPLES=3000 FUZZ_SEED=\d{9,}\n", make(clone, "fuzz").stdout)


def test_ci_calls_the_quick_checks_and_the_command_that_the_readme_names() -> None:
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    assert re.findall(r"make \w+", ci.read_text()) == ["make lint", "make test", "make thorough"]
    assert "make test " in (ROOT / "README.md").read_text()


@pytest.mark.usefixtures("calls")
def test_clean_keeps_the_data(clone: Path) -> None:
    (clone / "var").mkdir()
    (clone / "var" / "offprint.sqlite3").write_text("papers")
    (clone / "digest" / "__pycache__").mkdir(parents=True)
    make(clone, "clean")
    assert (clone / "var" / "offprint.sqlite3").read_text() == "papers"
    assert not (clone / ".venv").exists()
    assert not (clone / "digest" / "__pycache__").exists()
