"""What a stranger can make of a passkey's answers gets nobody in, and is answered in a sentence."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from fido2.utils import websafe_decode, websafe_encode

from config import passkeys
from config.sign_in import NOT_RECENT, RECENT_SECONDS
from subscribers.models import Passkey
from tests.authenticator import Authenticator
from tests.factories import NOW
from tests.second_step import SET_UP, STEP, add_passkey, begin, enter, sign_in, sign_in_elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
LATE = timedelta(seconds=RECENT_SECONDS + 1)
# CBOR that says it is longer, deeper, or of another kind than it is (RFC 8949).
ODD_CBOR = [
    b"", b"\xff", b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\xbb" + b"\x7f" + b"\xff" * 7,
    b"\x81" * 9_000, b"\xa1" * 9_000, b"\x9f" * 9_000, b"\xbf\x61a\x01", b"\xd9\xff\xff" * 3_000,
    b"\xf9\x7e\x00", b"\xfb\x7f\xf0" + b"\0" * 6, b"\xa1\xa0\x01", b"\xa1\x81\x01\x02",
    b"\x63\xff\xfe\xfd", b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x40",
    b"\xa3\x63fmt\x01\x67attStmt\x01\x68authData\x01", b"\xa2\x63fmt\x64none\x63fmt\x64none",
    b"\xa3\x63fmt\x66packed\x67attStmt\xa0\x68authData\x58\x25" + b"\0" * 37,
    b"\x1b" + b"\xff" * 8, b"\x3b" + b"\xff" * 8, b"\xc2\x59\x20\x00" + b"\xff" * 8_192,
]  # fmt: skip

ODD_VALUES: list[Any] = [
    None,
    1,
    -1e999,
    [],
    {},
    "",
    "=",
    "é",
    "\ud800",
    "\0",
    "A" * 9_000,
    [[]] * 9,
]


def change_bytes(answer: str, name: str, changed: bytes) -> str:
    said = json.loads(answer)
    said["response"][name] = websafe_encode(changed)
    return json.dumps(said)


def spoil(answer: str, chance: Random) -> Iterator[str]:
    """The answer with a bit, a length or a piece of each of its parts changed."""
    for name, text in json.loads(answer)["response"].items():
        whole = websafe_decode(text)
        at = chance.randrange(len(whole))
        flipped = bytes([whole[at] ^ 1 << chance.randrange(8)])
        yield change_bytes(answer, name, whole[:at] + flipped + whole[at + 1 :])
        yield change_bytes(answer, name, whole[:at])
        yield change_bytes(answer, name, whole[:at] + chance.randbytes(9) + whole[at:])
        yield change_bytes(answer, name, chance.randbytes(len(whole)))


def list_odd_json(answer: str) -> Iterator[str]:
    """The answer with members of other types, twice over, missing, or far too many."""
    said = json.loads(answer)
    for name in ("rawId", "response"):  # the others say nothing that is believed
        yield json.dumps({key: value for key, value in said.items() if key != name})
        for odd in ODD_VALUES:
            yield json.dumps(said | {name: odd})
    for name in said["response"]:
        for odd in ODD_VALUES:
            yield json.dumps(said | {"response": said["response"] | {name: odd}})
    yield answer.replace("{", "{" + '"a":' + "[" * 5_000, 1)
    yield answer[:-1] + ',"clientExtensionResults":{"appid":' + "9" * 5_000 + "}}"
    yield answer[:-1] + ',"clientExtensionResults":' + "[" * 15_000 + "}"


def test_no_spoilt_answer_signs_in(device: Authenticator) -> None:
    other, chance = sign_in_elsewhere(), Random(13)
    for n in range(6):
        question = other.post(f"{STEP}question/").json()
        for answer in spoil(device.sign_in(question), chance):
            session = other.session
            session["passkey_question"] = {
                "purpose": passkeys.SIGN_IN,
                "challenge": question["publicKey"]["challenge"],
                "asked_at": NOW.timestamp(),
            }
            session.save()
            said = other.post(STEP, {"answer": answer})
            assert (said.status_code, n) == (200, n)
            assert str(passkeys.WRONG) in said.content.decode()
    assert other.get("/admin/")["Location"].startswith(STEP)
    assert enter(other, device)["Location"] == "/admin/"


def test_odd_json_and_cbor_are_refused_in_a_sentence(client: Client, device: Authenticator) -> None:
    other = sign_in_elsewhere()

    def say(visitor: Client, page: str, make: Any) -> str:
        answer = visitor.post(page, {"answer": make(visitor.post(f"{page}question/").json())})
        assert answer.status_code == 200
        return str(answer.content.decode())

    for n in range(len([*list_odd_json(device.sign_in(_ask(other)))])):
        said = say(other, STEP, lambda question, n=n: [*list_odd_json(device.sign_in(question))][n])
        assert str(passkeys.WRONG) in said, n
    for odd in ODD_CBOR:
        for name, page, visitor in (
            ("authenticatorData", STEP, other),
            ("attestationObject", SET_UP, client),
        ):
            answer = device.sign_in if page == STEP else Authenticator().register
            said = say(
                visitor,
                page,
                lambda question, answer=answer, name=name, odd=odd: change_bytes(
                    answer(question), name, odd
                ),
            )
            assert str(passkeys.WRONG) in said, odd[:20]
    assert Passkey.objects.count() == 1
    assert other.get("/admin/").status_code == 302


def _ask(visitor: Client) -> Any:
    return visitor.post(f"{STEP}question/").json()


def test_a_spoilt_new_one_is_refused_or_at_least_no_fault_of_ours(
    client: Client, device: Authenticator
) -> None:
    chance = Random(31)
    for _ in range(6):
        fresh = Authenticator()
        for n in range(8):
            question = client.post(f"{SET_UP}question/").json()
            spoilt = list(spoil(fresh.register(question), chance))[n]
            assert client.post(SET_UP, {"answer": spoilt}).status_code in (200, 302)
            # A bit of what no signature covers makes another passkey, of whoever is signed in.
            others = Passkey.objects.exclude(credential_id=websafe_encode(device.credential_id))
            if others.delete()[0]:
                enter(client, device)
    assert enter(sign_in_elsewhere(), device)["Location"] == "/admin/"


def test_whoever_is_deactivated_or_deleted_in_between_is_nobody(
    ada: User, device: Authenticator
) -> None:
    other = sign_in_elsewhere()
    question = _ask(other)
    get_user_model().objects.filter(pk=ada.pk).update(is_active=False)
    gone = other.post(STEP, {"answer": device.sign_in(question)})
    assert gone["Location"].startswith("/admin/login/")
    assert other.post(f"{STEP}question/").status_code == 403
    get_user_model().objects.filter(pk=ada.pk).update(is_active=True)
    other = sign_in_elsewhere()
    question = _ask(other)
    ada.delete()
    gone = other.post(STEP, {"answer": device.sign_in(question)})
    assert gone["Location"].startswith("/admin/login/")
    assert not Passkey.objects.exists()


def test_anothers_passkey_and_one_of_somebody_who_was_deleted_are_none_of_ones_own(
    device: Authenticator,
) -> None:
    eve = get_user_model().objects.create_user("eve", password="x", is_staff=True)
    hers, foreign = Authenticator(), Client()
    foreign.force_login(eve)
    add_passkey(foreign, hers)
    for stranger in (hers, dataclasses.replace(hers, credential_id=device.credential_id)):
        said = enter(sign_in_elsewhere(), stranger).content.decode()
        assert str(passkeys.WRONG) in said
    eve.delete()
    assert str(passkeys.WRONG) in enter(sign_in_elsewhere(), hers).content.decode()


@pytest.mark.parametrize("back", [-1, -100, -(2**31)])
def test_a_counter_that_goes_back_is_a_copy(device: Authenticator, back: int) -> None:
    device.count = 2**31 + 5
    assert enter(sign_in_elsewhere(), device).status_code == 302
    device.count += back
    assert str(passkeys.COPIED) in enter(sign_in_elsewhere(), device).content.decode()
    device.count = -1 + 1  # it counts nothing any more
    assert str(passkeys.COPIED) in enter(sign_in_elsewhere(), device).content.decode()


@pytest.mark.parametrize(
    "fields", [{"end": "1"}, {"codes": "1"}, {"remove": "app"}, {"answer": "{}"}, {"code": "0"}]
)
def test_whoever_finds_a_desk_with_an_old_session_changes_no_way_to_sign_in(
    client: Client, device: Authenticator, fields: dict[str, str]
) -> None:
    with time_machine.travel(NOW + LATE, tick=False):
        asked = client.post(f"{SET_UP}question/")
        assert (asked.status_code, asked.json()["said"]) == (403, str(NOT_RECENT))
        assert str(NOT_RECENT) in client.get(SET_UP).content.decode()
        said = client.post(SET_UP, fields | {"name": "Eve's"})
        assert (said.status_code, str(NOT_RECENT) in said.content.decode()) == (200, True)
        assert [str(one) for one in Passkey.objects.all()] == ["Laptop"]
        again = client.post(SET_UP, {"again": "1"})
        assert again["Location"] == f"/admin/login/?next={SET_UP}"
        assert client.get("/admin/").status_code == 302
        sign_in(client)
        enter(client, device)
        assert add_passkey(client, Authenticator(), "Key")["Location"] == SET_UP


@pytest.mark.parametrize(("earlier", "status"), [(30, 200), (90, 403), (86_400, 403)])
def test_a_clock_that_was_set_back_makes_no_session_recent(
    client: Client, ada: User, earlier: int, status: int
) -> None:
    with time_machine.travel(NOW, tick=False):
        client.force_login(ada)
    with time_machine.travel(NOW - timedelta(seconds=earlier), tick=False):
        assert client.post(f"{SET_UP}question/").status_code == status


def test_a_session_of_before_has_to_sign_in_again_once(client: Client, ada: User) -> None:
    client.force_login(ada)
    session = client.session
    del session["signed_in_at"]
    session.save()
    assert client.post(f"{SET_UP}question/").status_code == 403
    client.post(SET_UP, {"again": "1"})
    sign_in(client)
    assert len(begin(client)) == 10
