"""In which charset a document is written, whatever it says."""

from __future__ import annotations

import pytest

from digest.ingest.sources.charset import convert_to_utf8

TITLES = {
    "gbk": "海鸥在平屋顶上筑巢的六年观察，以及它们养活的雏鸟数量的比较研究",
    "shift_jis": "平らな屋根に巣を作るカモメの六年間の観察とその雛の数の比較について",
    "cp1251": "Чайки, которые гнездятся на плоских крышах, выращивают больше птенцов",
    "euc-jp": "平らな屋根に巣を作るカモメの六年間の観察とその雛の数の比較について",
    "iso8859-2": "Pomalé želvy chytají teplé šálky ve tmě, žluťoučký kůň pak úpěl ďábelské ódy",
    "euc-kr": "평평한 지붕에 둥지를 트는 갈매기에 대한 육 년간의 관찰과 새끼 수의 비교",
    "koi8-r": "Чайки, которые гнездятся на плоских крышах, выращивают больше птенцов",
    "cp1252": "Möwen auf Dächern ziehen größere Küken auf als Möwen auf Böden",
}


def document(title: str, prolog: str = "") -> str:
    items = f"<item><title>{title}</title><description>{title}.</description></item>" * 3
    return f"{prolog}<rss><channel>{items}</channel></rss>"


@pytest.mark.parametrize("charset", TITLES)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1"])
def test_a_charset_that_is_missing_or_wrong_is_noticed(charset: str, declared: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = document(TITLES[charset], prolog).encode(charset)
    assert TITLES[charset] in convert_to_utf8(body).decode()


@pytest.mark.parametrize("charset", TITLES)
def test_a_charset_that_is_right_is_believed(charset: str) -> None:
    body = document(TITLES[charset]).encode(charset)
    assert TITLES[charset] in convert_to_utf8(body, f"text/xml; charset={charset}").decode()


def test_one_bad_byte_spoils_one_character() -> None:
    body = document("Møwen über Dächern, größere Küken, schöne Bögen").encode()
    spoilt = body.replace("ß".encode(), b"\xe4", 1)
    read = convert_to_utf8(spoilt).decode()
    assert "Møwen über Dächern, gröäere Küken" in read


def test_a_document_in_utf16_is_left_to_the_parser() -> None:
    body = document("Gulls").encode("utf-16")
    assert convert_to_utf8(body) == body
