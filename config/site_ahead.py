"""What a worker reads before anybody waits for it: the site whose pages mails lead to."""

from __future__ import annotations

from typing import Any

import django


def load_site_ahead(**_: Any) -> None:
    """Read the site's addresses; a worker without them would read them for its first edition."""
    django.setup()
    from digest.flight.site_links import load_site  # noqa: PLC0415 (reads the models)

    load_site()
