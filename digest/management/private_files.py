"""The files of an installation belong to whoever runs it, and to nobody else of the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close_to_others(folder: Path) -> int:
    """Take from every file and folder below what others may do; returns from how many.

    What another user owns stays as it is: a volume of a cluster may be owned by its machine.
    """
    own = [path for path in folder.rglob("*") if _is_open_and_ours(path)]
    for path in own:
        path.chmod(path.stat().st_mode & ~_OF_OTHERS)
    return len(own)


def _is_open_and_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:  # it was only there for a moment
        return False
    is_plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return is_plain and bool(found.st_mode & _OF_OTHERS) and found.st_uid == os.getuid()
