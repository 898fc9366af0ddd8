"""scripts/compare_checkouts.py leaves out what two runs say differently, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from comparable import (
    describe_html,
    describe_mail,
    describe_page,
    list_page_words,
    name_lots,
    read_body,
)
from web_page import FormReader, read_links

KEY = "0b0a7a8e-5d2c-4f3e-9a51-1f7c3f1f2a3b"


def page(body: str, kind: str = "text/html; charset=utf-8", **more: Any) -> dict[str, Any]:
    headers = [("Content-Type", kind), *more.pop("headers", [])]
    return {"path": "/", "status": 200, "headers": headers, "body": body} | more


def mail(html: str, boundary: str = "===============7107882039069070767==") -> str:
    return f"""Content-Type: multipart/alternative;
 boundary="{boundary}"
MIME-Version: 1.0
Subject: =?utf-8?q?RAG_5_=C2=B7_agents?=
To: agents@example.org
Date: Mon, 20 Apr 2026 12:00:00 -0000
List-Unsubscribe: <http://localhost:8000/unsubscribe/3.RRuL/>

--{boundary}
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Read  in the browser
--{boundary}
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: 8bit

{html}
--{boundary}--
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<td><p>Five papers</p></td>", "<td>\n  <p>\n    Five\n papers </p>\n</td>"),
        ('<a  href="/x"\n   id="y" >x</a>', '<a href="/x" id="y">x</a>'),
        (
            "<!--[if mso]><table><tr><td><![endif]-->",
            "<!--[if mso]>\n<table>\n<tr><td> <![endif]-->",
        ),
        ("<style>a{b:c;d:e}</style>", "<style>\n  a {\n    b:c;\n    d:e\n  }\n</style>"),
        ('<p style="a:b; c:d">x</p>', '<p style="a:b;\n   c:d">x</p>'),
        ('<p class="sheet wide">x</p>', '<p class="wide  sheet">x</p>'),
    ],
)
def test_white_space_that_nobody_sees_makes_no_difference(one: str, other: str) -> None:
    assert describe_html(one) == describe_html(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>Five papers</p>", "<p>Five paper</p>"),
        ("<b>a</b> <b>b</b>", "<b>a</b><b>b</b>"),
        ("<p>a <a>b</a></p>", "<p>a<a>b</a></p>"),
        ("<p>a\u00a0b</p>", "<p>a b</p>"),
        ("<td>a</td><td></td>", "<td>a</td>"),
        ('<a href="/x">a</a>', '<a href="/y">a</a>'),
        ('<a title="a  b">a</a>', '<a title="a b">a</a>'),
        ('<p class="a b">x</p>', '<p class="a">x</p>'),
        ('<p style="a:b;c:d">x</p>', '<p style="c:d;a:b">x</p>'),
        ("<style>a :hover{b:c}</style>", "<style>a:hover{b:c}</style>"),
        ("<pre>a\n b</pre>", "<pre>a b</pre>"),
        ("<textarea>a\nb</textarea>", "<textarea>a b</textarea>"),
        ("<script>a\nb</script>", "<script>a b</script>"),
        ("<!--[if mso]><td><![endif]-->", "<!--[if !mso]><td><![endif]-->"),
        ("<p>x</p>", "<p>x"),
        ("a &lt; b", "a < b"),
    ],
)
def test_everything_else_in_html_makes_a_difference(one: str, other: str) -> None:
    assert describe_html(one) != describe_html(other)


def test_mails_differ_by_their_words_and_headers_but_not_by_lots() -> None:
    one = name_lots("\n".join(describe_mail(mail("<p>a</p>"))), {})
    other_boundary = "===============1234567890123456789=="
    assert name_lots("\n".join(describe_mail(mail("<p>a</p>", other_boundary))), {}) == one
    assert "Subject: RAG 5 · agents" in one
    assert "<http://localhost:8000/unsubscribe/3.RRuL/>" in one
    for before, after in [
        ("<p>a", "<p>b"),
        ("12:00:00", "12:00:01"),
        ("3.RRuL", "3.RRuM"),
        ("Read  in", "Read in"),
        ("Encoding: 8bit", "Encoding: 7bit"),
    ]:
        changed = mail("<p>a</p>").replace(before, after)
        assert name_lots("\n".join(describe_mail(changed)), {}) != one


def test_the_html_of_a_mail_is_weighed_by_its_own_bytes() -> None:
    assert read_body(mail("<p>β</p>"), "html") == "<p>β</p>"
    assert read_body("To: a@example.org\n\nPlain.\n", "html") == ""


def test_what_is_drawn_by_lot_is_named_for_what_it_stands_for() -> None:
    names = {KEY: "mail-of-2026-04-20-agents@example.org", "/tmp/run-1": "RUN-FOLDER"}
    said = f"/outbox/{KEY}.eml in /tmp/run-1, <1776427200.5170.17388@localhost>, {KEY[::-1]}"
    assert name_lots(said, names) == (
        "/outbox/mail-of-2026-04-20-agents@example.org.eml in RUN-FOLDER, "
        f"<MESSAGE-ID>, {KEY[::-1]}"
    )
    assert name_lots(f"<X object at 0x7f16>{KEY}", {}) == "<X object at 0xPLACE>UUID"
    assert (
        name_lots("outbox 8cbfa17e, postmark 8cbfa17e", {}) == "outbox ACCOUNT, postmark 8cbfa17e"
    )


def test_pages_differ_by_status_headers_and_tokens_of_ours() -> None:
    form = '<form><input type="hidden" name="csrfmiddlewaretoken" value="{}"></form>'
    assert describe_page(page(form.format("aB1"))) == describe_page(page(form.format("cD2")))
    sent_at = '{"sent_at": "2026-04-17T12:00:0SECOND.399Z"}'
    exports = [page(sent_at.replace("SECOND", n), "application/json") for n in "01"]
    assert describe_page(exports[0]) == describe_page(exports[1])
    stamp = '<input name="shown_at" value="1776405770000000-{}.{}">'
    stamped = (
        stamp.format("07" * 6, "gC_-V" * 8 + "x-0"),
        stamp.format("f7" * 6, "A3siP" * 8 + "yY_"),
    )
    assert describe_page(page(stamped[0])) == describe_page(page(stamped[1]))
    link = '<a href="/preferences/{}/">x</a>'
    assert describe_page(page(link.format("1.a"))) != describe_page(page(link.format("1.b")))
    policies = [[("Content-Security-Policy", said)] for said in ("a 'b'; c 'd'", "c 'd'; a 'b'")]
    one, other = (describe_page(page("", headers=policy)) for policy in policies)
    assert one == other
    assert one != describe_page(page("", headers=[("Content-Security-Policy", "a 'b'; c 'e'")]))
    assert describe_page(page("")) != describe_page(page("", status=404))
    assert describe_page(page("")) != describe_page(page("", headers=[("Location", "/")]))


def test_by_words_a_page_is_what_is_read_and_followed_on_it() -> None:
    one = list_page_words(page('<p class="a">Five <b>new</b> papers</p><a href="/x/">all</a>'))
    other = list_page_words(
        page(
            '<p>\n Five <i>new</i>\n papers</p> <a id="b" href="/x/">all</a>', headers=[("A", "b")]
        )
    )
    assert one == other == ["status: 200", "Five", "new", "papers", "all", '"/x/"']
    for changed in ("Six", "Five <b>new</b> papers", '<a href="/y/">all</a>'):
        assert list_page_words(page(changed)) != list_page_words(page("Five"))
    assert list_page_words(page("Five", status=404)) != list_page_words(page("Five"))


def test_a_length_and_an_etag_count_where_every_byte_does() -> None:
    etags = [[("ETag", said), ("Content-Length", said)] for said in ("1", "2")]
    for kind, is_equal in (("text/html", True), ("text/css", False), ("application/json", False)):
        one, other = (describe_page(page("{}", kind, headers=etag)) for etag in etags)
        assert (one == other) is is_equal
    one, other = (
        describe_page(page("a", "text/css", headers=etag[:1], path="/static/a.css"))
        for etag in etags
    )
    assert one == other


def test_json_and_xml_are_read_by_their_values() -> None:
    json, xml = "application/json", "application/atom+xml"
    assert describe_page(page('{"a": [1]}', json)) == describe_page(page('{"a":[1]}', json))
    assert describe_page(page('{"a":1,"b":2}', json)) != describe_page(page('{"b":2,"a":1}', json))
    assert describe_page(page("<a>\n <b>x</b></a>", xml)) == describe_page(
        page("<a><b>x</b></a>", xml)
    )
    assert describe_page(page("<b> x</b>", xml)) != describe_page(page("<b>x</b>", xml))
    assert describe_page(page("no JSON", json)) != describe_page(page("no json", json))


def test_a_page_is_read_as_a_visitor_fills_it_in() -> None:
    assert read_links('<a href="/x?a=1&amp;b=2">x</a><img src="/y"><a href="/y">') == [
        "/x?a=1&b=2",
        "/y",
    ]
    read = FormReader(
        '<form method="post" action="/go/"><input name="a" value="1">'
        '<input type="checkbox" name="b" value="2"><input type="checkbox" name="c" checked>'
        "<textarea name=d>\ntwo\nlines</textarea><select name=e><option value=1><option value=2"
        ' selected></select><button type="submit" name="f" value="g">Save <i>it</i></button></form>'
    )
    found = read.find_button("Save it")
    assert found is not None
    form, button = found
    assert (form.action, form.method, button.name, button.value) == ("/go/", "post", "f", "g")
    assert form.fields == {"a": ["1"], "c": ["on"], "d": ["two\nlines"], "e": ["2"]}
    assert read.find_button("Delete") is None
