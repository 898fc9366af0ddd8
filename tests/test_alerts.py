"""Alerts ask for metrics that exist, by labels they have; docs/operate/ has all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PAGE = "".join(
    (ROOT / "docs" / "operate" / page).read_text()
    for page in ("metrics.md", "when-something-breaks.md")
)
[GROUP] = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
RULES: dict[str, dict[str, Any]] = {rule["alert"]: rule for rule in GROUP["rules"]}
MODULES = ("digest/watch/metrics.py", "config/request_counts.py")
NAMES = {
    name for path in MODULES for name in re.findall(r'"(offprint_\w+)"', (ROOT / path).read_text())
}
OF_A_HISTOGRAM = {"offprint_http_request_duration_seconds_bucket"}


def read_labels(name: str) -> set[str]:
    """The labels of a metric, as the page's table names them."""
    found = re.search(rf"`{name}\{{([\w,]+)\}}`", PAGE)
    return set(found[1].split(",")) if found else set()


@pytest.mark.parametrize("name", RULES)
def test_an_alert_asks_for_what_is_told(name: str) -> None:
    asked = set(re.findall(r"offprint_\w+", RULES[name]["expr"]))
    assert asked
    assert asked <= NAMES | OF_A_HISTOGRAM


@pytest.mark.parametrize("name", RULES)
def test_an_alert_uses_labels_that_are_there(name: str) -> None:
    rule = RULES[name]
    known = {"le"}.union(
        *(read_labels(one) for one in re.findall(r"offprint_\w+?(?=_bucket\b|\b)", rule["expr"]))
    )
    used = set(re.findall(r"\b(\w+)(?:=~|!=|=\")", rule["expr"]))
    used |= set(re.findall(r"by \((\w+)\)", rule["expr"]))
    used |= set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert used <= known


@pytest.mark.parametrize("name", RULES)
def test_an_alert_says_how_urgent_it_is_and_in_a_sentence_what_is_wrong(name: str) -> None:
    assert RULES[name]["labels"]["severity"] in ("page", "warn")
    assert RULES[name]["annotations"]["summary"].endswith(".")


def test_the_page_has_every_alert_and_every_metric_and_no_other() -> None:
    assert set(re.findall(r"`(Offprint\w+)`", PAGE)) == set(RULES)
    assert set(re.findall(r"`(offprint_\w+)", PAGE)) == NAMES
