"""A disk that is nearly full is told in a sentence that says what to do first."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from digest.watch.disk import describe_full_disk


def test_it_is_told_by_the_room_that_is_left(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "not" / "there yet"
    settings.DISK_FREE_MB = 0
    assert describe_full_disk() == ""
    settings.DISK_FREE_MB = shutil.disk_usage(tmp_path).total // 1_000_000 + 1
    said = describe_full_disk()
    assert said.startswith(f"The disk of {tmp_path} is nearly full: ")
    assert "First look for old backups and logs" in said
