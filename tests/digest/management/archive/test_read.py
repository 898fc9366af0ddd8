"""A backup goes back as a whole or not at all, and only where it belongs."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from digest.high_water.hold import find_hold, find_installation
from digest.management.archive import postgresql_dump
from digest.management.archive.manifest import ArchiveError, Manifest
from digest.management.archive.read import read_manifest
from digest.management.archive.write import DATABASE, MANIFEST, write_backup
from digest.models import CallCount, Delivery
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dump_programs")]


@pytest.fixture(autouse=True)
def var_folder(settings: Any, tmp_path: Path) -> None:
    settings.HIGH_WATER_DIR = tmp_path / "var"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of one reader who was mailed once."""
    make_delivery(status="sent", sent_at=NOW)
    CallCount.objects.create(slot=7, number=3, counted_at=NOW)
    path = tmp_path / "a.backup"
    call_command("backup", str(path), verbosity=0)
    return path


def restore(path: Path, *words: str) -> None:
    call_command("restore", str(path), "--replace", *words, verbosity=0)


def change(path: Path, **fields: Any) -> None:
    """Write the backup anew with another manifest, or other bytes."""
    with zipfile.ZipFile(path) as archive:
        manifest, database = Manifest.from_json(archive.read(MANIFEST)), archive.read(DATABASE)
    database = fields.pop("database", database)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(DATABASE, database)
        archive.writestr(MANIFEST, replace(manifest, **fields).to_json())


class TestWriting:
    def test_it_is_whole_says_what_it_holds_and_is_for_its_owner_alone(self, backup: Path) -> None:
        manifest = read_manifest(backup)
        assert manifest.engine == connection.vendor
        assert manifest.rows["subscribers_subscriber"] == manifest.rows["digest_delivery"] == 1
        assert manifest.call_numbers == {7: 3}
        assert manifest.installation == str(find_installation())
        assert "digest.0001_initial" in manifest.migrations
        assert backup.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in backup.parent.iterdir()] == ["a.backup"]

    def test_a_file_that_is_there_is_not_written_over(self, backup: Path) -> None:
        before = backup.read_bytes()
        with pytest.raises(CommandError, match="there already"):
            call_command("backup", str(backup))
        assert backup.read_bytes() == before
        call_command("backup", str(backup), "--replace", verbosity=0)

    def test_a_place_that_cannot_be_written_to_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("backup", str(tmp_path / "nowhere" / "a.backup"))

    def test_one_that_fails_leaves_nothing_behind(self, backup: Path) -> None:
        def fail(_: int) -> None:
            raise ArchiveError("the disk is full")

        before = backup.read_bytes()
        with pytest.raises(ArchiveError, match="full"):
            write_backup(backup, NOW, fail)
        assert backup.read_bytes() == before
        assert [path.name for path in backup.parent.iterdir()] == ["a.backup"]


class TestRestoring:
    def test_what_was_there_is_there_again_and_held(
        self, backup: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = list(Delivery.objects.values())
        make_subscriber(email="later@example.org")
        Delivery.objects.all().delete()
        restore(backup)
        assert list(Delivery.objects.values()) == before
        assert not Subscriber.objects.filter(email="later@example.org").exists()
        assert find_hold()
        assert "No digest leaves until you have run manage.py reconcile" in capsys.readouterr().out
        make_subscriber()  # its sequences go on where they were

    def test_a_database_in_use_is_replaced_only_when_told_so(self, backup: Path) -> None:
        make_subscriber(email="later@example.org")
        with pytest.raises(CommandError, match="add --replace"):
            call_command("restore", str(backup))
        assert Subscriber.objects.filter(email="later@example.org").exists()
        assert find_hold() is None

    @pytest.mark.thorough
    def test_another_key_is_taken_only_when_told_so(self, backup: Path, settings: Any) -> None:
        settings.SECRET_KEY = "another"
        with pytest.raises(CommandError, match="another SECRET_KEY"):
            restore(backup)
        assert find_hold() is None
        restore(backup, "--other-key")
        assert find_hold()

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            pytest.param({"engine": "oracle"}, "is of oracle", marks=pytest.mark.thorough),
            ({"migrations": ["digest.9999_later"]}, "later release"),
            ({"sha256": "0" * 64}, "checksum is another"),
            pytest.param(
                {"database": b"what is this"}, "checksum is another", marks=pytest.mark.thorough
            ),
        ],
    )
    def test_what_does_not_belong_here_changes_nothing(
        self, fields: dict[str, Any], said: str, backup: Path
    ) -> None:
        change(backup, **fields)
        make_subscriber(email="later@example.org")
        with pytest.raises(CommandError, match=said):
            restore(backup)
        assert Subscriber.objects.filter(email="later@example.org").exists()

    def test_a_database_that_breaks_off_in_the_middle_changes_nothing(self, backup: Path) -> None:
        with zipfile.ZipFile(backup) as archive:
            whole = archive.read(DATABASE)
        cut = whole[: len(whole) * 2 // 3]
        change(backup, database=cut, sha256=hashlib.sha256(cut).hexdigest())
        make_subscriber(email="later@example.org")
        with pytest.raises(CommandError):
            restore(backup)
        connection.close()
        assert Subscriber.objects.filter(email="later@example.org").exists()

    @pytest.mark.parametrize("kept", [0, 0.5])
    def test_a_file_that_is_cut_off_is_no_backup(self, kept: float, backup: Path) -> None:
        whole = backup.read_bytes()
        backup.write_bytes(whole[: int(len(whole) * kept)])
        with pytest.raises(CommandError, match="cut off"):
            restore(backup)

    def test_a_zip_of_something_else_and_no_file_at_all_are_named(self, tmp_path: Path) -> None:
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("letter.txt", "hello")
        with pytest.raises(CommandError, match="no manifest"):
            restore(other)
        with pytest.raises(CommandError, match="cannot be read"):
            restore(tmp_path / "nowhere.backup")


@pytest.mark.services
def test_programs_older_than_the_server_and_missing_ones_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgresql_dump, "DEBIAN", tmp_path)
    monkeypatch.setattr(postgresql_dump, "_read_version", lambda _: 9)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ArchiveError, match="pg_dump is not installed"):
        postgresql_dump.find_program("pg_dump")
    old = tmp_path / "pg_dump"
    old.write_text("")
    old.chmod(0o755)
    with pytest.raises(ArchiveError, match=r"is of version 9, .* postgresql-client-\d+"):
        postgresql_dump.find_program("pg_dump")
