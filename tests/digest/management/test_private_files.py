"""What an installation keeps is its owner's alone, what was there before too."""

from __future__ import annotations

import os
from pathlib import Path

from config import environment
from digest.management.private_files import close_to_others


def test_an_existing_folder_and_all_in_it_is_closed_to_others(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "outbox").mkdir(parents=True)
    var.chmod(0o755)
    (var / "outbox").chmod(0o775)
    (var / "outbox" / "a.eml").write_text("a mail")
    (var / "outbox" / "a.eml").chmod(0o644)
    (var / "tool").write_text("")
    (var / "tool").chmod(0o755)
    (var / "away").symlink_to("/nowhere")
    before = os.umask(0o022)
    try:
        environment.keep_private(var)
        assert close_to_others(var) == 3
        assert close_to_others(var) == 0
        (var / "new").write_text("")
        (var / "made").mkdir()
    finally:
        os.umask(before)
    modes = {path.name: path.lstat().st_mode & 0o777 for path in [var, *var.rglob("*")]}
    del modes["away"]
    own = {"a.eml": 0o600, "new": 0o600, "tool": 0o700}
    assert modes == own | dict.fromkeys(("var", "outbox", "made"), 0o700)
