"""The marks outside the database: they only go up, and one place tells when the other is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings as django_settings

from digest.high_water import marks
from digest.high_water.marks import Marks, find_file, find_strangers, raise_marks, read_marks
from tests.factories import NOW

OURS, ANOTHER = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.HIGH_WATER_DIR = tmp_path / "high_water"
    return tmp_path


@pytest.fixture
def without_redis(settings: Any) -> None:
    settings.REDIS_URL = ""


@pytest.mark.usefixtures("without_redis")
class TestTheFile:
    def test_it_only_goes_up_and_each_slot_by_itself(self) -> None:
        raise_marks(OURS, Marks({1: 5, 2: 7}, NOW))
        raise_marks(OURS, Marks({1: 4, 2: 8, 3: 1}, None))
        assert read_marks(OURS) == Marks({1: 5, 2: 8, 3: 1}, NOW)
        assert read_marks(ANOTHER) == Marks()

    def test_it_names_other_databases_that_have_marks_here(self) -> None:
        raise_marks(OURS, Marks({1: 1}, NOW))
        assert find_strangers(OURS) == []
        assert find_strangers(ANOTHER) == [str(OURS)]

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"numbers": {"x": 1}, "noted_at": null}'])
    def test_one_that_cannot_be_read_says_so_and_is_made_anew(
        self, text: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        raise_marks(OURS, Marks({1: 5}, NOW))
        find_file(OURS).write_text(text)
        assert read_marks(OURS) == Marks()
        assert "cannot be read" in caplog.text
        raise_marks(OURS, Marks({2: 6}, NOW))
        assert read_marks(OURS) == Marks({2: 6}, NOW)

    def test_a_folder_that_cannot_be_written_to_is_said_and_stops_nothing(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (folder / "high_water").write_text("a file where the folder should be")
        raise_marks(OURS, Marks({1: 5}, NOW))
        assert "cannot be written" in caplog.text
        assert read_marks(OURS) == Marks()


@pytest.mark.services
class TestRedis:
    def test_it_tells_where_the_file_is_lost_and_the_file_where_it_is(self) -> None:
        raise_marks(OURS, Marks({1: 5, 2: 7}, NOW))
        raise_marks(OURS, Marks({1: 4}, None))
        find_file(OURS).unlink()
        assert read_marks(OURS) == Marks({1: 5, 2: 7}, NOW)
        assert find_strangers(ANOTHER) == [str(OURS)]
        raise_marks(OURS, Marks({3: 1}, None))
        marks._open_redis().flushdb()
        assert read_marks(OURS).numbers == {3: 1}

    def test_it_never_runs_out(self) -> None:
        raise_marks(OURS, Marks({1: 5}, NOW))
        client: Any = redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
        assert [client.ttl(key) for key in client.keys("offprint.high_water*")] == [-1, -1]


def test_a_redis_that_is_away_is_said_and_stops_nothing(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    raise_marks(OURS, Marks({1: 5}, NOW))
    assert "could not be noted in Redis" in caplog.text
    assert read_marks(OURS) == Marks({1: 5}, NOW)
    assert find_strangers(OURS) == []
