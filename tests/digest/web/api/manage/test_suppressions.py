"""Mailboxes are suppressed and let go by their address, which no answer tells."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from subscribers.models import Suppression
from tests.digest.web.api.manage.asking import fits, make_script

pytestmark = pytest.mark.django_db


def test_a_mailbox_is_suppressed_found_in_every_spelling_and_lifted() -> None:
    script = make_script()
    made = script.post("suppressions", {"email": "Ada+x@gmail.com"}, 201)
    fits(made, "Suppression")
    Suppression.objects.suppress("bob@example.org", "bounce")
    fits(script.get("suppressions"), "Suppressions")
    assert "ada" not in str(script.get("suppressions"))
    found = script.get("suppressions?email=a.da%40gmail.com")["suppressions"]
    assert [one["id"] for one in found] == [made["id"]]
    assert [one["reason"] for one in script.get("suppressions?reason=bounce")["suppressions"]] == [
        "bounce"
    ]
    assert (
        "suppressed already (manual)"
        in script.post("suppressions", {"email": "ada@gmail.com"}, 409)["detail"]
    )
    script.post("suppressions", {"email": "ada"}, 422)
    script.ask("DELETE", f"suppressions/{made['id']}", status=204)
    script.get(f"suppressions/{made['id']}", 404)
    assert LogEntry.objects.count() == 2
