"""docs/doubt.md says of every provider how a mail in doubt is settled, as the code does it."""

from __future__ import annotations

import re
from pathlib import Path

import anymail.backends
import pytest
from django.conf import settings

from digest.deliver.provider.message_listings import LISTINGS
from digest.deliver.provider.message_search import SEARCHES, MessageSearch
from digest.deliver.provider.traits import TRAITS, ProviderTraits
from digest.management.doctor.provider import UNSUPPORTED

# Not a provider of its own: Brevo's former name, and what sends nothing.
OTHERS = {"SendinBlue", "Console", "Test"}


def read_table() -> dict[str, list[str]]:
    """The rows of docs/doubt.md by provider; each names one or several."""
    page = (Path(settings.BASE_DIR) / "docs" / "doubt.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    rows = [row for row in rows if len(row) == 5 and row[0] not in ("provider", "---")]
    return {name: row for row in rows for name in row[0].split(", ")}


def list_esp_names() -> set[str]:
    """What anymail calls the providers that it has a backend for, as their sources say it."""
    folder = Path(anymail.backends.__path__[0])
    found = [
        re.findall(r'^    esp_name = "(.+)"', p.read_text(), re.M) for p in folder.glob("*.py")
    ]
    return {name for names in found for name in names} - OTHERS


def test_the_table_of_settlements_has_all_providers_that_anymail_knows_and_no_other() -> None:
    names = list_esp_names()
    assert {"Postmark", "Unisender Go", "Scaleway"} <= names
    assert set(read_table()) == names | {"a mail server (SMTP)"}


@pytest.mark.parametrize("name", sorted(read_table()))
def test_the_table_of_settlements_says_what_the_code_does(name: str) -> None:
    _, asked, known_by, believed, document = read_table()[name]
    traits = TRAITS.get(name, ProviderTraits())
    ways = SEARCHES.get(name) or LISTINGS.get(name)
    assert asked.startswith("not asked") == (ways is None)
    if ways:
        has_keys = isinstance(ways, MessageSearch) or ways.has_keys
        assert known_by == ("our key" if has_keys else "recipient, subject, time")
        assert believed == f"{ways.believed_after.total_seconds() / 60:.0f} minutes"
    elif traits.believed_silence:
        hours = f"{traits.believed_silence.total_seconds() / 3600:.0f} hours"
        assert believed == f"{hours} of silence among reports"
        assert known_by.startswith("our key, ")
        assert ("tag" in known_by) == (not traits.takes_metadata)
    else:
        assert (known_by, believed, document) == ("–", "never: you decide", "–")
    assert ("](https://" in document) == (believed != "never: you decide")


def test_the_table_of_settlements_says_which_provider_anymail_gave_up() -> None:
    assert set(UNSUPPORTED.values()) == {"SendGrid"}
    assert "no longer supported by anymail" in read_table()["SendGrid"][1]
