"""Every command of the project; what is wrong with its surroundings is said in a sentence."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from config import error_text


def main() -> None:
    """`manage.py` in a checkout, `offprint` where pip installed it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (DatabaseError, ImproperlyConfigured) as error:
        said = error_text.describe_error(error)
        if not said or "--traceback" in sys.argv:
            raise
        sys.exit(said)
