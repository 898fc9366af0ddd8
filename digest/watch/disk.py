"""Whether the disk that this process writes to is nearly full."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

MEGABYTE = 1_000_000


def describe_full_disk() -> str:
    """What is wrong and what to do first; "" while DISK_FREE_MB are left of VAR_DIR's disk.

    It is the disk of the worker that looks: a database elsewhere has to be watched there.
    """
    folder = _find_existing(Path(settings.VAR_DIR))
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free >= settings.DISK_FREE_MB:
        return ""
    return _(
        "The disk of %(folder)s is nearly full: %(free)s MB are left, fewer than "
        "the %(disk_free_mb)s of DISK_FREE_MB. First look for old backups and "
        "logs there; a database on a full disk stops."
    ) % {"folder": folder, "free": f"{free:,}", "disk_free_mb": f"{settings.DISK_FREE_MB:,}"}


def _find_existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there already."""
    return next(one for one in (folder, *folder.parents) if one.exists())
