"""A key can be changed in the middle of a day, and every link that was sent still works."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from config import environment
from subscribers import tokens
from subscribers.models import Subscriber
from tests.factories import make_subscriber

OLD = "the key of before under which mails were sent this morning"


def rotate() -> str:
    said = StringIO()
    call_command("rotate_key", stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = tmp_path, OLD, []
    monkeypatch.delenv("SECRET_KEY", raising=False)


@pytest.mark.django_db
def test_after_a_rotation_a_mail_of_before_still_unsubscribes(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", OLD)
    subscriber = make_subscriber()
    link = f"/unsubscribe/{tokens.sign(tokens.UNSUBSCRIBE, subscriber.pk)}/"
    said = dict(re.findall(r"^(\w+_KEY\w*)=(.*)$", rotate(), re.MULTILINE))
    settings.SECRET_KEY = said["SECRET_KEY"]
    settings.SECRET_KEY_FALLBACKS = said["SECRET_KEY_FALLBACKS"].split(",")
    assert settings.SECRET_KEY_FALLBACKS == [OLD]
    assert said["MAILBOX_KEY"] == settings.MAILBOX_KEY  # never another
    assert not environment.is_weak_key(settings.SECRET_KEY)
    assert tokens.sign(tokens.UNSUBSCRIBE, subscriber.pk) not in link  # new mails: the new key
    assert client.post(link).status_code == 200
    assert Subscriber.objects.get().status == Subscriber.Status.UNSUBSCRIBED
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read(tokens.UNSUBSCRIBE, link.split("/")[2]) is None


def test_a_key_that_is_kept_in_a_file_is_replaced_there_and_the_earlier_one_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secret_key"
    path.write_text(OLD)
    assert "Start every process anew" in rotate()
    new, before = environment.read_secrets(path)
    assert before == OLD
    assert new != OLD
    assert path.stat().st_mode & 0o777 == 0o600
    assert environment.secret_key("SECRET_KEY", path, is_local=True) == new
    assert environment.secret_key_fallbacks("SECRET_KEY_FALLBACKS", path) == [OLD]
