"""The documents name only what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# What a page may name though it is not in the checkout: made by running, or somebody's own.
NOT_OURS = ("var/", "people.csv", "feeds.opml")


def named_paths(text: str) -> set[str]:
    """Every path of ours that stands in backticks: `digest/score/stage.py`, `docs/`."""
    spans = re.findall(r"`([^`\n]+)`", text)
    paths = {
        span for span in spans if re.fullmatch(r"[\w.-]+(/[\w.-]*)+(\.py|\.md|\.toml|/)", span)
    }
    return {path for path in paths if not path.startswith(NOT_OURS)}


@pytest.mark.parametrize(
    "document", PAGES, ids=lambda document: document.relative_to(ROOT).as_posix()
)
def test_every_path_that_a_page_names_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return  # it tells of what was
    paths = named_paths(document.read_text())
    folders = [ROOT, ROOT / "digest", document.parent]
    assert not {path for path in paths if not any((f / path).exists() for f in folders)}


@pytest.mark.parametrize(
    "document", PAGES, ids=lambda document: document.relative_to(ROOT).as_posix()
)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", document.read_text())
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in local if not (document.parent / link).exists()]


def test_the_index_of_docs_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {page.name for page in ROOT.glob("docs/*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\((\w+\.md)\)", index))


def test_the_index_for_operators_has_every_page() -> None:
    index = (ROOT / "docs" / "operate" / "README.md").read_text()
    pages = {page.name for page in ROOT.glob("docs/operate/*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_a_path_that_is_gone_would_be_found() -> None:
    assert named_paths("See `digest/cards.py` and `make run`.") == {"digest/cards.py"}


@pytest.mark.parametrize("name", ["docs/scale.md", "bench/last_run.json"])
def test_what_a_run_wrote_names_no_file_of_the_machine_it_ran_on(name: str) -> None:
    said = (ROOT / name).read_text()
    assert not re.findall(r'File \\?"/|Traceback|/(?:home|root|tmp|work)/', said)
