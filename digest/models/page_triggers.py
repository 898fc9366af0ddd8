"""The triggers that replace the page version (page_version.py) when a page would look different.

They are put in place after every `migrate`, where they are missing: Django makes some SQLite tables
anew when it migrates, and their triggers go with the old ones. On PostgreSQL they fire once a
statement, on SQLite once a row.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_SHOWN_OF_PAPER = (
    "identifier, doi, title, abstract, authors, organization, url, code_url, code_stars, "
    "categories, summary, published_at, first_seen_at, news_at, trend, trend_parts"
)
_SHOWN_OF_SOURCE = ("kind", "url", "title", "is_active", "state", "note")
# What is written to each table when something shown changes. A topic is shown by its matches, so
# that a new one changes nothing yet.
_EVENTS = {
    "digest_paper": ("INSERT", "DELETE", f"UPDATE OF {_SHOWN_OF_PAPER}"),
    "digest_paperwords": ("INSERT", "DELETE", "UPDATE"),  # what a search finds
    "digest_entry": ("INSERT", "DELETE", "UPDATE"),
    "digest_snapshot": ("INSERT", "DELETE", "UPDATE"),
    "digest_match": ("INSERT", "DELETE", "UPDATE"),
    "digest_papervector": ("INSERT", "DELETE", "UPDATE"),
    "digest_topicvector": ("INSERT", "DELETE", "UPDATE"),
    "digest_topicsense": ("INSERT", "DELETE", "UPDATE OF words"),
    "digest_merger": ("INSERT", "DELETE", "UPDATE"),
    "digest_source": ("INSERT", "DELETE"),
    "digest_sourceday": ("INSERT", "DELETE"),
    "subscribers_acronym": ("INSERT", "DELETE", "UPDATE"),
    "subscribers_spellingvariant": ("INSERT", "DELETE", "UPDATE"),
    "subscribers_topic": ("DELETE", "UPDATE OF query, normal_form, slug"),
    "subscribers_interest": ("UPDATE OF mode, topic_id",),
}
# A source is written at every poll, mostly with what a page says of it unchanged.
_SOURCE_LOOKS_OTHER = " OR ".join(f"OLD.{c} IS {{other}} NEW.{c}" for c in _SHOWN_OF_SOURCE)
# Pages say whether any source could be read on a day, not how often.
_DAY_IS_READ = "OLD.read = 0 AND NEW.read > 0"
# A topic that is only muted is named on no page, so that a new mute, and a follower of what others
# mute, can hide or show one. All other interests are nothing that pages tell.
_TOPIC_IS_MUTED = (
    "{row}.mode = 'mute' OR EXISTS (SELECT 1 FROM subscribers_interest AS other"
    " WHERE other.topic_id = {row}.topic_id AND other.mode = 'mute')"
)
# A topic becomes public, or private, with its last follower that this takes: `needed` of them are
# followers now, or one fewer since somebody left. More than so many are not counted.
_COUNTED = 64
_FOLLOWERS_OF = (
    "(SELECT count(*) FROM (SELECT 1 FROM subscribers_interest AS other"
    " WHERE other.topic_id = {row}.topic_id AND other.mode = 'follow' LIMIT {most}) AS few)"
)


def install_page_triggers(using: str = "default", **_signal: Any) -> None:
    """Make what is missing of them; for the signal post_migrate."""
    connection = connections[using]
    if "digest_pageversion" not in connection.introspection.table_names():
        return  # migrated back to before there were any
    missing = list_missing_triggers(connection)
    if not missing:
        return
    statements = _list_statements(connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTIONS)
            cursor.execute(_POSTGRESQL_FOLLOWERS)
            cursor.execute(_POSTGRESQL_ROWS)
        for name in missing:
            cursor.execute(statements[name])


def list_missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Their names: without all of them a page that is kept could be an old one."""
    catalogues = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogues[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in _list_statements(connection.vendor) if name not in there]


def _list_statements(vendor: str) -> dict[str, str]:
    """Each trigger's name, and the statement that makes it."""
    return _list_postgresql() if vendor == "postgresql" else _list_sqlite()


_POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION digest_page_replace_version() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    fresh bigint := floor(random() * 9007199254740992);  -- 2^53: all that random() tells apart
BEGIN
    UPDATE digest_pageversion SET token = fresh WHERE id = (
        SELECT id FROM digest_pageversion ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        INSERT INTO digest_pageversion (token) VALUES (fresh);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION digest_page_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM digest_page_replace_version();
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION digest_page_interests_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changed WHERE {_TOPIC_IS_MUTED.format(row="changed")}) THEN
        PERFORM digest_page_replace_version();
    END IF;
    RETURN NULL;
END $$;
"""

_POSTGRESQL_FOLLOWERS = f"""
CREATE OR REPLACE FUNCTION digest_page_followers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    needed int := TG_ARGV[0];
BEGIN
    IF EXISTS (
        SELECT 1 FROM changed WHERE mode = 'follow' GROUP BY topic_id
        HAVING {_FOLLOWERS_OF.format(row="changed", most=f"{_COUNTED} + needed")}
            BETWEEN CASE TG_OP WHEN 'INSERT' THEN needed ELSE needed - count(*) END
            AND CASE TG_OP WHEN 'INSERT' THEN needed + count(*) - 1 ELSE needed - 1 END
    ) THEN
        PERFORM digest_page_replace_version();
    END IF;
    RETURN NULL;
END $$;
"""
# As many as there are ever transactions at once that change something shown; more rows are made
# where that is not enough.
_POSTGRESQL_ROWS = """
INSERT INTO digest_pageversion (token) SELECT number FROM generate_series(1, 16) AS number
WHERE NOT EXISTS (SELECT 1 FROM digest_pageversion)
"""


def _list_postgresql() -> dict[str, str]:
    made = {}
    for table, events in _EVENTS.items():
        name = f"digest_page_{table}"
        made[name] = (
            f"CREATE TRIGGER {name} AFTER {' OR '.join(events)} OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION digest_page_changed()"
        )
    looks_other = _SOURCE_LOOKS_OTHER.format(other="DISTINCT FROM")
    made["digest_page_source_update"] = (
        "CREATE TRIGGER digest_page_source_update AFTER UPDATE ON digest_source"
        f" FOR EACH ROW WHEN ({looks_other}) EXECUTE FUNCTION digest_page_changed()"
    )
    made["digest_page_source_day_update"] = (
        "CREATE TRIGGER digest_page_source_day_update AFTER UPDATE ON digest_sourceday"
        f" FOR EACH ROW WHEN ({_DAY_IS_READ}) EXECUTE FUNCTION digest_page_changed()"
    )
    for event, rows in (("insert", "NEW"), ("delete", "OLD")):
        name = f"digest_page_interest_{event}"
        made[name] = (
            f"CREATE TRIGGER {name} AFTER {event} ON subscribers_interest"
            f" REFERENCING {rows} TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION digest_page_interests_changed()"
        )
        if needed := settings.PUBLIC_TOPIC_FOLLOWERS:
            name = f"digest_page_followers_{needed}_{event}"
            made[name] = (
                f"CREATE TRIGGER {name} AFTER {event} ON subscribers_interest"
                f" REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT"
                f" EXECUTE FUNCTION digest_page_followers_changed('{needed}')"
            )
    return made


def _list_sqlite() -> dict[str, str]:
    made = {}
    for table, events in _EVENTS.items():
        for event in events:
            name = f"digest_page_{table}_{event.partition(' ')[0].lower()}"
            made[name] = _write_sqlite_trigger(name, event, table)
    looks_other = _SOURCE_LOOKS_OTHER.format(other="NOT")
    name = "digest_page_source_update"
    made[name] = _write_sqlite_trigger(name, "UPDATE", "digest_source", looks_other)
    name = "digest_page_source_day_update"
    made[name] = _write_sqlite_trigger(name, "UPDATE", "digest_sourceday", _DAY_IS_READ)
    for event, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        name = f"digest_page_interest_{event.lower()}"
        condition = _TOPIC_IS_MUTED.format(row=row)
        made[name] = _write_sqlite_trigger(name, event, "subscribers_interest", condition)
        if needed := settings.PUBLIC_TOPIC_FOLLOWERS:
            name = f"digest_page_followers_{needed}_{event.lower()}"
            now = needed if event == "INSERT" else needed - 1
            followers = _FOLLOWERS_OF.format(row=row, most=needed + 1)
            condition = f"{row}.mode = 'follow' AND {followers} = {now}"
            made[name] = _write_sqlite_trigger(name, event, "subscribers_interest", condition)
    return made


def _write_sqlite_trigger(name: str, event: str, table: str, condition: str = "") -> str:
    """Without INSERT OR REPLACE: what is said of conflicts by the statement outside goes before."""
    when = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON {table}{when} BEGIN"
        " INSERT INTO digest_pageversion (token) SELECT 0"
        " WHERE NOT EXISTS (SELECT 1 FROM digest_pageversion);"
        " UPDATE digest_pageversion SET token = random(); END"
    )
