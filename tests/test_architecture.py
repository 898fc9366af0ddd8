"""The one-way order of imports. Lower modules never import higher ones."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "digest", "subscribers")

# Each module may import only from the lines above its own.
ORDER = """
subscribers.topics.spelling subscribers.topics.terms subscribers.topics.strength
subscribers.topics.words
subscribers.topics.language subscribers.topics.phrases
subscribers.topics.acronyms
subscribers.topics.reading
subscribers.topics.finding subscribers.topics.index subscribers.topics.likeness
subscribers.topics
subscribers.templatetags.in_words subscribers.templatetags
subscribers.schedule
subscribers.models
subscribers.learned
subscribers.tokens subscribers.limits subscribers.mailboxes
subscribers.emails subscribers.inbound
subscribers.signup subscribers.account subscribers.export
subscribers.confirmation subscribers.coming
subscribers.links subscribers.leaving
subscribers.tasks subscribers.fields
subscribers.forms
subscribers.pages subscribers.imports
subscribers.admin.lists
subscribers.admin.readers subscribers.admin.topics subscribers.admin.staff
subscribers.views subscribers.account_views subscribers.confirm_page subscribers.admin
subscribers.urls subscribers.apps
digest.opml
digest.identifiers digest.tex.signs digest.tex.formulas digest.guard digest.spans digest.widths
digest.replies digest.repeats digest.found digest.framed digest.one_at_a_time
digest.tex.prose
digest.tex.reading
digest.tex
digest.text
digest.models
digest.traits
digest.leanings
digest.wording digest.days digest.charts digest.masthead digest.health
digest.excerpts
digest.outbox digest.verdicts digest.fetch digest.sources
digest.sources.child
digest.sources.huggingface digest.sources.feed
digest.sources.arxiv
digest.ingest.turns digest.ingest.schedule digest.ingest.shelf digest.ingest.twins
digest.ingest.papers
digest.ingest.polls
digest.match.filing digest.match.kept digest.match.catalogue digest.signs
digest.match.shelves
digest.match.recent
digest.match.matching digest.warming
digest.match.volumes
digest.proposals.bibtex digest.proposals.addresses digest.proposals.usage digest.proposals.lookup
digest.proposals.telling
digest.proposals.drafts
digest.proposals.bibliography digest.proposals.named
digest.proposals.proposing
digest.proposals
digest.search
digest.ingest digest.score digest.match digest.track digest.providers
digest.shortlist digest.frames digest.bulletin
digest.feedback digest.places
digest.effects digest.muting
digest.cards digest.contents digest.everywhere digest.readers digest.second_wave
digest.choosing
digest.headlines digest.fitting digest.subjects
digest.joining
digest.claims digest.compose digest.render
digest.preview digest.deliver
digest.accounts
digest.doctor.symptom digest.waking
digest.doctor.surroundings digest.doctor.rows
digest.doctor.examination
digest.doctor
digest.sample.material
digest.sample.shapes
digest.sample
digest.tasks
digest.admin.columns
digest.admin.sources digest.admin.papers digest.admin.deliveries digest.admin.front_page
digest.listing digest.letters digest.mail_page digest.tried digest.reckoning digest.bibtex
digest.paging digest.try_out digest.answers digest.interests
digest.paper_page digest.topic_pages digest.search_page digest.feeds digest.api.asking
digest.api.shapes digest.sitemap
digest.api.views digest.api
digest.reading_list digest.reader_pages
digest.feedback_pages digest.reading_pages
digest.reader_urls
digest.views digest.admin digest.apps
digest.urls
digest.management.new_sources
digest.management.clock digest.management.embedded digest.management.first_run
digest.management.trends digest.management.tastes
digest.management.rehearsal
digest.management
"""
RANK = {name: rank for rank, line in enumerate(ORDER.splitlines()) for name in line.split()}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {
    dotted(path): path
    for package in ("digest", "subscribers")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
}


def rank(module: str) -> int | None:
    """A module's place in the order; a package's line speaks for all below it."""
    while module:
        if module in RANK:
            return RANK[module]
        module = module.rpartition(".")[0]
    return None


def first_party_imports(module: str) -> set[str]:
    """Every module of ours that this one names in an import, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(PATHS[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in PATHS else str(node.module))
    return {name for name in found if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize("module", sorted(set(PATHS) - {"digest", "subscribers"}))
def test_module_imports_only_from_below(module: str) -> None:
    own = rank(module)
    assert own is not None, f"{module} has no place in ORDER: give it one"
    for name in first_party_imports(module) - {"digest", "subscribers"}:
        other = rank(name)
        assert other is not None, f"{module} must not import {name}"
        assert other < own, f"{module} must not import {name}"


def test_no_app_imports_the_wiring() -> None:
    guilty = [m for m in PATHS for n in first_party_imports(m) if n.split(".")[0] == "config"]
    assert not guilty


def test_subscribers_know_nothing_of_digests() -> None:
    modules = [m for m in PATHS if m.startswith("subscribers")]
    assert modules
    guilty = [m for m in modules for n in first_party_imports(m) if n.split(".")[0] == "digest"]
    assert not guilty


def test_stages_never_import_tasks() -> None:
    stages = ["ingest", "score", "match", "compose", "render", "deliver", "track"]
    present = [f"digest.{stage}" for stage in stages if f"digest.{stage}" in PATHS]
    assert not [m for m in present if "digest.tasks" in first_party_imports(m)]
