"""What makes an address a source, for the commands that add some."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from digest.models import Source


def check_row(source: Source) -> None:
    """Raise CommandError, with a sentence, for a source that cannot be saved."""
    try:
        source.full_clean()
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise CommandError(f"The source was not added. {said}") from error
