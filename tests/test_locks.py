"""The locks hold every package that pyproject.toml asks for, and what these need in turn."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAMES = ("requirements.txt", "requirements-image.txt", "requirements-dev.txt")
LOCKS = {name: (ROOT / name).read_text() for name in NAMES}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def pins(lock: str) -> dict[str, str]:
    """Each package's release; every line that names one must be a pin."""
    lines = re.findall(r"^(?![ #])(.+?)(?: ;.*)? \\$", LOCKS[lock], re.MULTILINE)
    assert lines
    return dict(line.split("==") for line in lines)


def asked_for(lock: str) -> list[Requirement]:
    groups = PROJECT["dependency-groups"]["dev"] if lock == "requirements-dev.txt" else []
    extras = PROJECT["project"]["optional-dependencies"] if lock != "requirements.txt" else {}
    lines = [*PROJECT["project"]["dependencies"], *chain(*extras.values()), *groups]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_is_pinned_with_its_hashes(lock: str) -> None:
    entries = re.split(r"\n(?![ #])", LOCKS[lock].split("make lock\n")[1].rstrip())
    assert len(entries) == len(pins(lock))
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+ ", entry)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_fits_what_the_project_asks_for(lock: str) -> None:
    """`make lock` mends it."""
    locked = pins(lock)
    for wanted in asked_for(lock):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


def test_tests_run_on_what_production_runs_on() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-image.txt").items()
    assert pins("requirements-image.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("lock", ["requirements-image.txt", "requirements-dev.txt"])
def test_the_image_has_what_any_provider_needs(lock: str) -> None:
    """boto3 for Amazon SES, cryptography for Postal's signatures, svix for Resend's."""
    assert {"boto3", "cryptography", "svix"} <= pins(lock).keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_packages_come_from(lock: str) -> None:
    assert not re.findall(r"://|-index|--find-links|--trusted-host", LOCKS[lock])


def test_all_pythons_that_are_named_are_the_same() -> None:
    classifiers = " ".join(PROJECT["project"]["classifiers"])
    assert re.findall(r"Python :: (3\.\d+)", classifiers) == PYTHONS
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())["jobs"]
    assert jobs["tests"]["strategy"]["matrix"]["python"] == PYTHONS
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / "README.md").read_text()
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / "Makefile").read_text()
    assert (
        "(3, 11) <= sys.version_info[:2] <= (3, 14)"
        in (ROOT / "scripts" / "make_venv.sh").read_text()
    )


def test_the_changelog_begins_with_the_version_that_the_project_has() -> None:
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] in (PROJECT["project"]["version"], "Unreleased")
