"""An edition is held and released by a script as by the admin's buttons."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from digest.models import DailyFigure, Delivery
from digest.watch import edition_counts
from digest.watch.daily_figures import update_figures
from tests.digest.flight.editions import make_flight
from tests.digest.web.api.manage.asking import fits, make_script
from tests.factories import NOW, make_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = f"{NOW.date()}"


def test_an_edition_is_held_with_a_reason_and_released() -> None:
    script = make_script()
    delivery = make_delivery()
    make_flight(delivery.edition, state="flying")
    fits(script.get("editions"), "Editions")
    assert script.post(f"editions/{DAY}/hold", {}, 422)["errors"]["reason"]
    held = script.post(f"editions/{DAY}/hold", {"reason": "A wrong link."})
    fits(held, "WholeEdition")
    assert (held["state"], held["reason"]) == ("held", "noether held it: A wrong link.")
    assert held["deliveries"]["planned"] == 1
    assert "it is held" in script.post(f"editions/{DAY}/follow", status=409)["detail"]
    assert script.post(f"editions/{DAY}/release")["state"] == "flying"
    said = [
        one.partition(",")[0] for one in LogEntry.objects.values_list("change_message", flat=True)
    ]
    assert sorted(said) == [f"The edition of {DAY} goes on", f"The edition of {DAY} is held"]


def test_an_edition_that_is_not_there_or_went_nowhere_says_so() -> None:
    script = make_script()
    script.get("editions/2026-13-01", 404)
    script.get("editions/2026-04-01", 404)
    make_delivery()
    assert "folder" in script.post(f"editions/{DAY}/hold", {"reason": "x"}, 409)["detail"]
    assert script.get(f"editions/{DAY}")["state"] is None


def test_of_very_many_deliveries_it_says_what_was_counted_last_and_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = make_script()
    delivery = make_delivery()
    update_figures(timezone.now())
    Delivery.objects.filter(pk=delivery.pk).update(status="failed")
    monkeypatch.setattr(edition_counts, "MOST_COUNTED", 0)
    told = script.get(f"editions/{DAY}")
    assert (told["deliveries"]["planned"], told["deliveries"]["failed"]) == (1, 0)
    at = timezone.now() - edition_counts.COUNTED_LATELY
    DailyFigure.objects.filter(name="counted").update(value=at.timestamp())
    told = script.get(f"editions/{DAY}")
    fits(told, "WholeEdition")
    assert (told["deliveries"]["planned"], told["deliveries"]["failed"]) == (0, 1)
