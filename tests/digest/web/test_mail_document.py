"""A mail in a browser looks as it was set, under a policy that lets nothing inline through."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from digest.web.mail_document import make_mail_response
from tests.digest.suggest.test_views import shelve


def shown(html: str) -> tuple[str, list[str]]:
    """The document, and what its policy lets style it."""
    answer = make_mail_response(html)
    policy = answer["Content-Security-Policy"]
    return answer.content.decode(), policy.rpartition("style-src ")[2].split()


def hashes(document: str) -> list[str]:
    document = re.sub(r"<!--.*?-->", "", document, flags=re.DOTALL)
    sheets = re.findall(r"<style[^>]*>(.*?)</style>", document, re.DOTALL)
    return [f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in sheets]


def test_styles_of_tags_become_one_sheet_whose_hash_the_policy_names() -> None:
    html = (
        "<html><head><style>p { margin: 0 }</style></head><body style='color:red'>"
        '<p class="a b" style="color:red" id="x">One</p><br style="font:Georgia, &quot;X&quot;" />'
    )
    document, allowed = shown(html)
    assert '<body class="s0">' in document
    assert '<p class="a b s0" id="x">One</p><br class="s1" />' in document
    assert '.s0:not(#_) {color:red}\n.s1:not(#_) {font:Georgia, "X"}</style></head>' in document
    assert allowed == hashes(document)
    assert len(allowed) == 2


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<!--[if mso]><td style="width:600px"><![endif]-->', "as it is"),
        ('<p title="a style=\'b\'">style="color:red"</p>', "as it is"),
        ('<p style="a}body{display:none">x</p>', "<p>x</p>"),
        ('<p style="a:&quot;</style>&quot;">x</p>', "<p>x</p>"),
        ('<p style="">x</p>', "<p>x</p>"),
    ],
)
def test_what_is_no_style_of_a_tag_makes_no_rule(html: str, kept: str) -> None:
    document, allowed = shown(html)
    assert document == (html if kept == "as it is" else kept)
    assert allowed == ["'none'"]


def test_lines_may_end_as_they_do_in_mails() -> None:
    document, allowed = shown("<style>p {\r\n}</style>\r\n<p style='x:y'>z")
    assert allowed == hashes(document)[::-1] or allowed == hashes(document)
    assert "\r" not in document


@pytest.mark.django_db
def test_the_preview_of_a_digest_needs_nothing_unsafe(client: Client) -> None:
    shelve("Robot grasping")
    answer: Any = client.get("/preview/mail/?t=robot+grasping")
    policy, document = answer["Content-Security-Policy"], answer.content.decode()
    assert "unsafe" not in policy
    assert all(name in policy for name in hashes(document))
    assert " style=" not in re.sub(r"<!--.*?-->", "", document, flags=re.DOTALL)
    assert str(timezone.now().year) in document
