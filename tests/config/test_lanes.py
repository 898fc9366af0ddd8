"""No kind of page takes the threads of another, and /healthz always has one."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from config import lanes
from config.lanes import LANES, Lane, find_lane
from digest.management.embedded import WEB_THREADS

GUNICORN = Path(__file__).parents[2] / "gunicorn.conf.py"


def test_a_lane_that_is_full_says_so_at_once_and_has_room_again_when_somebody_leaves() -> None:
    lane = Lane("test", at_once=1, waiting=0)
    with lane.enter() as is_first, lane.enter() as is_second:
        assert (is_first, is_second) == (True, False)
    with lane.enter() as is_free:
        assert is_free


def test_whoever_waits_too_long_in_a_lane_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "PATIENCE_SECONDS", 0.01)
    lane = Lane("test", at_once=1, waiting=1)
    with lane.enter(), lane.enter() as is_second, lane.enter() as is_third:
        assert (is_second, is_third) == (False, False)
    with lane.enter() as is_free:
        assert is_free


def test_every_server_has_a_thread_more_than_all_lanes_hold() -> None:
    most = sum(lane.most for lane in LANES)
    assert runpy.run_path(str(GUNICORN))["threads"] > most
    assert most < WEB_THREADS


def test_signing_up_leaving_and_signing_in_share_no_lane_with_pages() -> None:
    own = ["/subscribe/", "/unsubscribe/1.a/", "/preferences/1.a/", "/admin/login/", "/anymail/x/"]
    pages = {find_lane(path) for path in ("/", "/papers/2026-04-22/", "/search", "/preview/mail/")}
    assert not pages & {find_lane(path) for path in own}
    assert find_lane("/preferences/") is find_lane("/subscribe/")  # who lost their link has none
    assert find_lane("/anymail/x/") is not find_lane("/unsubscribe/1.a/")
    assert find_lane("/healthz") is find_lane("/readyz") is None
