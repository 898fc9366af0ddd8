"""The house: which room may import from which, and where each module is tested.

A room is a package, or a module at the root of an app. Between rooms the order below holds;
within a room modules may import each other, but not in a circle.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("digest", "subscribers")

# Each room may import only from the lines above its own.
ORDER = """
subscribers.topics subscribers.seals subscribers.forgiving_cache subscribers.mailbox_rules
subscribers.tokens subscribers.schedule subscribers.mailboxes subscribers.database_clock
subscribers.models subscribers.index_migrations subscribers.limits subscribers.templatetags
subscribers.acronyms subscribers.site_look
subscribers.mail
subscribers.signup
subscribers.account
subscribers.tasks subscribers.apps
subscribers.web
subscribers.lists
subscribers.admin subscribers.urls
digest.identifiers digest.english digest.context_processors digest.retry_after digest.roles
digest.garbage digest.memory
digest.models
digest.watch
digest.ingest digest.score digest.match digest.track digest.high_water
digest.compose
digest.render
digest.flight digest.why
digest.deliver digest.webhooks
digest.tasks digest.web
digest.feedback digest.suggest digest.admin digest.apps
digest.urls
digest.management
"""
RANK = {room: rank for rank, line in enumerate(ORDER.splitlines()) for room in line.split()}
STAGES = ("ingest", "score", "match", "compose", "render", "deliver", "track")


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {
    dotted(path): path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
}


def room_of(module: str) -> str:
    """The package or module right below the app: digest.match for digest.match.search."""
    return ".".join(module.split(".")[:2])


@cache
def imports_of(module: str) -> set[str]:
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
    return {name for name in found if name.split(".")[0] in ("config", *APPS)}


MODULES = sorted(set(PATHS) - set(APPS))

# A module's test is found by its path: digest/a/b.py is tested in tests/digest/a/test_b.py. These
# have no such twin, and are tested where they are used.
IMPORTED = "tests/digest/management/commands/test_import_subscribers.py"
TESTED_IN = {
    "subscribers/templatetags/admin_headings.py": "tests/subscribers/admin/test_headings.py",
    "subscribers/topics/arxiv_categories.py": "tests/subscribers/topics/test_misreadings.py",
    "subscribers/topics/typed_capitals.py": "tests/subscribers/topics/test_cases.py",
    "subscribers/topics/spelled_out.py": "tests/subscribers/topics/test_acronyms.py",
    "subscribers/topics/chunks.py": "tests/subscribers/topics/test_words.py",
    "subscribers/topics/slugs.py": "tests/subscribers/topics/test_language.py",
    "subscribers/topics/stems.py": "tests/subscribers/topics/test_words.py",
    "subscribers/topics/plainness.py": "tests/subscribers/models/test_public_spelling.py",
    "subscribers/topics/capitals.py": "tests/subscribers/topics/test_words.py",
    "digest/ingest/sources/fetch_errors.py": "tests/digest/ingest/sources/test_fetch.py",
    "subscribers/topics/plurals.py": "tests/subscribers/topics/test_words.py",
    "config/admin_look.py": "tests/digest/admin/test_admin.py",
    "config/body_sizes.py": "tests/config/test_body_limit.py",
    "config/celery.py": "tests/test_worker.py",
    "config/folders.py": "tests/test_package.py",
    "config/formats/en/formats.py": "tests/digest/admin/test_front_page.py",
    "config/request_counts.py": "tests/config/test_request_metrics.py",
    "config/second_step_set_up.py": "tests/config/test_second_step.py",
    "config/urls.py": "tests/test_pages.py",
    "config/worker_end.py": "tests/test_worker.py",
    "config/visitor_connection.py": "tests/config/test_web_worker.py",
    "digest/admin/person_story.py": "tests/digest/admin/test_people.py",
    "digest/admin/strips.py": "tests/digest/admin/test_dashboard.py",
    "digest/admin/trial_alarm.py": "tests/digest/deliver/test_standing_alarms.py",
    "digest/apps.py": "tests/test_worker.py",
    "digest/compose/candidates.py": "tests/digest/compose/test_select.py",
    "digest/compose/contents.py": "tests/digest/compose/test_stage.py",
    "digest/compose/foresee.py": "tests/digest/admin/test_people.py",
    "digest/compose/full_list.py": "tests/digest/web/test_all_papers.py",
    "digest/compose/joined_topics.py": "tests/digest/compose/test_select.py",
    "digest/compose/near_choices.py": "tests/digest/compose/test_near_papers.py",
    "digest/compose/profiles.py": "tests/digest/compose/test_stage.py",
    "digest/compose/selection.py": "tests/digest/compose/test_select.py",
    "digest/compose/shortlist.py": "tests/digest/compose/test_stage.py",
    "digest/context_processors.py": "tests/digest/web/test_browse.py",
    "digest/deliver/copies.py": "tests/digest/admin/test_people.py",
    "digest/deliver/provider/batch_line.py": "tests/digest/watch/test_activity_log.py",
    "digest/deliver/run_options.py": "tests/digest/deliver/test_hand_over.py",
    "digest/deliver/retention.py": "tests/test_leaving.py",
    "digest/deliver/provider/message_listings.py": (
        "tests/digest/deliver/provider/test_message_list.py"
    ),
    "digest/deliver/after_restore/unknown_mails.py": (
        "tests/digest/deliver/after_restore/test_start_check.py"
    ),
    "digest/feedback/press_moves.py": "tests/digest/feedback/test_record.py",
    "digest/feedback/urls.py": "tests/digest/feedback/test_views.py",
    "digest/flight/acts.py": "tests/digest/admin/test_flights.py",
    "digest/identifiers/addresses.py": "tests/digest/identifiers/test_identifiers.py",
    "digest/identifiers/arxiv_numbers.py": "tests/digest/identifiers/test_identifiers.py",
    "digest/identifiers/dois.py": "tests/digest/identifiers/test_identifiers.py",
    "digest/identifiers/titles.py": "tests/digest/identifiers/test_identifiers.py",
    "digest/ingest/add_outlines.py": "tests/digest/management/commands/test_import_sources.py",
    "digest/ingest/fill_in.py": "tests/digest/ingest/test_store.py",
    "digest/ingest/poll.py": "tests/digest/ingest/test_stage.py",
    "digest/ingest/source_acts.py": "tests/digest/admin/test_sources.py",
    "digest/ingest/sources/date_words.py": "tests/digest/ingest/sources/test_dates.py",
    "digest/ingest/sources/feed_entry.py": "tests/digest/ingest/sources/test_publishers.py",
    "digest/management/archive/postgresql_dump.py": "tests/digest/management/archive/test_read.py",
    "digest/management/archive/sqlite_copy.py": "tests/digest/management/archive/test_read.py",
    "digest/management/archive/write.py": "tests/digest/management/archive/test_read.py",
    "digest/management/commands/backup.py": "tests/digest/management/archive/test_read.py",
    "digest/management/commands/end_second_step.py": "tests/config/test_second_step.py",
    "digest/management/commands/migrate.py": "tests/digest/management/test_migration_lock.py",
    "digest/management/commands/refold_mailboxes.py": "tests/subscribers/account/test_refold.py",
    "digest/management/commands/restore.py": "tests/digest/management/archive/test_read.py",
    "digest/management/doctor/symptom.py": "tests/digest/management/commands/test_doctor.py",
    "digest/management/new_sources.py": "tests/digest/management/commands/test_add_source.py",
    "digest/management/file_digest.py": "tests/digest/management/commands/test_match_topics.py",
    "digest/management/rehearsal_profiles.py": "tests/digest/management/test_rehearsal.py",
    "digest/management/trend_tables.py": "tests/digest/management/commands/test_score.py",
    "digest/match/candidates.py": "tests/digest/match/test_search.py",
    "digest/match/catalogue.py": "tests/digest/match/test_search.py",
    "digest/match/embedding.py": "tests/digest/match/test_rerank.py",
    "digest/match/near_meaning.py": "tests/digest/match/test_rerank.py",
    "digest/match/nearest.py": "tests/digest/web/test_near_listings.py",
    "digest/models/vectors.py": "tests/digest/match/test_rerank.py",
    "digest/match/recent.py": "tests/digest/match/test_volume.py",
    "digest/match/topic_ranking.py": "tests/digest/management/commands/test_match_topics.py",
    "digest/models/clock.py": "tests/digest/watch/test_clock.py",
    "digest/models/daily_figures.py": "tests/digest/watch/test_daily_figures.py",
    "digest/models/feedback.py": "tests/digest/feedback/test_record.py",
    "digest/models/flights.py": "tests/digest/flight/test_states.py",
    "digest/models/high_water.py": "tests/digest/high_water/test_hold.py",
    "digest/models/management_tokens.py": "tests/digest/web/api/manage/test_http.py",
    "digest/models/page_triggers.py": "tests/digest/models/test_page_version.py",
    "digest/models/paper_words.py": "tests/digest/match/test_word_index.py",
    "digest/models/senses.py": "tests/digest/match/test_senses.py",
    "digest/models/webhooks.py": "tests/digest/webhooks/test_post.py",
    "digest/models/word_index.py": "tests/digest/match/test_word_index.py",
    "digest/render/assemble.py": "tests/digest/render/test_stage.py",
    "digest/render/paper_facts.py": "tests/digest/render/test_paper_card.py",
    "digest/render/without_own.py": "tests/digest/web/test_sent_mail.py",
    "digest/roles.py": "tests/digest/admin/test_groups.py",
    "digest/score/signals.py": "tests/digest/score/test_stage.py",
    "digest/suggest/phrase_usage.py": "tests/digest/suggest/test_keyphrases.py",
    "digest/suggest/usual_topics.py": "tests/digest/suggest/test_papers_like.py",
    "digest/urls.py": "tests/test_pages.py",
    "digest/web/api/manage/paging.py": "tests/digest/web/api/manage/test_subscribers.py",
    "digest/web/api/manage/urls.py": "tests/digest/web/api/manage/test_http.py",
    "digest/web/past_digests.py": "tests/digest/admin/test_people.py",
    "digest/why/as_sent.py": "tests/digest/why/test_answer.py",
    "digest/why/mentions.py": "tests/digest/why/test_answer.py",
    "digest/why/nearest.py": "tests/digest/why/test_answer.py",
    "digest/why/place.py": "tests/digest/why/test_answer.py",
    "digest/why/spans.py": "tests/digest/why/test_answer.py",
    "digest/watch/alarm_pages.py": "tests/digest/watch/test_alarms.py",
    "digest/watch/figures.py": "tests/digest/watch/test_daily_figures.py",
    "digest/watch/queues.py": "tests/digest/watch/test_silence.py",
    "subscribers/models/deletion.py": "tests/subscribers/account/test_delete_together.py",
    "subscribers/account/suppressing.py": "tests/subscribers/admin/test_acts.py",
    "subscribers/admin/topic_rows.py": "tests/subscribers/admin/test_subscribers.py",
    "subscribers/admin/adding.py": "tests/digest/web/api/manage/test_subscribers.py",
    "subscribers/admin/searching.py": "tests/subscribers/admin/test_subscribers.py",
    "subscribers/admin/filters.py": "tests/subscribers/admin/test_subscribers.py",
    "subscribers/account/topic_changes.py": "tests/subscribers/web/test_known_browsers.py",
    "subscribers/admin/act.py": "tests/subscribers/admin/test_acts.py",
    "subscribers/admin/act_forms.py": "tests/subscribers/admin/test_act_views.py",
    "subscribers/admin/sign_ins.py": "tests/subscribers/admin/test_headings.py",
    "subscribers/admin/staff_log.py": "tests/subscribers/admin/test_act_views.py",
    "subscribers/admin/story.py": "tests/subscribers/admin/test_subscribers.py",
    "subscribers/admin/suppressions.py": "tests/subscribers/admin/test_subscribers.py",
    "subscribers/apps.py": "tests/subscribers/account/test_unsubscribe_mail.py",
    "subscribers/lists/example_list.py": "tests/subscribers/admin/test_import_views.py",
    "subscribers/lists/export_list.py": (
        "tests/digest/management/commands/test_export_subscribers.py"
    ),
    "subscribers/mailbox_rules.py": "tests/subscribers/test_mailboxes.py",
    "subscribers/lists/import_file.py": IMPORTED,
    "subscribers/lists/import_rest.py": IMPORTED,
    "subscribers/lists/import_tally.py": IMPORTED,
    "subscribers/lists/import_csv.py": IMPORTED,
    "subscribers/models/addresses.py": "tests/subscribers/models/test_subscribers.py",
    "subscribers/models/confirmations.py": "tests/subscribers/signup/test_opt_in.py",
    "subscribers/models/consents.py": "tests/subscribers/admin/test_acts.py",
    "subscribers/models/former_addresses.py": "tests/subscribers/account/test_address.py",
    "subscribers/models/list_imports.py": "tests/subscribers/lists/test_import_runs.py",
    "subscribers/models/passkeys.py": "tests/config/test_passkeys.py",
    "subscribers/models/site_look.py": "tests/subscribers/test_site_look.py",
    "subscribers/models/topic_changes.py": "tests/subscribers/web/test_known_browsers.py",
    "subscribers/tasks.py": "tests/subscribers/signup/test_send_confirmation.py",
    "subscribers/urls.py": "tests/test_pages.py",
}


def find_twin(module: str) -> Path:
    """The file of tests that a module's path leads to."""
    path = Path(module)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


TESTED = [
    path.relative_to(ROOT).as_posix()
    for package in (*APPS, "config")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts and path.name != "__init__.py"
]


def find_circle(imports: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle, the first again at the end; [] for none."""
    done: set[str] = set()
    path: list[str] = []

    def visit(module: str) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        path.append(module)
        for other in sorted(imports.get(module, ())):
            if circle := visit(other):
                return circle
        done.add(path.pop())
        return []

    return next((circle for module in sorted(imports) if (circle := visit(module))), [])


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room_of(module) for module in MODULES} - RANK.keys() == set()


def test_modules_import_only_from_rooms_below_their_own() -> None:
    forbidden = [
        f"{module} must not import {name}"
        for module in MODULES
        for name in sorted(imports_of(module) - set(APPS))
        if room_of(name) != room_of(module)
        and RANK.get(room_of(name), len(RANK)) >= RANK[room_of(module)]
    ]
    assert forbidden == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert find_circle({module: imports_of(module) for module in PATHS}) == []


def test_a_circle_would_be_found() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_the_order_is_short_and_names_only_rooms_that_exist() -> None:
    assert len(ORDER.split("\n")) - 2 <= 24
    assert set(RANK) == {room_of(module) for module in MODULES}


def test_no_app_imports_the_wiring() -> None:
    assert not [m for m in PATHS for n in imports_of(m) if n.split(".")[0] == "config"]


def test_subscribers_know_nothing_of_digests() -> None:
    modules = [m for m in PATHS if m.startswith("subscribers")]
    assert modules
    assert not [m for m in modules for n in imports_of(m) if n.split(".")[0] == "digest"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_package_only_hands_on_its_stage(stage: str) -> None:
    assert imports_of(f"digest.{stage}") == {f"digest.{stage}.stage"}
    body = ast.parse(PATHS[f"digest.{stage}"].read_text()).body
    allowed = (ast.Expr, ast.ImportFrom, ast.Assign)  # a docstring, the import, __all__
    assert all(isinstance(node, allowed) for node in body)


def test_a_modules_test_is_found_by_its_path() -> None:
    """Its twin is there, or TESTED_IN names what tests it; where both are so, take it out there."""
    untwinned = [module for module in TESTED if not find_twin(module).exists()]
    assert untwinned == sorted(TESTED_IN, key=TESTED.index)
    assert [test for test in TESTED_IN.values() if not (ROOT / test).is_file()] == []
